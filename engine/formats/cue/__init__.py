"""What goes beside a dance to editors and musicians: timecode, marker lists, tempo maps, edit decision lists."""

from engine.formats.cue.smpte import TimecodeError, frame_of, timecode

__all__ = ["TimecodeError", "frame_of", "timecode"]
