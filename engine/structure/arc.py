"""The arc of a dance: its parts, energy, motifs and phrases, held against the music's. Judged of pieces to music.

The paper's structural integrity, f(A) = L. All of it is hints: a choreographer may mean the opposite.
"""

from __future__ import annotations

from collections.abc import Mapping
from weakref import WeakKeyDictionary

import numpy as np

from engine.motion import quaternion
from engine.motion.house import JOINT
from engine.music.analysis import MusicAnalysis, Section
from engine.structure.body import UP, Body
from engine.structure.hits import Hit
from engine.structure.piece import Piece

Limits = Mapping[str, float]
_LIMBS = ("Hand", "ForeArm", "Foot", "Leg")
_SEEN = [JOINT[side + name] for side in ("Left", "Right") for name in _LIMBS]
_LOOKS_A_BEAT = 2


def parts_danced(piece: Piece, limits: Limits) -> list[Hit]:
    """An introduction, development or conclusion of the music of which less than `share` is danced.

    Danced is what moves at more than `speed_m_s` (mean over the joints) within a second. A part that lies beyond the
    dance is told at the frames nearest to it.
    """
    body = piece.body
    if not piece.is_long(limits["least_s"]):
        return []
    moves, hits = _moves(body, limits["speed_m_s"]), []
    for spans in _roles(piece).values():
        total = sum(end - start for start, end in spans)
        danced = sum(int(moves[max(start, 0) : max(end, 0)].sum()) for start, end in spans)
        if total > 0 and danced / total < limits["share"]:
            start, end = _within(spans[0], body.n)
            hits.append(Hit(start, end, start, (), danced / total, limits["share"]))
    return hits


def proportions(piece: Piece, limits: Limits) -> list[Hit]:
    """A dance that has hardly begun when it ends: development is less than `share` of what is danced."""
    if not piece.is_long(limits["least_s"]):
        return []
    roles, moves = _roles(piece), _moves(piece.body, limits["speed_m_s"])
    if len(roles) < 3:
        return []
    lengths = {
        role: sum(int(moves[max(a, 0) : max(b, 0)].sum()) for a, b in spans) for role, spans in roles.items()
    }
    share = lengths["development"] / max(sum(lengths.values()), 1)
    if share >= limits["share"]:
        return []
    start, end = _within(roles["development"][0], piece.body.n)
    return [Hit(start, end, start, (), share, limits["share"])]


def energy_arc(piece: Piece, limits: Limits) -> list[Hit]:
    """A dance that calms down where the music rises: rank correlation of their energies below `correlation`.

    Compared are counts of eight: the body's mean joint speed with the music's intensity. Of music whose intensity
    hardly changes (standard deviation below `change`) nothing is asked. Spearman's rho, ties in the order of time.
    """
    music, spans = piece.music, piece.eights
    if music is None or len(spans) < limits["least_eights"]:
        return []
    asked = np.array([_mean_of("intensity", music, span, piece.body.rate_hz) for span in spans])
    danced = np.array([_energy(piece.body, span) for span in spans])
    if asked.std() < limits["change"]:
        return []
    rho = float(np.corrcoef(_ranks(asked), _ranks(danced))[0, 1])
    if rho >= limits["correlation"]:
        return []
    start, end = spans[int(np.argmax(np.abs(_ranks(asked) - _ranks(danced))))]
    return [Hit(start, end, start, (), rho, limits["correlation"])]


def climax(piece: Piece, limits: Limits) -> list[Hit]:
    """A dance that spends itself before it develops: an introduction with `most` times the development's energy."""
    if not piece.is_long(limits["least_s"]):
        return []
    roles, n = _roles(piece), piece.body.n
    if len(roles) < 3 or roles["development"][0][0] >= n:
        return []
    begins, develops = (
        float(np.mean([_energy(piece.body, _within(span, n)) for span in roles[role]]))
        for role in ("introduction", "development")
    )
    ratio = begins / max(develops, 1e-6)
    if ratio <= limits["most"]:
        return []
    start, end = _within(roles["introduction"][0], n)
    return [Hit(start, end, start, (), ratio, limits["most"])]


def motif_returns(piece: Piece, limits: Limits) -> list[Hit]:
    """Music that comes back to which nothing of the dance comes back.

    The nearest pair of bars, one to each of two parts of the music with the same letter, as danced or mirrored, is
    `apart` of the usual difference between bars of the piece, or more.
    """
    hits = []
    for span, apart_m, mirrored_m, usual_m in _repeats(piece, limits):
        nearest = float(min(apart_m.min(), mirrored_m.min()) / usual_m)
        if nearest > limits["apart"]:
            hits.append(Hit(*span, span[0], (), nearest, limits["apart"]))
    return hits


def motif_varies(piece: Piece, limits: Limits) -> list[Hit]:
    """Music that comes back to which the dance comes back unchanged, bar by bar: no more than `same_m` apart."""
    hits = []
    for span, apart_m, _, _ in _repeats(piece, limits):
        apart = float(np.diagonal(apart_m).max())
        if apart < limits["same_m"]:
            hits.append(Hit(*span, span[0], (), apart, limits["same_m"]))
    return hits


def phrase_ends(piece: Piece, limits: Limits) -> list[Hit]:
    """Phrases that run over the counts: of the counts of eight too few, `share`, end with a movement's end.

    A movement ends (a kinematic beat) within `near_beat` of a beat of the last count or of the one that follows it.
    """
    music, body = piece.music, piece.body
    spans = piece.eights
    if music is None or len(spans) < limits["least_eights"]:
        return []
    ends = np.array([m.start_frame for m in piece.movements[1:]] or [-body.n], dtype=float)
    met = []
    for start, end in spans:
        beat = (end - start) / (2.0 * music.beats_per_bar)
        met.append(min(np.abs(ends - end).min(), np.abs(ends - (end - beat)).min()) <= limits["near_beat"] * beat)
    share = float(np.mean(met))
    if share >= limits["share"]:
        return []
    start, end = spans[met.index(False)]
    return [Hit(start, min(end, body.n), start, (), share, limits["share"])]


