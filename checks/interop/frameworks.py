"""What the modules of this package share: a helpful ImportError, and reports in the framework's own words."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from checks.engine.diagnosis import Diagnosis
from checks.engine.leaves import Array
from checks.engine.report import Report
from checks.engine.verdict import ROUNDING, Verdict
from checks.errors import GradcheckError

FLOAT32_AT_MOST = 1e-2  # of a leaf's norm: the resolution that is asked of code in float32

_BY_WEIGHT = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.KINK, Verdict.PASS)


def missing(framework: str, error: ModuleNotFoundError) -> ModuleNotFoundError:
    """Return what to raise when the import of a framework failed.

    It names the extra to install; an error inside an installed framework stays what it is.
    """
    if error.name != framework:
        return error
    return ModuleNotFoundError(
        f"checks.interop.{framework} needs {framework}, which is not installed: "
        f"pip install 'gradproof[{framework}]'",
        name=framework,
    )


def retold(
    check: Callable[[], Report],
    *,
    call: str,
    notes: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
) -> Report:
    """Run a check and tell its outcome in the framework's words, whether it returns or raises.

    Parameters
    ----------
    check : callable
        check() -> Report, or raises GradcheckError.
    call : str
        The call that the user made, without the seed and the closing bracket.
    notes : sequence of str
        What a reader of the report should know besides.
    names : mapping, optional
        From the paths of leaves to the names that the framework has for them.
    """

    def told(report: Report) -> Report:
        report = _renamed(report, names or {})
        return replace(report, notes=(*report.notes, *notes), reproducer=f"{call}, rng={report.seed})")

    try:
        return told(check())
    except GradcheckError as error:
        raise type(error)(told(error.report)) from None


def compared_with_float32(
    report: Report,
    own: Mapping[str, Array],
    beside: Sequence[Mapping[str, Array]],
    wide: Mapping[str, Array],
) -> Report:
    """Hold the gradient that code gives in float32 to the one that passed on float64 copies.

    Parameters
    ----------
    report : Report
        On the copies.
    own, wide : mapping of str to array
        The gradient in float32, and in float64, leaf by leaf.
    beside : sequence of such mappings
        The gradient in float32 at points :func:`an_ulp_beside` x0: a backward pass in floating point
        is taken to be right for arguments that are ROUNDING units in the last place away, so that
        this is what rounding may do, also where the gradient is zero.

    Returns
    -------
    Report
        With a note that says how close they are; FAIL where a leaf differs by more than rounding and
        a hundredth of its norm.
    """
    norms = {path: _norm(leaf) for path, leaf in wide.items()}
    apart = {path: _norm(own[path].astype(np.float64) - leaf) for path, leaf in wide.items()}
    moved = {path: max(_norm(there[path] - own[path]) for there in beside) for path in wide}
    of_largest = float(np.finfo(np.float32).eps) * max(norms.values())
    different = tuple(
        path
        for path in wide
        if not apart[path] <= FLOAT32_AT_MOST * norms[path] + ROUNDING * (moved[path] + of_largest)
    )
    if different:
        text = "is right in float64; in float32 it differs by more than rounding can explain"
        diagnosis = (*report.diagnosis, Diagnosis("float32", text, different))
        return replace(report, verdict=Verdict.FAIL, worst=None, diagnosis=diagnosis)
    whole, difference = _norm([*norms.values()]), _norm([*apart.values()])
    close_by = f"{difference / whole:.0e} of its norm" if whole else f"{difference:.0e}"
    note = f"seen on float64 copies, from which the gradient in float32 differs by {close_by}"
    return replace(report, notes=(*report.notes, note))


def an_ulp_beside(array: Array, rng: np.random.Generator) -> Array:
    """Return the array with each entry moved by one unit in the last place, up or down."""
    away = np.where(rng.random(array.shape) < 0.5, -np.inf, np.inf).astype(array.dtype)
    return np.asarray(np.nextafter(array, away))


def _norm(leaf: Any) -> float:
    return float(np.linalg.norm(np.asarray(leaf, dtype=np.float64)))


def close(a: Array, b: Array) -> bool:
    """Whether two ways to compute one array differ by rounding at most."""
    bound = ROUNDING * float(np.finfo(a.dtype).eps) * float(np.max(np.abs(a), initial=0.0))
    return float(np.max(np.abs(a - b), initial=0.0)) <= bound


def named(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Return the function under the name that the report is to call it by."""

    def called(*args: Any) -> Any:
        return function(*args)

    called.__name__ = name
    return called


def bound_names(fun: Callable[..., Any], args: Sequence[Any], otherwise: str) -> list[str]:
    """Return the names of the parameters that the arguments are bound to, as far as the signature tells."""
    try:
        signature = inspect.signature(fun)
        bound = signature.bind(*args).arguments
    except (TypeError, ValueError):  # no signature, or one that the call itself will complain about
        return [f"{otherwise}[{i}]" for i in range(len(args))]
    names: list[str] = []
    for name, value in bound.items():
        several = signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
        names += [f"{name}[{i}]" for i in range(len(value))] if several else [name]
    return names


def first_line(error: BaseException) -> str:
    """Return the kind of an exception and the first line of what it says."""
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"


def in_turn(what: str, checks: Mapping[str, Callable[[], Report]]) -> Report:
    """Run several checks of one object, each of which takes what the one before checked to be right.

    Returns
    -------
    Report
        All of them in one, up to the first that is not a pass.
    """
    reports: list[Report] = []
    left = list(checks)
    for check in checks.values():
        reports.append(check())
        left.pop(0)
        if not reports[-1]:
            break
    last = min(reports, key=lambda report: _BY_WEIGHT.index(report.verdict))
    notes = [note for report in reports for note in report.notes]
    notes += (
        [f"not looked at: {', '.join(left)}, which would be compared with what is wrong here"] if left else []
    )
    return replace(
        last,
        what=what if last else last.what,
        resolution=max(report.resolution for report in reports),
        probability=min(report.probability for report in reports),
        leaves=tuple(row for report in reports for row in report.leaves),
        wrong=tuple(entry for report in reports for entry in report.wrong),
        diagnosis=tuple(one for report in reports for one in report.diagnosis),
        kinks=tuple(kink for report in reports for kink in report.kinks),
        evaluations=sum(report.evaluations for report in reports),
        gradient_evaluations=sum(report.gradient_evaluations for report in reports),
        checked=sum(report.checked for report in reports),
        method="; ".join(dict.fromkeys(report.method for report in reports)),
        notes=tuple(dict.fromkeys(notes)),
    )


def _renamed(report: Report, names: Mapping[str, str]) -> Report:
    def name(path: str) -> str:
        return names.get(path, path)

    return replace(
        report,
        leaves=tuple(replace(row, path=name(row.path)) for row in report.leaves),
        worst=None if report.worst is None else replace(report.worst, path=name(report.worst.path)),
        wrong=tuple(replace(entry, path=name(entry.path)) for entry in report.wrong),
        diagnosis=tuple(replace(one, paths=tuple(map(name, one.paths))) for one in report.diagnosis),
        kinks=tuple(replace(kink, path=name(kink.path)) for kink in report.kinks),
    )
