"""Proofs that must not be put together."""
# ruff: noqa: E501  (one false statement a line)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from derivations import norm_claims, norm_lemmas, norms
from derivations.induction import InductionStep
from derivations.notation import Array, Elementwise
from derivations.proof import Claim, Statement, Step, derive
from derivations.ranges import BoundStep, LimitStep, Range, RangeClaim, ValueStep, x
from derivations.refusals.layers import SomeLayer
from derivations.refusals.statement import FalseStatement
from derivations.rules import algebra, chain_rule, contract, entries, fold, linearity, product_rule, unfold
from derivations.setting import Definition, FunctionDefinition, Setting, Words
from derivations.terms import (
    Sum,
    Tensor,
    exp,
    opaque,
    term,
)
from derivations.theorems import activations, flow, heads, layers
from derivations.theorems.hidden import J, l, partial, width

f = opaque("f")
_SAY = Words("", "")


def _wrong_rule() -> object:
    h = SomeLayer()
    return Step(
        partial(J[()], h.z[h.p]), h.setting.chain(partial(J[()], h.z[h.p])), linearity(), _SAY, h.setting
    )


def _skipped_sum() -> object:
    h = SomeLayer()
    left = h.setting.chain(partial(J[()], h.z[h.p]))
    assert isinstance(left, Sum)
    return Step(partial(J[()], h.z[h.p]), left.body, chain_rule(), _SAY, h.setting)


def _broken_chain() -> object:
    proved = heads.half_mse_delta().claims[0]
    assert isinstance(proved, Claim)
    return replace(proved, steps=(*proved.steps[:2], *proved.steps[3:]))


def _displayed_otherwise() -> object:
    """The right proof under a displayed equation without the transpose, in a square network."""
    h = SomeLayer(square=True)
    slope = Elementwise(f.prime, Array(h.z))
    shown = Statement(Array(h.own), (Array(h.W) @ Array(h.signal)) * slope, (h.p,))
    return derive(
        shown, h.setting,
        (unfold(h.own), _SAY), (chain_rule(), _SAY),
        (fold(h.signal), _SAY, Sum(h.i, h.signal[h.i] * partial(h.z_next[h.i], h.z[h.p]))),
        (unfold(h.z_next), _SAY), (linearity(), _SAY), (product_rule(), _SAY), (entries(), _SAY), (contract(), _SAY),
        (algebra(), _SAY, h.true),
    )  # fmt: skip


def _other_setting() -> object:
    proved = heads.half_mse_delta().claims[0]
    assert isinstance(proved, Claim)
    return replace(proved, setting=Setting())


def _induction(**changes: object) -> object:
    (step,) = layers.backpropagation().claims[4].steps
    assert isinstance(step, InductionStep)
    return replace(step, **changes)  # type: ignore[arg-type]


def _induction_wrong_hypothesis() -> object:
    (conclusion,) = layers.backpropagation().claims[4].steps
    assert isinstance(conclusion, InductionStep)
    (given,) = conclusion.step.setting.hypotheses
    setting = replace(conclusion.step.setting, hypotheses=(replace(given, right=2 * given.right),))
    steps = tuple(replace(step, setting=setting) for step in conclusion.step.steps)
    return replace(conclusion, step=replace(conclusion.step, steps=steps, setting=setting))


def _induction_foreign_base() -> object:
    return _induction(bases=(layers.chain_expansion().claims[1],))


def _norm_chain(*lemmas: norm_lemmas.Lemma) -> object:
    signal = Array(Tensor("delta", (width(l),), l, defined=True))
    return norm_claims.chain((norms.Norm(signal),), "≤", *lemmas, title=_SAY)


def _norm_unstated() -> object:
    start = (norms.Norm(flow._signal(l)),)
    invented = norm_lemmas.assumed(start, "≤", (norms.LayerProduct(l, "≤"),))
    return _norm_chain(invented)


def _norm_reversed() -> object:
    W, v = flow._weights(l + 1), flow._signal(l + 1)
    start = (norms.Norm(W.T @ v),)
    return norm_claims.chain(start, "≥", norm_lemmas.operator_norm(W.T, v), title=_SAY)


def _norm_false() -> object:
    W, v = flow._weights(l + 1), flow._signal(l + 1)
    shrunk = norm_lemmas.Lemma("invented", (norms.Norm(W.T @ v),), "≤", (norms.Norm(v),), _SAY)
    return norm_claims.chain((norms.Norm(W.T @ v),), "≤", shrunk, title=_SAY)


_e = exp(-x)
_PLAIN = Setting((activations._SIGMOID, activations._TANH))
_s = opaque("sigmoid")(x)
_slope_of_sigmoid = _s * (1 - _s)


def _sigmoid_range(**changes: object) -> object:
    claim = activations.activations()["sigmoid"].claims[1]
    assert isinstance(claim, RangeClaim)
    return replace(claim, **changes)  # type: ignore[arg-type]


