"""What goes beside a dance to editors and musicians: timecode, marker lists, tempo maps, edit decision lists.

Each kind of file is a module with its own `write`: markers_csv, midi, otio, edl.
"""

from engine.formats.cue.sheet import CueError, Cut
from engine.formats.cue.smpte import TimecodeError, frame_of, timecode

__all__ = ["CueError", "Cut", "TimecodeError", "frame_of", "timecode"]
