"""gradproof flow: what it measures is so, what it calls dead does not move, and its advice helps."""

import math
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checks.cli import main
from checks.proof.flow import chart, explain, explosion, picture
from checks.proof.flow.law import NAMES, Law
from checks.proof.flow.measure import PRECISIONS, UNIT_ROUNDOFF, measure
from checks.proof.flow.study import Specimen, plan
from checks.strategies import networks, samples
from dnn import ACTIVATIONS, Architecture, Gradients, Network, gradient_flow
from tests.effort import one_in

NARROW = 16


def flow_of(activation, law, depth=20, width=NARROW, **options):
    study = plan([depth], [activation], [law], width=width, networks=0, **options)
    return study.tried(study.specimens[0])


# The laws


@given(st.sampled_from(sorted(NAMES)), st.floats(1e-3, 1e3), st.integers(1, 5), st.integers(1, 5))
def test_a_law_multiplies_by_its_scale(name, scale, rows, columns):
    architecture = Architecture((columns, rows, 3), "tanh", "half_mse")
    plain, scaled = (Law(name, s).draw(architecture, 7) for s in (1.0, scale))
    for l in architecture.layers:
        np.testing.assert_allclose(scaled.W[l], scale * plain.W[l], rtol=4 * np.finfo(float).eps)
        assert not plain.b[l].any()


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 2**32))
def test_orthogonal_weights_stretch_alike(rows, columns, seed):
    W = Law("orthogonal", 1.5).draw(Architecture((columns, rows), "tanh", "half_mse"), seed).W[2]
    np.testing.assert_allclose(np.linalg.svd(W)[1], 1.5, rtol=100 * np.finfo(float).eps)


@pytest.mark.parametrize(
    ("name", "variance"), [("glorot", 2 / 700), ("he", 2 / 400), ("lecun", 1 / 400), ("normal", 1.0)]
)
def test_the_other_laws_have_their_variance(name, variance):
    W = Law(name).draw(Architecture((400, 300), "tanh", "half_mse"), 0).W[2]
    # 120,000 entries: the sample variance of a normal law is off by sqrt(2/n) of itself; five times that.
    assert abs(W.var() / variance - 1) < 5 * (2 / W.size) ** 0.5


@pytest.mark.parametrize(
    ("text", "law"),
    [("he", Law("he")), ("0.5", Law("normal", 0.5)), ("1.1*orthogonal", Law("orthogonal", 1.1))],
)
def test_a_law_is_known_by_what_is_typed(text, law):
    assert Law.named(text) == law
    assert Law.named(str(law)) == law


@pytest.mark.parametrize("text", ["", "hee", "0", "-1", "nan*he", "inf", "2*", "*he*", "0x1", "2**he"])
def test_and_nothing_else_is_a_law(text):
    with pytest.raises(ValueError, match="init must be NAME"):
        Law.named(text)


# What is measured


@given(networks(min_depth=3), st.data())
def test_the_measure_is_the_networks_own(network, data):
    x, y = data.draw(samples(network.architecture))
    flow = measure(network, x, y, learning_rate=0.1)
    rows = gradient_flow(network, x, y)
    assert [(layer.number, layer.delta, layer.bound) for layer in flow.layers] == [
        (row.layer, row.delta, row.bound) for row in rows
    ]
    assert not flow.beyond_the_bound
    assert flow.loss == network.loss(x, y)
    for passage, layer, above in zip(flow.passages, flow.layers, flow.layers[1:], strict=False):
        assert passage.slope <= passage.largest_slope * (1 + 1e-12)
        assert passage.stretch <= passage.largest_stretch * (1 + 1e-12)
        product = above.delta * passage.stretch * passage.slope
        np.testing.assert_allclose(product, layer.delta, rtol=1e-12, atol=1e-300)


class Amplified(Network):
    """Its delta^3 is a thousand times too long."""

    def backward(self, trace, y):
        delta, dW, db = super().backward(trace, y)
        return Gradients({**delta, 3: 1000 * delta[3]}, dW, db)


