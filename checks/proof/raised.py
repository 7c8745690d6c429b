"""Exceptions of somebody else's code, which may be of any type and may fail even to say what they are."""

OURS = (KeyboardInterrupt, SystemExit)
"""What is no finding about the code that raises it: somebody, or something, wants the program to end."""


def text(error: BaseException) -> str:
    """What an exception says, where it can say it."""
    try:
        return str(error)
    except OURS:
        raise
    except BaseException as again:
        return f"(its text cannot be had: __str__ raised {type(again).__name__})"


def told(error: BaseException) -> str:
    """The type of an exception, and what it says."""
    return f"{type(error).__name__}: {text(error)}".removesuffix(": ")
