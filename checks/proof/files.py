"""Files that are read whole."""

import errno
from pathlib import Path


def whole(path: Path) -> bytes:
    """Return what a file holds.

    Raises
    ------
    OSError
        When it cannot be read, or is a device such as ``/dev/zero``, which has no end.
    """
    if path.is_char_device():
        raise OSError(errno.EINVAL, "it is a device, and may have no end", str(path))
    return path.read_bytes()