def _range_without(kind: type) -> object:
    claim = activations.activations()["sigmoid"].claims[1]
    assert isinstance(claim, RangeClaim)
    return replace(claim, steps=tuple(step for step in claim.steps if not isinstance(step, kind)))


def _silu_not_mirrored() -> object:
    claim = activations.activations()["silu"].claims[2]
    assert isinstance(claim, RangeClaim)
    return replace(claim, mirror=None)


class _ClaimFromElsewhere:
    """Something that looks like a claim and was never checked."""

    steps = ()


_ClaimFromElsewhere.__module__ = "elsewhere"


def _foreign_claim() -> object:
    return replace(heads.half_mse_delta(), claims=(_ClaimFromElsewhere(),))  # type: ignore[arg-type]


def _defined_twice() -> object:
    z = Tensor("z", defined=True)
    return Setting((Definition(z, (), x), Definition(z, (), 2 * x)))


def _proof(id: str, mistake: str, build: Callable[[], object]) -> FalseStatement:
    return FalseStatement(f"proofs/{id}", mistake, None, build)


PROOFS = (
    _proof("wrong-rule", "a true line with a reason that is not its reason", _wrong_rule),
    _proof("skipped-sum", "the chain rule along one path only", _skipped_sum),
    _proof("broken-chain", "a line left out of a proof", _broken_chain),
    _proof("displayed-otherwise", "a proof shown under another equation", _displayed_otherwise),
    _proof("other-setting", "steps checked in another setting", _other_setting),
    _proof("no-steps", "a claim without a proof", lambda: replace(heads.half_mse_delta().claims[0], steps=())),  # type: ignore[type-var]
    _proof("induction-no-base", "an induction without a base", lambda: _induction(bases=())),
    _proof("induction-no-instance", "an induction never tried at a concrete depth", lambda: _induction(unrolled=())),
    _proof("induction-foreign-base", "a base about another formula", _induction_foreign_base),
    _proof("induction-wrong-hypothesis", "a hypothesis that is not the formula at l+1", _induction_wrong_hypothesis),
    _proof("norm-inapplicable", "a lemma about other factors", lambda: _norm_chain(norm_lemmas.transposed_norm(flow._weights(l + 1)))),
    _proof("norm-unstated", "a hypothesis that the claim does not state", _norm_unstated),
    _proof("norm-reversed", "an upper bound used as a lower one", _norm_reversed),
    _proof("norm-false", "a matrix that is said never to stretch", _norm_false),
    _proof("bound-too-low", "sigmoid' at most 1/5", lambda: BoundStep(
        _slope_of_sigmoid, "≤", term(Fraction(1, 5)), (_s - Fraction(1, 2)) ** 2 - Fraction(1, 20), _SAY, _PLAIN)),
    _proof("bound-wrong-certificate", "a square that is not the difference", lambda: BoundStep(
        _slope_of_sigmoid, "≤", term(Fraction(1, 4)), _s**2, _SAY, _PLAIN)),
    _proof("bound-strict", "sigmoid' below 1/4 strictly", lambda: BoundStep(
        _slope_of_sigmoid, "<", term(Fraction(1, 4)), (_s - Fraction(1, 2)) ** 2, _SAY, _PLAIN)),
    _proof("range-wider", "a range that ends beyond its bound", lambda: _sigmoid_range(range=Range(Fraction(0), Fraction(1, 2), "(]"))),
    _proof("range-open", "a range without the value that is attained", lambda: _sigmoid_range(range=Range(Fraction(0), Fraction(1, 4), "()"))),
    _proof("range-closed", "a range with a value that is not attained", lambda: _sigmoid_range(range=Range(Fraction(0), Fraction(1, 4), "[]"))),
    _proof("range-set", "an interval said to be a finite set", lambda: _sigmoid_range(range=Range(Fraction(0), Fraction(1, 4), "{}"))),
    _proof("range-no-limit", "an end said to be approached, without a limit", lambda: _range_without(LimitStep)),
    _proof("range-no-value", "an end said to be attained, without a point", lambda: _range_without(ValueStep)),
    _proof("range-no-bound", "a range without its bounds", lambda: _range_without(BoundStep)),
    _proof("range-not-mirrored", "a least value without the mirror", _silu_not_mirrored),
    _proof("foreign-claim", "a claim of a kind that nothing here checks", _foreign_claim),
    _proof("defined-twice", "one letter with two definitions", _defined_twice),
    _proof("exp-redefined", "a new definition of exp", lambda: Setting((FunctionDefinition(exp, Tensor("x"), x),))),
    _proof("value", "sigmoid'(1) = 1/4", lambda: ValueStep(
        _slope_of_sigmoid, Fraction(1), term(Fraction(1, 4)), _SAY, _PLAIN)),
    _proof("limit", "sigmoid' tends to 1/8", lambda: LimitStep(
        _slope_of_sigmoid, term(Fraction(1, 8)), "+", _e / (1 + _e) ** 2, _e * (2 * _e + _e**2) / (1 + _e) ** 2, _SAY, _PLAIN)),
)  # fmt: skip
