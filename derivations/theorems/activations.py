"""f' and its exact range, for every activation that the networks use.

A piecewise function is treated piece by piece.  Each f' is derived by the kernel from the definition of f; each end
of its range is proved by a certificate, a value or a limit, and by an enclosed root where there is no closed form.
In between, f' takes every value because it is continuous (intermediate value theorem).
"""
# ruff: noqa: E501  (sentences in two languages, one a line)

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from derivations.notation import Scalar
from derivations.proof import AnyStep, Claim, Statement, Theorem, derive
from derivations.ranges import BoundStep, EnclosureStep, LimitStep, Range, RangeClaim, Tail, ValueStep, X, x
from derivations.rules import recognise_all, unfold
from derivations.setting import FunctionDefinition, Setting, Words, replace_entries
from derivations.terms import Function, Number, Tensor, Term, exp, log, opaque
from derivations.theorems.titles import TITLES

SLOPE = Fraction(1, 100)
"""The left slope of leaky_relu."""

ROOT = Fraction(0.7978845608028654)
"""sqrt(2 / pi) as gelu_tanh uses it: this very float, as an exact fraction."""

CUBIC = Fraction(0.044715)
"""The cubic coefficient of gelu_tanh, likewise."""

sigmoid, tanh = opaque("sigmoid"), opaque("tanh")
_C, _A = Tensor("c"), Tensor("a")
c, a = _C[()], _A[()]

_SIGMOID = FunctionDefinition(sigmoid, X, 1 / (1 + exp(-x)))
_TANH = FunctionDefinition(tanh, X, (exp(x) - exp(-x)) / (exp(x) + exp(-x)))

_DIFFERENTIATE = Words("Differentiate the definition.", "对定义求导。")
_COLLECT = Words("Collect terms; clear the denominators to compare.", "整理；通分即可比较。")


@dataclass(frozen=True)
class Piece:
    """One formula of a piecewise function: where it holds, f there, and f' there."""

    domain: str
    value: Term
    slope: Term


@dataclass(frozen=True)
class Activation:
    """What is proved of one activation."""

    name: str
    pieces: tuple[Piece, ...]
    range: Range
    claims: tuple[Claim | RangeClaim, ...]
    constants: tuple[tuple[Tensor, Fraction], ...] = ()


def _setting(function: Function, value: Term) -> Setting:
    own = () if function in (sigmoid, tanh) else (FunctionDefinition(function, X, value),)
    return Setting((*own, _SIGMOID, _TANH))


def _slope(function: Function, piece: Piece) -> Claim:
    """Derive f' on one piece."""
    setting = _setting(function, piece.value)
    where = f" ({piece.domain})" if piece.domain else ""
    first = (unfold(function), _DIFFERENTIATE)
    written = setting.unfold(function.prime(x), function)
    last = () if written == piece.slope else ((recognise_all(), _COLLECT, piece.slope),)
    return derive(
        Statement(Scalar(function.prime(x)), Scalar(piece.slope)),
        setting,
        first,
        *last,
        title=Words(f"{function}: the derivative{where}", f"{function}：导数{where}"),
    )


def _number(value: int | Fraction) -> Term:
    return Number(Fraction(value))


def _proved(
    function: Function,
    pieces: tuple[Piece, ...],
    found: Range,
    *steps: AnyStep,
    mirror: Claim | None = None,
    constants: tuple[tuple[Tensor, Fraction], ...] = (),
) -> Activation:
    """Derive f' on each piece, and put the range together from the steps that prove its ends."""
    derived = [_slope(function, piece) for piece in pieces]
    title = Words(f"{function}: the exact range of the derivative", f"{function}：导数的精确值域")
    named = tuple((piece.domain, claim) for piece, claim in zip(pieces, derived, strict=True))
    setting = _setting(function, pieces[0].value)
    whole = RangeClaim(function, found, named, steps, setting, title, mirror)
    between = () if mirror is None else (mirror,)
    return Activation(function.name, pieces, found, (*derived, *between, whole), constants)


