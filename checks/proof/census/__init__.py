"""A census of the tests: what each asserts, tolerates, draws and skips, read from the source and never run.

`functions` counts, `comparison` says which of two states holds less. What is counted has rooms of its own:
numbers in `literals` and `named_numbers`, cases and ranges in `tables`, `tolerances`, `doctest_pages`, ways
past an assertion in `escapes`, and `pytest_settings`.
"""

from checks.proof.census.comparison import behind, bypasses, renamed, weaker
from checks.proof.census.functions import census, counted, outside

__all__ = ["behind", "bypasses", "census", "counted", "outside", "renamed", "weaker"]