def test_a_delta_beyond_its_bound_is_noticed():
    study = plan([6], ["tanh"], ["shipped"], width=NARROW)
    sound = study.specimens[0].law.draw(study.specimens[0].architecture, 0)
    broken = Amplified(sound.architecture, sound.W, sound.b)
    assert [
        layer.number for layer in measure(broken, *study.samples, learning_rate=1.0).beyond_the_bound
    ] == [3]


@given(st.sampled_from(sorted(ACTIVATIONS)), st.floats(1e-4, 1.0), st.integers(0, 2**32))
@example("sigmoid", 0.1, 0)
def test_where_it_is_dead_an_update_is_lost_in_the_rounding(activation, scale, seed):
    flow = flow_of(activation, f"{scale}*glorot", depth=8, seed=seed)
    for name in PRECISIONS:
        dead = flow.dead(name)
        assert [layer.number for layer in dead] == sorted((layer.number for layer in dead), reverse=True)
        for layer in flow.layers:
            assert (layer in dead) == (layer.step <= UNIT_ROUNDOFF[name])
            if layer in dead:
                assert layer.kept[name] > 0.25
            if layer.step > 2:
                assert layer.kept[name] < 0.5


def test_the_entries_an_update_keeps_are_counted_in_that_precision():
    architecture = Architecture((1, 1, 1), "identity", "half_mse")
    one = {l: np.ones((1, 1)) for l in architecture.layers}
    network = Network(architecture, one, {l: np.zeros((1, 1)) for l in architecture.layers})
    # delta^3 = delta^2 = -y and dW^2 = dW^3 = -y: the weights become 1 + alpha y.
    for y, kept in (
        (2.0**-26, {"float32": 1.0, "float64": 0.0}),
        (2.0**-54, {"float32": 1.0, "float64": 1.0}),
    ):
        flow = measure(network, np.ones((1, 1)), np.full((1, 1), 1 + y), learning_rate=1.0)
        assert flow.layers[0].kept == (kept if y == 2.0**-26 else {"float32": 1.0, "float64": 1.0})


# What is seen


@pytest.mark.parametrize(
    ("activation", "law", "depth", "what"),
    [
        ("sigmoid", "shipped", 40, "dies"),
        ("tanh", "shipped", 20, "arrives"),
        ("tanh", "normal", 60, "explodes"),
        ("identity", "1.1*orthogonal", 100, "explodes"),
        ("relu", "1e4*normal", 100, "explodes"),  # past the largest float
        ("sigmoid", "1e-5", 100, "dies"),  # below the smallest
    ],
)
def test_what_becomes_of_it(activation, law, depth, what):
    flow = flow_of(activation, law, depth)
    assert explain.outcome(flow).startswith(what)
    assert f"The gradient {what}" in explain.seen(flow)
    assert "nan" not in explain.seen(flow) + explain.why(flow)
    place = {"dies": flow.dead("float32"), "explodes": flow.exploding}.get(what)
    if place:
        assert f"layer {place[0].number}" in explain.seen(flow)


@pytest.mark.parametrize("activation", one_in(2, sorted(ACTIVATIONS)))
@pytest.mark.parametrize("law", ["0.1*glorot", "normal"])
@pytest.mark.parametrize("depth", [60])
def test_the_advice_helps_when_it_is_followed(activation, law, depth):
    specimen = Specimen(depth, activation, Law.named(law), NARROW)
    study = plan([depth], [activation], [law], width=NARROW)
    remedies = explain.remedies(specimen, study.tried(specimen))
    assert bool(remedies) == (explain.outcome(study.tried(specimen)) != "arrives")
    if remedies:
        assert "arrives" in {explain.outcome(study.tried(other)) for other in remedies}
        assert "vanishing-gradient" in explain.advice(specimen, remedies[0])


def test_a_gradient_that_must_vanish_is_told_from_one_that_does():
    assert "has to vanish" in explain.why(flow_of("sigmoid", "shipped"))
    assert "has to vanish" not in explain.why(flow_of("tanh", "shipped"))


