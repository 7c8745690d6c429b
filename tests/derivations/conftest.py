"""Each theorem is built, which is to say proved, once for all the tests that read it."""

from functools import lru_cache

import pytest

import derivations
from derivations import kernel

proved_once = lru_cache(maxsize=None)(derivations.theorem)


@pytest.fixture(params=derivations.identifiers())
def theorem(request):
    """Every theorem in turn."""
    return proved_once(request.param)


@pytest.fixture
def proved():
    """A function from the id of a theorem to the theorem."""
    return proved_once


@pytest.fixture
def forgetful():
    """A kernel that remembers nothing of another test: what one has asked, another must ask again."""
    for remembered in (kernel._free, kernel._block, kernel._height):
        remembered.cache_clear()
