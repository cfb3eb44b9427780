"""Dancers on their own bodies: what is stored and edited is the house skeleton's, what is seen and handed on theirs."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from editor.document.assemble import dance
from editor.document.document import Document, Track
from editor.document.kept_results import KeptResults
from engine.character.character import Character, character
from engine.character.dressing import dressed
from engine.motion.house import HOUSE
from engine.motion.motion import Motion

# As many bytes of dressed dances as of house dances are kept; each goes with the motion that it was made of.
_DRESSED: WeakKeyDictionary[Motion, KeptResults[Motion]] = WeakKeyDictionary()
_BODIES_PER_MOTION = 2
# Before a dance that changed at a few places is put on the body anew, the latest of the same dancer is looked at.
_LATEST: dict[tuple[str, Character], tuple[Motion, Motion]] = {}
_MOST_LATEST = 32
# What a change reaches beyond its own frames: feet pass to and from their footprints, hips sink and rise.
_REACH_S, _SPARE_S = 1.5, 3.0


def character_of(track: Track) -> Character:
    """The body that a track's dancer has."""
    return character(track.body or "neutral", track.height_m)


def dressed_dance(document: Document, track_id: str) -> Motion:
    """A dancer's whole motion in the stage's space on the dancer's own body: what is handed on."""
    return dressed(dance(document, track_id), character_of(document.track(track_id)))


def dressed_motion(motion: Motion, track: Track) -> Motion:
    """A motion of a track's dancer, auditioned or assembled, on the dancer's body: what is seen.

    The same motion gives the same object. Where the dancer's motion before was the same for the most part,
    only what differs is computed.
    """
    body = character_of(track)
    if body.skeleton is HOUSE:
        return motion
    kept = _DRESSED.setdefault(motion, KeptResults(_BODIES_PER_MOTION))
    found = kept.get(body)
    if found is None:
        found = kept.keep(body, _renewed(motion, track.id, body), 1)
    key = (track.id, body)
    _LATEST.pop(key, None)
    _LATEST[key] = (motion, found)
    while len(_LATEST) > _MOST_LATEST:
        _LATEST.pop(next(iter(_LATEST)))
    return found


def _renewed(motion: Motion, track_id: str, body: Character) -> Motion:
    before = _LATEST.get((track_id, body))
    if before is None or before[0].n_frames != motion.n_frames:
        return dressed(motion, body)
    source, on_body = before
    differs = np.any(source.root_positions_m != motion.root_positions_m, axis=1)
    differs |= np.any(source.local_rotations != motion.local_rotations, axis=(1, 2))
    frames = np.flatnonzero(differs)
    if len(frames) == 0:
        return on_body
    rate_hz = motion.frame_rate_hz
    reach, spare = round(_REACH_S * rate_hz), round((_REACH_S + _SPARE_S) * rate_hz)
    start, end = max(int(frames[0]) - reach, 0), min(int(frames[-1]) + 1 + reach, motion.n_frames)
    low, high = max(int(frames[0]) - spare, 0), min(int(frames[-1]) + 1 + spare, motion.n_frames)
    part = dressed(motion.slice(low, high), body)
    root, local = on_body.root_positions_m.copy(), on_body.local_rotations.copy()
    root[start:end] = part.root_positions_m[start - low : end - low]
    local[start:end] = part.local_rotations[start - low : end - low]
    return Motion(on_body.skeleton, rate_hz, root, local)
