"""Exceptions of somebody else's code, which may be of any type and may fail even to say what they are."""

from collections.abc import Callable

OURS = (KeyboardInterrupt, SystemExit)
"""What is no finding about the code that raises it: somebody, or something, wants the program to end."""


def text(error: BaseException) -> str:
    """What an exception says, where it can say it."""
    return _words(error, str, "__str__")


def shown(value: object) -> str:
    """What a value of somebody else's code looks like, where it can be told."""
    return _words(value, repr, "__repr__")


def _words(value: object, words: Callable[[object], str], method: str) -> str:
    try:
        return words(value)
    except OURS:
        raise
    except BaseException as again:
        return f"(its text cannot be had: {method} raised {type(again).__name__})"


def told(error: BaseException) -> str:
    """The type of an exception, and what it says."""
    return f"{type(error).__name__}: {text(error)}".removesuffix(": ")