# How often it explodes


@given(st.integers(1, 100), st.data())
def test_the_interval_is_clopper_and_pearsons(of, data):
    hits = data.draw(st.integers(0, of))
    low, high = explosion.clopper_pearson(hits, of)
    assert 0 <= low <= hits / of <= high <= 1
    if hits == 0:  # (1 - high)^n = 2.5 %
        assert math.isclose(high, 1 - 0.025 ** (1 / of), rel_tol=1e-9)
    mirrored = explosion.clopper_pearson(of - hits, of)
    np.testing.assert_allclose((1 - high, 1 - low), mirrored, rtol=1e-6, atol=1e-12)


def test_the_interval_of_a_textbook():
    np.testing.assert_allclose(explosion.clopper_pearson(3, 10), (0.0667395, 0.6524529), atol=1e-7)


@pytest.mark.parametrize(("law", "depth", "every"), [("shipped", 20, 0), ("normal", 60, 12)])
def test_explosions_are_rare_for_some_laws_and_certain_for_others(law, depth, every):
    study = plan([depth], ["tanh"], [law], networks=12)
    (found,) = study.look()
    assert found.explosions == explosion.Explosions(every, 12)
    assert f"{every} of 12" in str(found.explosions)


def test_an_explosion_is_the_same_in_the_count_and_in_the_measure():
    study = plan([11], ["tanh"], ["normal"])
    specimen, (x, y) = study.specimens[0], study.samples
    seen = set()
    for seed in range(20):
        network = specimen.law.draw(specimen.architecture, seed)
        exploding = bool(measure(network, x, y, learning_rate=0.1).exploding)
        assert exploding == explosion.explodes(network, x, y, 0.1)
        seen.add(exploding)
    assert seen == {True, False}


# Over training


def test_training_is_looked_at_before_and_after():
    study = plan([4], ["tanh"], ["shipped"], width=8, data="digits", epochs=1, networks=0)
    (found,) = study.look()
    assert found.trained.loss < found.flow.loss
    assert "After 1 epochs" in explain.trained(found.flow, found.trained, 1)


def test_training_that_diverges_is_a_finding():
    study = plan([6], ["relu"], ["normal"], data="digits", epochs=1, learning_rate=10.0, networks=0)
    (found,) = study.look()
    assert found.trained is None
    assert "diverged in epoch 1" in found.diverged
    assert any("diverged in epoch 1" in line.plain for line in chart.finding(found, study, 100))


# The chart


@given(
    st.sampled_from(["sigmoid", "tanh", "relu"]),
    st.sampled_from(["shipped", "normal", "0.01"]),
    st.integers(3, 24),
    st.integers(60, 160),
)
@example("relu", "1e4*normal", 100, 80)
@example("sigmoid", "1e-5", 100, 80)
def test_the_chart_fits_and_its_bars_grow_with_delta(activation, law, depth, width):
    study = plan([depth], [activation], [law], width=4, networks=0)
    (found,) = study.look()
    lines = [line.plain for line in chart.finding(found, study, width)]
    rows = [line for line in lines if line[:5].strip().isdecimal()]
    assert all(len(line) <= width for line in rows)
    assert {int(rows[0][:5]), int(rows[-1][:5])} == {depth, 2}
    bars = {int(row[:5]): sum(row.count(block) for block in "█") for row in rows}
    by_delta = sorted(
        (layer.delta, bars[layer.number]) for layer in found.flow.layers if layer.number in bars
    )
    assert [bar for _, bar in by_delta] == sorted(bar for _, bar in by_delta)
    for name in PRECISIONS:
        for layer in found.flow.dead(name)[:1]:
            assert layer.number in bars


# The command


def one_line(capsys):
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("gradproof: ")
    return captured.err


def test_flow_shows_what_it_found(capsys):
    asked = ["flow", "--depths", "6", "30", "--activation", "sigmoid", "--width", "8", "--networks", "3"]
    assert main(asked) == 0
    out = " ".join(capsys.readouterr().out.split())
    for said in (
        "The gradient dies at layer",
        "(vanishing-gradient)",
        "0 of 3",
        "What would help",
        "Tried, tanh",
    ):
        assert said in out
    assert "\x1b" not in out


