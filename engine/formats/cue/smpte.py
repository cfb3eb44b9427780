"""Timecode: hours, minutes, seconds and frames as tape machines count them (SMPTE ST 12-1)."""

from __future__ import annotations

import re

from engine.errors import EngineError
from engine.formats.scene import FrameRate

_HOURS = 24  # then it begins again at 0
_DROPPED_PER_MINUTE = {30: 2, 60: 4}  # frame numbers left out at each minute but every tenth, by timecode_hz
_SHAPE = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})([:;.])(\d{2,3})")


class TimecodeError(EngineError):
    """A text is no timecode."""


def timecode(frame: int, rate: FrameRate, drop: bool | None = None) -> str:
    """The timecode of a frame, "HH:MM:SS:FF", or "HH:MM:SS;FF" where it is drop-frame.

    Drop-frame leaves out numbers, not frames: the first two (of 60 the first four) of each minute but every
    tenth, so that an hour of timecode at 29.97 is an hour on the wall to 4 ms. After 24 hours it begins again.

    Args:
        frame: Counted from 00:00:00:00; negative counts back from midnight.
        rate: The frames'.
        drop: Whether drop-frame; None as is the custom at this rate.

    Raises:
        ValueError: if drop-frame is asked for at a rate that has none.
    """
    base, dropped = rate.timecode_hz, _dropped(rate, drop)
    if dropped:
        frame %= _HOURS * 6 * _ten_minutes(base, dropped)
        tens, rest = divmod(frame, _ten_minutes(base, dropped))
        minute = 60 * base - dropped
        frame += 9 * dropped * tens + dropped * max(0, (rest - dropped) // minute)
    frame %= _HOURS * 3600 * base
    seconds, frames = divmod(frame, base)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    width = len(str(base - 1))
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{';' if dropped else ':'}{frames:0{width}d}"


def frame_of(text: str, rate: FrameRate) -> int:
    """The frame that a timecode names, counted from 00:00:00:00.

    Raises:
        TimecodeError: if it is no timecode, counts further than its parts go, or names a number that is left out.
    """
    found = _SHAPE.fullmatch(text.strip())
    if not found:
        raise TimecodeError(f"{text!r} is no timecode; write it as 01:00:00:00.")
    hours, minutes, seconds, frames = (int(found[i]) for i in (1, 2, 3, 5))
    if hours >= _HOURS or minutes >= 60 or seconds >= 60 or frames >= rate.timecode_hz:
        raise TimecodeError(f"{text} is beyond 23:59:59:{rate.timecode_hz - 1}, the last timecode at {rate.name} fps.")
    is_drop = found[4] != ":"
    if is_drop and not rate.drops_frames:
        raise TimecodeError(f"{text} is drop-frame, which there is not at {rate.name} fps; write it with a colon.")
    all_minutes = 60 * hours + minutes
    frame = (60 * all_minutes + seconds) * rate.timecode_hz + frames
    if not is_drop:
        return frame
    dropped = _DROPPED_PER_MINUTE[rate.timecode_hz]
    if seconds == 0 and frames < dropped and minutes % 10:
        raise TimecodeError(f"{text} is left out by drop-frame; the minute begins with frame {dropped:02d}.")
    return frame - dropped * (all_minutes - all_minutes // 10)


def _dropped(rate: FrameRate, drop: bool | None) -> int:
    """How many numbers each minute leaves out; 0 where it is not drop-frame."""
    if drop and not rate.drops_frames:
        raise ValueError(f"there is no drop-frame at {rate.name} fps")
    return _DROPPED_PER_MINUTE[rate.timecode_hz] if (rate.drops_frames if drop is None else drop) else 0


def _ten_minutes(base: int, dropped: int) -> int:
    """Frames in ten minutes of drop-frame."""
    return 600 * base - 9 * dropped
