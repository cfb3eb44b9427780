"""Music: what a choreographer must know of a song. `analyse` and `analyse_file` give a `MusicAnalysis`.

A name is loaded when it is first asked for: a piece knows analyses without ever making one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.music.analyser import analyse
    from engine.music.analysis import MusicAnalysis, Section
    from engine.music.cache import analyse_file

__all__ = ["MusicAnalysis", "Section", "analyse", "analyse_file"]

_HOMES = {"analyse": "analyser", "MusicAnalysis": "analysis", "Section": "analysis", "analyse_file": "cache"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
