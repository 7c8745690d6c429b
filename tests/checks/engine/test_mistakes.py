"""Mistakes that people make in models of many kinds: what is said of each, and how often that is right."""

from collections import Counter
from itertools import islice

import numpy as np
import pytest
from hypothesis import settings

from checks import gradcheck

from .mistakes_in_models import MODELS
from .mistakes_in_networks import NETWORKS
from .mistakes_in_regressions import REGRESSIONS

MISTAKES = [
    (model, mistake, kinds)
    for collection in (REGRESSIONS, NETWORKS, MODELS)
    for model, mistakes in collection.items()
    for mistake, kinds in mistakes.items()
]
FACTS = {"unknown", "entries", "invariance"}  # they claim no cause
SHARE = 0.85  # right, of all: 0.88 when this was written, and 0.50 before any was mended for them


def no_mistake(mistake):
    """Return a name like this one's, of a gradient with nothing wrong."""
    if ": " not in mistake:
        return "none"
    return mistake.split(": ")[0] + (": none, one sample in all" if mistake.endswith("in all") else ": none")


def diagnose(number, seed, method):
    model, mistake, _ = MISTAKES[number]
    fun, grad, x0 = model(np.random.default_rng([seed, number]), mistake)
    return gradcheck(fun, grad, x0, method=method, raise_exception=False, rng=seed)


@pytest.mark.parametrize("number", range(len(MISTAKES)))
def test_without_the_mistake_the_gradient_is_right(number):
    model, mistake, _ = MISTAKES[number]
    assert gradcheck(*model(np.random.default_rng([0, number]), no_mistake(mistake))).verdict == "PASS"


@pytest.mark.parametrize("method", ["auto", "finite differences"])
def test_most_are_right_and_no_other_is_confident(method, record_property):
    told, wrong, seeds = Counter(), [], settings.default.max_examples // 100
    for number, (model, mistake, expected) in islice(enumerate(MISTAKES), 0, None, 1 if seeds else 5):
        for seed in range(max(1, seeds)):
            report = diagnose(number, seed, method)
            name = f"{model.__name__}: {mistake}, seed {seed}"
            assert report.verdict == "FAIL", f"{name}: {report}"
            kinds = {diagnosis.kind for diagnosis in report.diagnosis}
            right = bool(kinds & set(expected)) and kinds <= {*expected, "unknown"}
            told[
                "right"
                if right
                else "fact"
                if kinds <= FACTS
                else "part"
                if kinds & set(expected)
                else "wrong"
            ] += 1
            if not kinds <= {*expected, *FACTS}:
                wrong.append((name, kinds))
    record_property("diagnoses", dict(told))
    print(f"{method}: {dict(told)} of {told.total()} diagnoses")
    assert not wrong
    assert told["right"] >= SHARE * told.total(), told
