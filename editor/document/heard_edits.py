"""What was heard, drawn over or heard anew: her emotion in place of the music's, another tracker's beats."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from editor.document.document import Curve, Document, Pins
from editor.document.edits import EditRefused
from editor.document.following import followed
from editor.document.grid import listened, paired
from engine.music.analysis import EMOTIONS, MusicAnalysis

DRAWABLE = (*EMOTIONS, "arousal", "valence")


def draw_heard(document: Document, name: str, curve: Curve) -> Document:
    """Say how the music feels between the first and the last point of a curve; what lies outside stays as it was.

    Args:
        name: One of DRAWABLE. Joy, sorrow, tension and serenity stay together 1: the others share what is left as
            they shared it before.
        curve: Values 0 to 1; -1 to 1 for arousal and valence.
    """
    music = listened(document)
    if name not in DRAWABLE:
        raise EditRefused("This is not one of the music's emotions: choose joy, sorrow, tension or serenity.")
    at_s = np.arange(len(music.joy)) / music.curve_rate_hz
    inside = (at_s >= curve.times_s[0]) & (at_s <= curve.times_s[-1])
    if not inside.any():
        raise EditRefused("The stroke lies outside of the song: draw over it.")
    drawn = getattr(music, name).copy()
    low = -1.0 if name in ("arousal", "valence") else 0.0
    drawn[inside] = np.clip(curve.at(at_s[inside]), low, 1.0)
    changed = replace(music, **({name: drawn} if name not in EMOTIONS else _shared(music, name, drawn, inside)))
    return replace(document, corrected=changed)


def hear_again(document: Document, analysis: MusicAnalysis, follows: bool = True) -> Document:
    """Take what was heard anew in the same song; corrections are dropped, and the dance goes to the new beats."""
    before = listened(document)
    document = replace(document, analysis=analysis, corrected=None, pins=Pins())
    if not follows or not before.n_beats or not analysis.n_beats:
        return document
    moved = paired(before.beat_times_s, analysis.beat_times_s)
    return document if moved.is_still else followed(document, moved)


def reset_heard(document: Document) -> Document:
    """Let the music feel as it was heard; the beats stay corrected."""
    heard, music = document.analysis, document.corrected
    if heard is None or music is None:
        return document
    return replace(document, corrected=replace(music, **{name: getattr(heard, name) for name in DRAWABLE}))


def _shared(music: MusicAnalysis, name: str, drawn: np.ndarray, inside: np.ndarray) -> dict[str, np.ndarray]:
    """The four shares with one of them drawn."""
    others = [other for other in EMOTIONS if other != name]
    rest = sum(getattr(music, other) for other in others)
    out = {name: drawn}
    for other in others:
        value = getattr(music, other).copy()
        share = np.where(rest > 1e-9, value / np.maximum(rest, 1e-9), 1.0 / len(others))
        value[inside] = (share * (1.0 - drawn))[inside]
        out[other] = value
    return out
