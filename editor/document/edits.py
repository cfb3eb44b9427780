"""What every edit shares: how it is refused, and how new things get their ids."""

from __future__ import annotations

from uuid import uuid4


class EditRefused(Exception):
    """The edit makes no sense here; `str(error)` is one sentence for the user, and nothing has changed."""


def new_id() -> str:
    """An id that nothing else has."""
    return uuid4().hex
