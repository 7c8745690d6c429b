"""Files that are read whole."""

import errno
import os
from pathlib import Path


def whole(path: Path) -> bytes:
    """Return what a file holds.

    Raises
    ------
    OSError
        When it cannot be read, or is no regular file; see `must_end`.
    """
    must_end(path)
    return path.read_bytes()


def must_end(path: Path) -> None:
    """Refuse what may have no end or never begin, as ``/dev/zero`` or a pipe; what is not there passes.

    Raises
    ------
    OSError
        When it is a directory, a device, a pipe or a socket.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not path.is_file():
        kind = "a device" if path.is_char_device() or path.is_block_device() else "a pipe or a socket"
        raise OSError(errno.EINVAL, f"it is {kind}, and may have no end; give a file", str(path))
