"""Writing a file so that there is never half of it: the old one stays until the new one is complete."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file beside `path` to write to. It takes the place of `path` when the block ends without an error.

    On any error, a cancelling one too, the new file is removed and `path` is what it was.

    Raises:
        OSError: if the folder cannot be written to or the disk is full.
    """
    target = path.resolve()  # a link stays a link
    fresh = target.with_name(f".{secrets.token_hex(6)}.tmp")
    try:
        with fresh.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, target)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
