"""The checkers are checked: every bug before every oracle, and what was seen is what was expected."""

from dataclasses import replace

import pytest
from hypothesis import find, settings

from checks.proof.code import (
    BUGS,
    ORACLES,
    complex_step,
    drawn,
    dual,
    field,
    look,
    planted,
    symbols,
    table_text,
)
from checks.proof.code.planted import LOOKS
from checks.proof.evidence import CodeEvidence
from checks.strategies import architectures
from dnn import Architecture, Network
from tests.effort import BY_DAY

NAMES = {bug.name: bug for bug in BUGS}


@pytest.mark.parametrize("bug", BUGS, ids=NAMES)
def test_each_oracle_sees_the_bugs_it_should_and_no_others(bug):
    first = BUGS.index(bug) % 2  # by day every other oracle, and the others for the next bug
    names = list(ORACLES)[first::2] if BY_DAY else list(ORACLES)
    cells = [look(bug, name, ORACLES[name].check, seed=1) for name in names]
    assert [cell for cell in cells if not cell.as_expected] == []
    telling = [cell.first for cell in cells if cell.observed == "seen"]
    assert all("at layer l =" in line or "running Architecture" in line for line in telling)
    assert not telling or any(bug.formula in line for line in telling)


def test_each_oracle_is_expected_to_see_ten_bugs_at_least():
    for oracle in ORACLES:
        assert sum(oracle not in bug.blind for bug in BUGS) >= 10, oracle


def test_without_a_bug_nothing_is_seen():
    networks = list(dict.fromkeys(a for bug in BUGS for a in bug.architectures))[:6]
    for name, oracle in ORACLES.items():
        row = oracle.check(networks if name != "scikit-learn" else BUGS[0].on_digits, seed=1)
        assert not row.failures, name
        assert row.identities or "pip install" in row.note


def test_a_bug_is_taken_out_again():
    before = Network.backward
    with planted(NAMES["transpose dropped"]):
        assert Network.backward is not before
    assert Network.backward is before


def test_it_is_taken_out_when_something_is_raised():
    before = Network.backward
    with pytest.raises(KeyError), planted(NAMES["transpose dropped"]):
        raise KeyError
    assert Network.backward is before


def test_a_bug_whose_line_has_gone_is_an_error():
    stale = planted(replace(NAMES["transpose dropped"], old="no such line"))
    with pytest.raises(ValueError, match="no such line"):
        stale.__enter__()


def test_the_deepest_wrong_layer_is_named_first():
    deep = Architecture((3, 3, 3, 3, 3, 3), "tanh")
    with planted(NAMES["f' dropped"]):
        for check in (dual.check, field.check_shipped, symbols.check):
            assert (
                check([deep], seed=0).failures[0].startswith("delta^5 differs: hidden-delta at layer l = 5")
            )


@pytest.mark.parametrize(
    ("seed", "name", "oracle"),
    [
        (2, "f' dropped", "rationals"),
        (13, "wrong f' of elu", "balls"),
        (19, "f' of the layer above", "rationals"),
    ],
)
def test_a_bug_that_hides_behind_the_numbers_drawn_is_seen_behind_others(seed, name, oracle):
    with planted(NAMES[name]):
        assert ORACLES[oracle].check(NAMES[name].architectures, seed=seed).status == "holds"
    assert look(NAMES[name], oracle, ORACLES[oracle].check, seed=seed).observed == "seen"


@pytest.mark.parametrize(("identities", "observed"), [(1, "not seen"), (0, "not applicable")])
def test_an_oracle_that_is_blind_is_asked_with_other_seeds_and_told_as_such(identities, observed):
    seeds = []

    def blind(architectures, *, seed):
        seeds.append(seed)
        return CodeEvidence("blind", 1, identities, (), "", 0.0)

    cell = look(NAMES["f' dropped"], "dual", blind, seed=3)
    assert (cell.expected, cell.observed, cell.as_expected) == ("seen", observed, False)
    assert len(set(seeds)) == len(seeds) == LOOKS
    seeds.clear()
    assert look(NAMES["f'(a) for f'(z)"], "rationals", blind, seed=3).as_expected
    assert seeds == [3]


def test_the_table_prints():
    cells = [look(bug, "dual", dual.check, seed=0) for bug in BUGS[:2]]
    assert table_text(cells).splitlines()[1] == "transpose dropped   x"
    assert "!" not in table_text(cells)
    blind = look(NAMES["wrong f' of tanh"], "symbols", symbols.check, seed=0)
    assert table_text([blind]).endswith(".")
    assert blind.why


@pytest.mark.parametrize(("bug", "smallest"), [("f' dropped", (1, 1, 1)), ("transpose dropped", (1, 1, 2))])
def test_a_bug_in_six_layers_shrinks_to_the_smallest_network_that_has_it(bug, smallest):
    deep = architectures(min_depth=2, max_depth=6, max_width=3, heads=["half_mse"])

    def fails(architecture):
        with planted(NAMES[bug]):
            return complex_step.check([architecture], seed=0).status == "fails"

    assert fails(Architecture((3, 3, 3, 3, 3, 3), "tanh"))
    assert find(deep, fails, settings=settings(max_examples=20, database=None)).widths == smallest


def test_a_row_is_the_same_for_the_same_seed():
    first, second = (ORACLES["symbols"].run("quick", seed=5).to_dict() for _ in range(2))
    assert first | {"seconds": 0} == second | {"seconds": 0}


@pytest.mark.parametrize("name", ORACLES)
def test_the_oracles_agree_on_drawn_architectures(name):
    oracle = ORACLES[name]
    seen = []
    row = oracle.check(
        drawn(oracle.architecture, 2, 3), seed=3, progress=lambda done, of: seen.append((done, of))
    )
    assert not row.failures
    assert row.identities or "pip install" in row.note
    assert seen == [(1, 2), (2, 2)] or "pip install" in row.note


def test_a_seed_draws_these_architectures_on_every_machine_and_another_seed_others():
    """The rows of the baseline are of these: when this fails, the baseline has to be written anew."""
    draw = ORACLES["dual"].architecture
    assert list(map(repr, drawn(draw, 3, 1))) == [
        "Architecture((3, 3, 5, 1), ('leaky_relu', 'sigmoid'), 'sigmoid_cross_entropy')",
        "Architecture((5, 7, 8, 1), ('silu', 'gelu_tanh'), 'softmax_cross_entropy')",
        "Architecture((4, 8, 4, 1, 4), ('tanh', 'silu', 'silu'), 'softmax_cross_entropy')",
    ]
    assert drawn(draw, 3, 1) != drawn(draw, 3, 2)


@pytest.mark.parametrize("name", ORACLES)
def test_the_smallest_come_first(name):
    depths = [architecture.depth for architecture in drawn(ORACLES[name].architecture, 20, 0)]
    assert depths == sorted(depths)
    assert len(set(depths)) > 1