# --- parts of the music ----------------------------------------------------------------------


def _roles(piece: Piece) -> dict[str, list[tuple[int, int]]]:
    """The frames of each part of the music, in order of the parts, whole; they may lie beyond the dance."""
    out: dict[str, list[tuple[int, int]]] = {}
    for section in piece.music.sections if piece.music is not None else ():
        out.setdefault(section.role, []).append(_frames(section, piece.body))
    return out


def _frames(section: Section, body: Body) -> tuple[int, int]:
    return round(section.start_s * body.rate_hz), round(section.end_s * body.rate_hz)


def _within(span: tuple[int, int], n: int) -> tuple[int, int]:
    """The span cut down to the dance; its last frame where it lies beyond."""
    start = min(max(span[0], 0), n - 1)
    return start, max(min(span[1], n), start + 1)


def _moves(body: Body, speed_m_s: float) -> np.ndarray:
    """Whether the body moves at more than a speed within half a second of each frame, bool [T]."""
    fast = (body.mean_speed > speed_m_s).astype(float)
    reach = body.frames(0.5)
    padded = np.concatenate([[0.0], np.cumsum(np.pad(fast, reach))])
    moves: np.ndarray = padded[2 * reach + 1 :] - padded[: -2 * reach - 1] > 0
    return moves


def _energy(body: Body, span: tuple[int, int]) -> float:
    return float(body.mean_speed[span[0] : max(span[1], span[0] + 1)].mean())


def _mean_of(curve: str, music: MusicAnalysis, span: tuple[int, int], rate_hz: float) -> float:
    return float(music.curve_at(curve, np.arange(*span) / rate_hz).mean())


def _ranks(values: np.ndarray) -> np.ndarray:
    ranks: np.ndarray = np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(float)
    return ranks


# --- motifs ----------------------------------------------------------------------------------

# Frames [start, end) of a part that comes back; how far bars of the first such part are from its own, metres, [A, B],
# as danced and mirrored; and how far bars of the piece usually are from one another, metres.
Repeat = tuple[tuple[int, int], np.ndarray, np.ndarray, float]


def _repeats(piece: Piece, limits: Limits) -> list[Repeat]:
    """The parts of the music that come back, to dances that are long enough."""
    if not piece.is_long(limits["least_s"]):
        return []
    if piece not in _REPEATS:
        _REPEATS[piece] = _found_repeats(piece)
    return _REPEATS[piece]


_REPEATS: WeakKeyDictionary[Piece, list[Repeat]] = WeakKeyDictionary()


def _found_repeats(piece: Piece) -> list[Repeat]:
    music, body = piece.music, piece.body
    assert music is not None
    begins = np.flatnonzero(music.beat_in_bar == 0)
    bars = [bar for bar in (_looks(music, int(i), body) for i in begins) if bar is not None]
    if len(bars) < 4:
        return []
    poses = _poses(body, np.array(bars))
    apart_m, mirrored_m = _apart_m(poses, poses), _apart_m(poses, _mirrored(poses))
    usual_m = max(float(np.median(apart_m[np.triu_indices(len(poses), 2)])), 1e-3)
    first: dict[str, np.ndarray] = {}
    out: list[Repeat] = []
    for section in music.sections:
        start, end = _frames(section, body)
        own = np.array([i for i, bar in enumerate(bars) if start - 3 <= bar[0] < end - 3], dtype=int)
        if start < 0 or end > body.n or len(own) < 2:
            continue
        letter = section.label.rstrip("'")
        if letter in first:
            pairs = np.ix_(first[letter], own)
            out.append(((start, end), apart_m[pairs], mirrored_m[pairs], usual_m))
        first.setdefault(letter, own)
    return out


def _looks(music: MusicAnalysis, beat: int, body: Body) -> np.ndarray | None:
    """Frames at which the bar from a beat on is looked at; None where it is not wholly there."""
    beats = music.beat_times_s[beat : beat + music.beats_per_bar + 1]
    if len(beats) <= music.beats_per_bar:
        return None
    at = np.arange(music.beats_per_bar * _LOOKS_A_BEAT) / _LOOKS_A_BEAT
    frames = np.round(np.interp(at, np.arange(len(beats)), beats) * body.rate_hz).astype(int)
    return frames if frames[-1] < body.n else None


def _poses(body: Body, frames: np.ndarray) -> np.ndarray:
    """Elbows, hands, knees and feet against the hips, turned to where these face, [*frames, joints, 3]."""
    about = quaternion.from_axis_angle(UP, -body.heading[frames])
    seen = body.positions[frames][..., _SEEN, :] - body.positions[frames][..., :1, :]
    return quaternion.rotate(about[..., np.newaxis, :], seen)


def _mirrored(poses: np.ndarray) -> np.ndarray:
    """The same with left and right exchanged."""
    n = len(_LIMBS)
    return np.roll(poses, n, axis=-2) * np.array([-1.0, 1.0, 1.0])


def _apart_m(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """How far bars are from bars, [A, B]: root mean square over looks and joints."""
    a, b = a.reshape(len(a), -1), b.reshape(len(b), -1)
    # Too small a product to wake other threads for, as a matrix product would.
    square = (a * a).sum(-1)[:, np.newaxis] + (b * b).sum(-1) - 2.0 * np.einsum("an,bn->ab", a, b)
    apart: np.ndarray = np.sqrt(np.maximum(square, 0.0) / (a.shape[1] / 3.0))
    return apart
