"""What a run by day leaves to the night: HYPOTHESIS_PROFILE=nightly draws, and walks through, all of it."""

from collections.abc import Iterable
from typing import Any

from hypothesis import settings

BY_DAY = settings.default.max_examples == settings.get_profile("dev").max_examples
DRAWN = settings.default.max_examples // (5 if BY_DAY else 1)


def costly(test: Any) -> Any:
    """A test whose every example takes 20 ms and more, or that stands for many: by day few are drawn."""
    return settings(max_examples=DRAWN)(test)


def one_in(part: int, cases: Iterable[Any]) -> list[Any]:
    """The first case and every `part`-th after it by day; by night all of them."""
    return list(cases)[:: part if BY_DAY else 1]
