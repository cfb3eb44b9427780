"""How much memory documents hold together, what they share counted once."""

from __future__ import annotations

from collections.abc import Iterable

from editor.document.document import Document

# What an analysis weighs: its curves are a few hundred values a second.
_BYTES_PER_ANALYSED_S = 4_000


def bytes_of(documents: Iterable[Document]) -> int:
    """Bytes of frames, songs and analyses; the rest is small change."""
    seen: dict[int, int] = {}
    for document in documents:
        for track in document.tracks:
            for clip in track.clips:
                for take in clip.takes:
                    motion = take.motion
                    seen[id(motion)] = motion.root_positions_m.nbytes + motion.local_rotations.nbytes
        if document.song is not None and document.song.data is not None:
            seen[id(document.song.data)] = len(document.song.data)
        for analysis in (document.analysis, document.corrected):
            if analysis is not None:
                seen[id(analysis)] = int(analysis.duration_s * _BYTES_PER_ANALYSED_S)
    return sum(seen.values())
