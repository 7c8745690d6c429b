"""Gradients near 1.7e308: no verdict is wrong, and no figure of a report is NaN where a sum overflows."""

import math

import numpy as np
import pytest

from checks import gradcheck
from tests.effort import one_in


@pytest.mark.parametrize("method", ["auto", "finite differences"])
@pytest.mark.parametrize(("size", "entries"), [(1e300, 20), (1e307, 20), (1e307, 50), (1.7e308, 4)])
def test_near_the_largest_float(size, entries, method):
    rng = np.random.default_rng(1)
    tested = 0
    for _ in one_in(2, range(6)):
        half = rng.standard_normal(entries // 2)
        c, x0 = size * rng.uniform(0.5, 1, entries), np.concatenate([half, -half])
        with np.errstate(over="ignore", invalid="ignore"):
            if not math.isfinite(np.dot(c, x0)):
                continue
        for factor in (1.0, 0.5):
            report = gradcheck(
                lambda x, c=c: float(np.dot(c, x)), lambda x, c=c, factor=factor: factor * c, x0,
                method=method, raise_exception=False,
            )  # fmt: skip
            assert report.verdict != ("FAIL" if factor == 1 else "PASS")
            assert not math.isnan(report.resolution)
            tested += 1
    assert tested
