"""Sound files and sound in memory."""

from engine.audio.audio import Audio
from engine.audio.read import read_audio

__all__ = ["Audio", "read_audio"]