def _linear(name: str, *pieces: Piece) -> Activation:
    """Return an activation that is linear on each piece: f' takes just these values."""
    function = opaque(name)
    values = []
    for piece in pieces:
        assert isinstance(piece.slope, Number)
        values.append(piece.slope.value)
    steps = [
        ValueStep(piece.slope, Fraction(sign), piece.slope, Words(
            f"For {piece.domain or 'every x'} the derivative is this constant.",
            f"在 {piece.domain or '任意 x'} 处导数是这个常数。"), Setting())
        for piece, sign in zip(pieces, (1, -1), strict=False)
    ]  # fmt: skip
    found = Range(min(values), max(values), "{}")
    return _proved(function, pieces, found, *steps)


def _sigmoid() -> Activation:
    value = _SIGMOID.body
    piece = Piece("", value, sigmoid(x) * (1 - sigmoid(x)))
    setting = _setting(sigmoid, value)
    slope = piece.slope
    found = Range(Fraction(0), Fraction(1, 4), "(]")
    e = exp(-x)
    return _proved(
        sigmoid, (piece,), found,
        BoundStep(slope, "≤", _number(Fraction(1, 4)), (sigmoid(x) - Fraction(1, 2)) ** 2, Words(
            "1/4 minus the derivative is a square.", "1/4 减去导数是一个平方。"), setting),
        ValueStep(slope, Fraction(0), _number(Fraction(1, 4)), Words(
            "At x = 0 the bound is attained.", "在 x = 0 处取到上界。"), setting),
        BoundStep(_number(0), "<", slope, e / (1 + e) ** 2, Words(
            "The derivative is a quotient of positive numbers.", "导数是正数之商。"), setting),
        LimitStep(slope, _number(0), "+", e / (1 + e) ** 2, e * (2 * e + e**2) / (1 + e) ** 2, Words(
            "It is less than exp(−x), so it comes as close to 0 as one likes.", "它小于 exp(−x)，因而可任意接近 0。"),
            setting),
    )  # fmt: skip


def _tanh() -> Activation:
    value = _TANH.body
    piece = Piece("", value, 1 - tanh(x) ** 2)
    setting, slope = _setting(tanh, value), piece.slope
    found = Range(Fraction(0), Fraction(1), "(]")
    e = exp(-x)
    quotient = 4 / (exp(x) + exp(-x)) ** 2
    return _proved(
        tanh, (piece,), found,
        BoundStep(slope, "≤", _number(1), tanh(x) ** 2, Words(
            "1 minus the derivative is a square.", "1 减去导数是一个平方。"), setting),
        ValueStep(slope, Fraction(0), _number(1), Words(
            "At x = 0 the bound is attained.", "在 x = 0 处取到上界。"), setting),
        BoundStep(_number(0), "<", slope, quotient, Words(
            "The derivative is a quotient of positive numbers.", "导数是正数之商。"), setting),
        LimitStep(slope, _number(0), "+", quotient, 4 * e**2 * (2 + e**2) / (exp(x) + e) ** 2, Words(
            "It is less than 4 exp(−2x), so it comes as close to 0 as one likes.",
            "它小于 4 exp(−2x)，因而可任意接近 0。"), setting),
    )  # fmt: skip


