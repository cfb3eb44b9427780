"""A shot with a song whose beats, bars and sections are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.formats.cue import Cut
from engine.formats.scene import FilmScene, SceneMarker
from tests.film_scenes import film_scene

CUT = Cut("SHOW_010_0040", "media/shot.mov", "Hungarian Dance", "media/song.wav", song_start_s=12.3, handle_frames=12)


def counted(times_s: Sequence[float], per_bar: int = 4, first_in_bar: int = 0) -> tuple[SceneMarker, ...]:
    """Beats at these times, in bars of so many."""
    out = []
    for i, time_s in enumerate(times_s):
        bar, place = divmod(i + first_in_bar, per_bar)
        out.append(SceneMarker(f"{bar + 1}.{place + 1}", time_s, "beat" if place else "bar", count=i % 8 + 1))
    return tuple(out)


def shot(rate: str = "24", n_frames: int = 300, start_frame: int = 1001) -> FilmScene:
    """Beats of 128 a minute, which lie on no frames; two sections, a marker with letters of its own."""
    others = (
        SceneMarker("A introduction", 0.0, "section", duration_s=5.0),
        SceneMarker("B development", 5.0, "section", duration_s=5.0),
        SceneMarker("Dröp, “all”", 4.2, comment="everybody down"),
    )
    beats = counted([0.3 + i * 60 / 128 for i in range(20)], first_in_bar=2)
    return replace(film_scene(rate, n_frames, start_frame=start_frame), markers=(*beats, *others))
