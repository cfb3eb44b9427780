"""How much memory documents hold together, what they share counted once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from editor.document.document import Document, Track

# What an analysis weighs: its curves are a few hundred values a second.
_BYTES_PER_ANALYSED_S = 4_000


def bytes_of(documents: Iterable[Document]) -> int:
    """Bytes of frames, songs and analyses; the rest is small change."""
    weight = Weight()
    for document in documents:
        weight.add(document)
    return weight.n_bytes


class Weight:
    """What some documents hold together. Adding and removing one costs what it does not share with the others.

    Documents and their parts are told apart by identity, and must live as long as they are counted.
    """

    def __init__(self) -> None:
        self.n_bytes = 0
        self._uses: dict[int, int] = {}

    def add(self, document: Document) -> None:
        """Count one more document."""
        for part, n_bytes in _parts(document):
            if self._count(part, 1) == 1:
                self.n_bytes += n_bytes
        for track in document.tracks:
            if self._count(track, 1) == 1:
                for part, n_bytes in _blocks(track):
                    if self._count(part, 1) == 1:
                        self.n_bytes += n_bytes

    def remove(self, document: Document) -> None:
        """Count a document no longer that was added."""
        for part, n_bytes in _parts(document):
            if self._count(part, -1) == 0:
                self.n_bytes -= n_bytes
        for track in document.tracks:
            if self._count(track, -1) == 0:
                for part, n_bytes in _blocks(track):
                    if self._count(part, -1) == 0:
                        self.n_bytes -= n_bytes

    def beside(self, document: Document) -> int:
        """The bytes that would be free without these documents, while another one stays."""
        shared = {id(part): n_bytes for part, n_bytes in _parts(document)}
        for track in document.tracks:
            shared.update((id(part), n_bytes) for part, n_bytes in _blocks(track))
        return self.n_bytes - sum(n_bytes for part, n_bytes in shared.items() if part in self._uses)

    def _count(self, part: object, by: int) -> int:
        uses = self._uses.get(id(part), 0) + by
        if uses:
            self._uses[id(part)] = uses
        else:
            del self._uses[id(part)]
        return uses


def _parts(document: Document) -> Iterator[tuple[object, int]]:
    """Whatever weighs something beside the dancers."""
    if document.song is not None and document.song.data is not None:
        yield document.song.data, len(document.song.data)
    for analysis in (document.analysis, document.corrected):
        if analysis is not None:
            yield analysis, int(analysis.duration_s * _BYTES_PER_ANALYSED_S)


def _blocks(track: Track) -> Iterator[tuple[np.ndarray, int]]:
    """The memory of a dancer's takes. A slice keeps all of the array alive that it is cut from."""
    for clip in track.clips:
        for take in clip.takes:
            for array in (take.motion.root_positions_m, take.motion.local_rotations):
                owner = array.base if isinstance(array.base, np.ndarray) else array
                yield owner, owner.nbytes
