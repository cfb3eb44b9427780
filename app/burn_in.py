"""What is burnt into the pictures of a film: counts for the dancers, a slate for the cutting room."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.commands.render import caption_for
from app.counting import Counting
from app.export_pictures import Captions
from engine.formats.cue.smpte import timecode
from engine.formats.scene import FrameRate
from engine.music.analysis import MusicAnalysis
from viewer3d.film import Caption


@dataclass(frozen=True)
class Slate:
    """What a cutting room wants to read in every picture.

    Attributes:
        shot: Show, sequence and shot, or the piece's title.
        take: The take's name.
        version: Such as "v003"; empty for none.
        camera: Where it is seen from.
        rate: Of the pictures; gives the timecode.
        start_frame: Number of the first picture.
        date: Of the making; empty for none.
    """

    shot: str
    take: str
    version: str
    camera: str
    rate: FrameRate
    start_frame: int = 0
    date: str = ""


def captions(
    music: MusicAnalysis | None, slate: Slate | None = None, has_safe_frame: bool = False, has_time: bool = True
) -> Captions:
    """What is burnt into each picture.

    Args:
        music: Gives count, bar and beat; None for pictures without.
        slate: Puts timecode and frame number in the time's place, and its own words above.
        has_safe_frame: Whether the borders are drawn within which action and titles are safe.
        has_time: Whether the time stands there where there is no slate.
    """
    counting = Counting(music) if music is not None and music.n_beats else None
    timed = caption_for(counting)

    def caption(index: int, time_s: float) -> Caption:
        words = replace(timed(time_s), has_safe_frame=has_safe_frame)
        if slate is None:
            return words if has_time else Caption(has_safe_frame=has_safe_frame)
        frame = slate.start_frame + index
        now = counting.at(time_s) if counting else None
        bar = f"bar {now.bar}.{(now.number - 1) % (now.n_counts // 2) + 1}" if now and now.bar >= 1 else ""
        right = "   ".join(part for part in (bar, f"{now.tempo_bpm:.0f} bpm" if now else "") if part)
        return replace(
            words, left=f"{timecode(frame, slate.rate)}   {frame}", right=right,
            above_left="   ".join(part for part in (slate.shot, slate.take, slate.version) if part),
            above_right="   ".join(part for part in (slate.camera, f"{slate.rate.name} fps", slate.date) if part),
        )  # fmt: skip

    return caption
