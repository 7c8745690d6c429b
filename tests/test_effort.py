"""By day a share is drawn and walked through, never less than a fifth; by night nothing is left out."""

import re
from pathlib import Path

import pytest
from hypothesis import settings

from tests import effort

PART = re.compile(r"one_in\((\d+),")


@pytest.mark.parametrize(("by_day", "walked"), [(True, [0, 5, 10]), (False, list(range(12)))])
def test_one_in_five(by_day, walked, monkeypatch):
    monkeypatch.setattr(effort, "BY_DAY", by_day)
    assert effort.one_in(5, range(12)) == walked


def test_a_fifth_of_the_examples_at_least():
    assert settings.default.max_examples / 5 <= effort.DRAWN


def test_and_of_the_cases():
    sources = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("*.py")]
    parts = [int(part) for source in sources for part in PART.findall(source)]
    assert len(parts) > 5
    assert max(parts) <= 5