def _elu() -> Activation:
    function = opaque("elu")
    right = Piece("x > 0", x, _number(1))
    left = Piece("x ≤ 0", exp(x) - 1, exp(x))
    found = Range(Fraction(0), Fraction(1), "(]")
    setting = _setting(function, left.value)
    return _proved(
        function, (right, left), found,
        ValueStep(right.slope, Fraction(1), _number(1), Words(
            "For x > 0 the derivative is 1.", "x > 0 时导数为 1。"), setting),
        ValueStep(left.slope, Fraction(0), _number(1), Words(
            "The left piece meets it at x = 0 with the same slope: there is no kink.",
            "左段在 x = 0 处以相同斜率相接：没有尖点。"), setting),
        BoundStep(_number(0), "<", left.slope, exp(x), Words("An exponential is positive.", "指数函数为正。"), setting),
        BoundStep(left.slope, "≤", _number(1), 1 - exp(x), Words(
            "For x ≤ 0 an exponential is at most 1.", "x ≤ 0 时指数函数至多为 1。"), setting, "x ≤ 0"),
        LimitStep(left.slope, _number(0), "-", exp(x), exp(x), Words(
            "As x goes to −∞ it comes as close to 0 as one likes.", "x 趋于 −∞ 时可任意接近 0。"), setting),
    )  # fmt: skip


def _softplus() -> Activation:
    function = opaque("softplus")
    piece = Piece("", log(1 + exp(x)), sigmoid(x))
    setting, slope, e = _setting(function, piece.value), piece.slope, exp(-x)
    found = Range(Fraction(0), Fraction(1), "()")
    return _proved(
        function, (piece,), found,
        BoundStep(_number(0), "<", slope, 1 / (1 + e), Words(
            "The derivative is a quotient of positive numbers.", "导数是正数之商。"), setting),
        BoundStep(slope, "<", _number(1), e / (1 + e), Words(
            "So is 1 minus the derivative.", "1 减去导数也是。"), setting),
        LimitStep(slope, _number(0), "-", 1 / (1 + e), exp(x) / (1 + e), Words(
            "It is less than exp(x): close to 0 far to the left.", "它小于 exp(x)：在左端可任意接近 0。"), setting),
        LimitStep(slope, _number(1), "+", e / (1 + e), e**2 / (1 + e), Words(
            "It differs from 1 by less than exp(−x): close to 1 far to the right.",
            "它与 1 之差小于 exp(−x)：在右端可任意接近 1。"), setting),
    )  # fmt: skip


_MIRROR = Words(
    "Mirrored at x = 0 the derivative becomes 1 minus itself, so its least value is 1 minus its greatest.",
    "关于 x = 0 镜像后，导数变为 1 减自身，因此最小值等于 1 减最大值。",
)
_RIGHT = Words(
    "For x > 0 the derivative is positive, so what is below 0 lies to the left.",
    "x > 0 时导数为正，负值只在左侧。",
)


def _rooted(
    name: str, piece: Piece, positive: Term, certificate: Term, factor: Term, tail: Tail,
    constants: tuple[tuple[Tensor, Fraction], ...], lower: Term, root: Words,
) -> Activation:  # fmt: skip
    """Return an activation whose f' is largest at a root without closed form."""
    function = opaque(name)
    setting = _setting(function, piece.value)
    slope = piece.slope
    mirrored = replace_entries(slope, X, lambda _: -x)
    mirror = derive(
        Statement(Scalar(mirrored), Scalar(1 - slope)),
        setting,
        (recognise_all(), _MIRROR, 1 - slope),
        title=Words(f"{name}: the derivative mirrored", f"{name}：导数的镜像"),
    )
    enclosed = EnclosureStep(slope, positive, certificate, factor, tail, constants, root, setting)
    top = enclosed.maximum
    found = Range(top.reflected(), top, "[]")
    positive_right = BoundStep(_number(0), "<", slope, lower, _RIGHT, setting, "x > 0", constants)
    return _proved(function, (piece,), found, enclosed, positive_right, mirror=mirror, constants=constants)


