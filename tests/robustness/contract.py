"""The only answers that a check may give, whatever it is given.

A report with one of four verdicts; a documented exception, which a `raise` of ours made on purpose; or the
exception of the user's own code, as it was raised. Anything else is a defect of the checker.
"""

import json
import linecache
import traceback
import warnings
from pathlib import Path
from types import TracebackType

import numpy as np

import checks
from checks import GradcheckError, KinkWarning, Report, Verdict

OURS = str(Path(checks.__file__).parent)
HERE = str(Path(__file__).parent)


def answer(check, *arguments, strict: bool = True, **keywords) -> str:
    """Call a check, under ``-W error`` unless told otherwise, and return what it answered, in a word.

    Raises
    ------
    AssertionError
        When the answer is none that is allowed.
    """
    before = np.geterr()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error" if strict else "ignore")
            warnings.simplefilter("ignore", KinkWarning)
            answered: Report | Exception = check(*arguments, **keywords)
    except Exception as error:  # every one is judged below
        answered = error
    finally:
        np.seterr(**before)
    if isinstance(answered, GradcheckError):
        assert keywords.get("raise_exception", True), "raised although told not to"
        allowed(answered.report)
        assert not answered.report
    elif isinstance(answered, Exception):
        assert theirs(answered) or ours_on_purpose(answered), told(answered)
    else:
        allowed(answered)
        return str(answered.verdict)
    return type(answered).__name__


def allowed(report: Report) -> None:
    """A report that can be read, printed, written and trusted to say what it is."""
    assert isinstance(report, Report)
    assert report.verdict in set(Verdict)
    assert bool(report) == (report.verdict in ("PASS", "KINK"))
    assert str(report).startswith(str(report.verdict))
    assert json.loads(json.dumps(report.to_dict(), allow_nan=False))["verdict"] == report.verdict
    if report.verdict == "PASS":
        assert report.checked > 0
        assert 0 <= report.resolution < np.inf
        assert report.probability >= 0.99


def theirs(error: BaseException) -> bool:
    """Raised in the user's code, or in a library that it called."""
    return not frames(error)[-1].filename.startswith(OURS)


def ours_on_purpose(error: BaseException) -> bool:
    """A ValueError or TypeError that a `raise` of ours made, with a sentence."""
    last = frames(error, libraries=True)[-1]
    source = linecache.getline(last.filename, last.lineno or 0).strip()
    return (
        type(error) in (ValueError, TypeError)
        and last.filename.startswith(OURS)
        and source.startswith("raise ")
        and len(str(error).split()) > 4
    )


def frames(error: BaseException, *, libraries: bool = False) -> list[traceback.FrameSummary]:
    """Where it came from, the place last; without the libraries that were called unless asked for."""
    assert isinstance(error.__traceback__, TracebackType)
    found = list(traceback.extract_tb(error.__traceback__))
    while not libraries and not found[-1].filename.startswith((OURS, HERE)):
        found.pop()
    return found


def told(error: BaseException) -> str:
    """For a person who must mend it."""
    last = frames(error)[-1]
    return f"{type(error).__name__}: {error}\n  at {last.filename}:{last.lineno}: {last.line}"
