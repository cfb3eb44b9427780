"""Music: what a choreographer must know of a song. `analyse` and `analyse_file` give a `MusicAnalysis`."""

from engine.music.analyser import analyse
from engine.music.analysis import MusicAnalysis, Section
from engine.music.cache import analyse_file

__all__ = ["MusicAnalysis", "Section", "analyse", "analyse_file"]