def _silu() -> Activation:
    s = sigmoid(x)
    slope = s + x * s * (1 - s)
    e = exp(-x)
    return _rooted(
        "silu",
        Piece("", x * s, slope),
        positive=s * (1 - s),
        certificate=e / (1 + e) ** 2,
        factor=2 + x * (1 - 2 * s),
        tail=Tail(
            Fraction(6),
            2 + x * (1 - 2 * s),
            _number(1),
            _number(0),
            (1 - e) / (1 + e) + 2 * x * e / (1 + e) ** 2,
        ),
        constants=(),
        lower=1 / (1 + e) + x * e / (1 + e) ** 2,
        root=Words(
            "The derivative rises to the root of x tanh(x/2) = 2 and falls after it: x tanh(x/2) only grows, so there is "
            "one root, and beyond x = 6 the factor stays negative.",
            "导数升至方程 x tanh(x/2) = 2 的根处，其后下降：x tanh(x/2) 单调增，故只有一个根，x = 6 之后该因子恒负。",
        ),
    )


def _gelu_tanh() -> Activation:
    u = c * (x + a * x**3)
    t = tanh(u)
    rate = c * (1 + 3 * a * x**2)
    slope = (1 + t) / 2 + x / 2 * (1 - t**2) * rate
    quotient = 4 / (exp(u) + exp(-u)) ** 2
    return _rooted(
        "gelu_tanh",
        Piece("", x / 2 * (1 + t), slope),
        positive=1 - t**2,
        certificate=quotient,
        factor=c * (1 + 6 * a * x**2) - x * t * rate**2,
        tail=Tail(
            Fraction(3),
            1 - c * x * t,
            c * (1 + 6 * a * x**2),
            9 * a**2 * c**2 * x**5 * t,
            c * t + c * x * quotient * rate,
        ),
        constants=((_C, ROOT), (_A, CUBIC)),
        lower=1 / (1 + exp(-2 * u)) + x / 2 * quotient * rate,
        root=Words(
            "With u = c (x + a x³) and t = tanh u, the derivative rises to the one root of "
            "c (1 + 6 a x²) = x t c² (1 + 3 a x²)² and falls after it. Beyond x = 3 the factor is below "
            "c (1 + 6 a x²) (1 − c x t), since (1 + 3 a x²)² ≥ 1 + 6 a x², and that stays negative.",
            "令 u = c (x + a x³)、t = tanh u，导数升至 c (1 + 6 a x²) = x t c² (1 + 3 a x²)² 的唯一根处，其后下降。"
            "x = 3 之后该因子小于 c (1 + 6 a x²) (1 − c x t)（因 (1 + 3 a x²)² ≥ 1 + 6 a x²），恒为负。",
        ),
    )


@cache
def activations() -> dict[str, Activation]:
    """Return what is proved of every activation, by name."""
    proved = (
        _linear("identity", Piece("", x, _number(1))),
        _sigmoid(),
        _tanh(),
        _linear("relu", Piece("x > 0", x, _number(1)), Piece("x < 0", _number(0), _number(0))),
        _linear("leaky_relu", Piece("x > 0", x, _number(1)), Piece("x < 0", SLOPE * x, _number(SLOPE))),
        _elu(),
        _softplus(),
        _silu(),
        _gelu_tanh(),
    )
    return {activation.name: activation for activation in proved}


def activation_derivatives() -> Theorem:
    """f' of every activation, and its exact range."""
    proved = activations.__wrapped__()
    return Theorem(
        id="activation-derivatives",
        title=TITLES["activation-derivatives"],
        hypotheses=(
            Words(
                "At the kink of relu and leaky_relu (x = 0) there is no derivative; either slope stays in the range.",
                "relu 与 leaky_relu 在尖点 x = 0 处不可导；取任一侧斜率都在值域之内。",
            ),
            Words(
                "c and a in gelu_tanh stand for the numbers 0.7978845608028654 and 0.044715.",
                "gelu_tanh 中的 c 与 a 代表 0.7978845608028654 与 0.044715。",
            ),
        ),
        claims=tuple(claim for activation in proved.values() for claim in activation.claims),
        source=Words("the remark that derivatives lie between 0 and 1", "“导数在 0 到 1 之间”一句"),
        main=1,
    )