def test_a_bound_that_does_not_hold_is_exit_1(monkeypatch, capsys):
    sound = Network.backward

    def backward(self, trace, y):
        delta, dW, db = sound(self, trace, y)
        return Gradients({**delta, 3: 1000 * delta[3]}, dW, db)

    monkeypatch.setattr(Network, "backward", backward)
    assert main(["flow", "--depths", "5", "--activation", "tanh", "--width", "8", "--networks", "0"]) == 1
    assert "||delta^3||" in one_line(capsys)


MISTAKES = {
    "depths must be at least 3": ["--depths", "2"],
    "activation must be one of identity": ["--activation", "swish"],
    "init must be NAME": ["--init", "good"],
    "epochs needs --data digits": ["--epochs", "3"],
    "width must be at least 1": ["--width", "0"],
    "networks must be at least 0": ["--networks", "-1"],
    "learning-rate must be positive": ["--learning-rate", "nan"],
    "invalid int value": ["--depths", "deep"],
    "do not fit into memory": ["--width", "99999999", "--networks", "0"],
}


@pytest.mark.parametrize("message", MISTAKES)
def test_a_users_mistake_is_one_line_and_exit_2(message, capsys):
    assert main(["flow", *MISTAKES[message]]) == 2
    assert message in one_line(capsys)


def test_a_picture_needs_the_extra_and_says_so_before_any_work(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    path = tmp_path / "flow.png"
    assert main(["flow", "--png", str(path)]) == 2
    assert "gradproof[plot]" in one_line(capsys)
    assert not path.exists()


class Recorder:
    """Stands where matplotlib's Figure stands, and remembers what is drawn."""

    def __init__(self, **_):
        self.axes, self.lines, self.titles, self.saved = self, [], [], None

    def subplots(self, rows, columns, **_):
        axes = np.empty((rows, columns), dtype=object)
        axes.fill(self)
        return axes

    def plot(self, x, y, **style):
        self.lines.append((x, y, style))

    def set_title(self, title, **_):
        self.titles.append(title)

    def savefig(self, path, **_):
        self.saved = path

    def nothing(self, *_, **__):
        pass

    suptitle = set_ylim = set_yscale = set_xlabel = set_ylabel = grid = legend = set_axis_off = nothing


def test_the_picture_holds_what_was_measured(monkeypatch, tmp_path):
    drawn = Recorder()
    monkeypatch.setattr(picture, "figure_class", lambda: lambda **_: drawn)
    study = plan([5, 20], ["sigmoid"], ["shipped", "normal"], width=8, networks=0)
    findings = list(study.look())
    picture.draw(findings, study, tmp_path / "flow.png")
    assert drawn.saved == tmp_path / "flow.png"
    assert drawn.titles == ["sigmoid, shipped weights", "sigmoid, normal weights"]
    solid = [line for line in drawn.lines if "label" in line[2]]
    dashed = [line for line in drawn.lines if line[2].get("linestyle") == "--"]
    crosses = [line for line in drawn.lines if line[2].get("marker") == "X"]
    assert [list(y) for _, y, _ in solid] == [[layer.delta for layer in f.flow.layers] for f in findings]
    assert [list(y) for _, y, _ in dashed] == [[layer.bound for layer in f.flow.layers] for f in findings]
    dying = [f.flow.dead("float32")[0] for f in findings if f.flow.dead("float32")]
    assert [(x, y) for x, y, _ in crosses] == [([layer.number], [layer.delta]) for layer in dying]
    assert dying


def test_the_figure_is_matplotlibs(monkeypatch):
    asked = []
    monkeypatch.setattr(
        picture, "import_module", lambda name: asked.append(name) or SimpleNamespace(Figure=Recorder)
    )
    assert picture.figure_class() is Recorder
    assert asked == ["matplotlib.figure"]
    assert import_module is not picture.import_module
