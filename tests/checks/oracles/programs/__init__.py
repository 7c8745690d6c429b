"""Ordinary NumPy programs, a file for each field; all of them are registered when the package is imported."""

from tests.checks.oracles.programs import (
    geometry,
    linear_algebra,
    networks,
    optimisation,
    python_style,
    refused,
    signals,
    statistics,
)
from tests.checks.oracles.programs.registry import PROGRAMS, REFUSED

__all__ = [
    "PROGRAMS",
    "REFUSED",
    "geometry",
    "linear_algebra",
    "networks",
    "optimisation",
    "python_style",
    "refused",
    "signals",
    "statistics",
]
