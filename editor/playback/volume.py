"""How loud everything is: decibels as a hand sets them. The standard library only: the preferences know it too."""

from __future__ import annotations

VOLUMES_DB = (-48.0, 0.0)  # the softest is silence; the loudest is as recorded, for more would only be cut off


def gain_of(volume_db: float) -> float:
    """What samples are multiplied by, 0 to 1, for a volume in decibels re as recorded."""
    softest_db, loudest_db = VOLUMES_DB
    return 0.0 if volume_db <= softest_db else 10.0 ** (min(volume_db, loudest_db) / 20.0)


def volume_text(volume_db: float) -> str:
    """The volume in words, such as "\u221212 dB"."""
    if volume_db <= VOLUMES_DB[0]:
        return "silent"
    return f"{round(volume_db)} dB".replace("-", "\N{MINUS SIGN}")
