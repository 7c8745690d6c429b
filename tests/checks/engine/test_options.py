"""Options are refused before any work, by name and rule."""

from functools import partial

import numpy as np
import pytest

from checks import gradcheck, jaccheck, vjpcheck

X = np.array([0.5, -1.5, 2.0])


class Meter:
    def __init__(self):
        self.seen = []

    def update(self, done, entries):
        self.seen.append((done, entries))

    def __call__(self, done, *, entries):
        raise AssertionError


def refused(x):
    raise AssertionError("called before the options were looked at")


@pytest.mark.parametrize(
    "progress",
    [lambda: None, lambda done: None, lambda done, entries, bar: None, Meter(), Meter().seen.append],
    ids=["none", "one", "three", "keyword", "built in"],
)
@pytest.mark.parametrize("check", [gradcheck, vjpcheck, jaccheck])
def test_progress_of_other_arguments_is_refused_before_any_work(check, progress):
    with pytest.raises(
        TypeError, match=r"^progress must be callable as progress\(done, entries\); got one of"
    ):
        check(refused, refused, X, progress=progress)


def test_progress_that_takes_two_is_called():
    meter = Meter()
    for progress in (
        meter.update,
        lambda *both: meter.update(*both),
        lambda done, entries=0, width=80: meter.update(done, entries),
        partial(Meter.update, meter),
    ):
        meter.seen.clear()
        gradcheck(lambda x: np.sum(x**2), lambda x: 2 * x, X, thorough=True, progress=progress)
        assert meter.seen == [(0, 3), (3, 3)]


def test_progress_without_a_signature_is_believed():
    assert gradcheck(lambda x: np.sum(x**2), lambda x: 2 * x, X, thorough=True, progress=max)
