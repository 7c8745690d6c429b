"""Standard output and standard error: what the command says gets out, whatever they or the user's code do."""

import io
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TextIO


@contextmanager
def any_character() -> Iterator[None]:
    """Escape what the encoding of the terminal does not have, instead of raising."""
    with ExitStack() as stack:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stack.enter_context(_escaping(stream))
        yield


@contextmanager
def _escaping(stream: io.TextIOWrapper) -> Iterator[None]:
    before = stream.errors
    stream.reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        with suppress(OSError):  # it writes what is held back, which nobody may want any more
            if not stream.closed:
                stream.reconfigure(errors=before)


@contextmanager
def kept() -> Iterator[None]:
    """Run the user's code, which may close or replace them; afterwards they are what they were before."""
    out, error = sys.stdout, sys.stderr
    try:
        yield
    finally:
        sys.stdout, sys.stderr = _open_again(out, 1), _open_again(error, 2)


def _open_again(stream: TextIO, descriptor: int) -> TextIO:
    """The stream, or a new one to the same place: closing sys.stdout leaves its descriptor open."""
    if stream is None or not stream.closed:  # None where the process was started without it
        return stream
    encoding = getattr(stream, "encoding", None)
    return open(descriptor, "w", encoding=encoding, errors="backslashreplace", closefd=False)
