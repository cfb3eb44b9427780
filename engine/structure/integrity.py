"""The dance as a whole: its ending, its accents, its room, its levels, its sides. Judged of pieces to music."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.motion.house import JOINT
from engine.motion.movements import Movement
from engine.motion.qualities import centre_of_joints_m
from engine.music.analysis import MusicAnalysis
from engine.structure import arc, steps
from engine.structure.hits import Hit, above
from engine.structure.piece import Piece, PieceRule

Limits = Mapping[str, float]


def ending_held(piece: Piece, limits: Limits) -> list[Hit]:
    """A piece that ends in the middle of a movement: mean joint speed of the last `hold_s` above `speed_m_s`."""
    body, hold = piece.body, piece.body.frames(limits["hold_s"])
    if not piece.is_long(limits["least_s"]):
        return []
    speed = float(body.joint_speeds[-hold:].mean())
    if speed <= limits["speed_m_s"]:
        return []
    return [Hit(body.n - hold, body.n, body.n - 1, (), speed, limits["speed_m_s"])]


def accents_on_beats(piece: Piece, limits: Limits) -> list[Hit]:
    """Eight bars whose accents agree with one another, but come beside the beats by more than `off_beat` of a beat.

    Each kinematic beat has a phase between the half beats around it; their mean direction, where its length
    (Mardia & Jupp 2000, "Directional statistics", section 2.3) is `agreement` or more, says when accents come.
    """
    music, body = piece.music, piece.body
    if music is None or music.n_beats < 8:
        return []
    at = accent_beats(piece.movements, music, body.rate_hz)
    span, hits = 8 * music.beats_per_bar, []
    for first in range(0, music.n_beats - span + 1, span):
        own = at[(at >= first) & (at < first + span)]
        if len(own) < limits["least_accents"]:
            continue
        mean = np.exp(2j * np.pi * own).mean()
        off = float(np.angle(mean) / (2 * np.pi))
        if abs(mean) >= limits["agreement"] and abs(off) > limits["off_beat"]:
            start, end = (int(music.beat_times_s[i] * body.rate_hz) for i in (first, first + span - 1))
            hits.append(Hit(start, min(end, body.n), start, (), abs(off), limits["off_beat"]))
    return hits


def accent_beats(movements: tuple[Movement, ...], music: MusicAnalysis, rate_hz: float) -> np.ndarray:
    """When the movements after the first begin, counted in beats of the music; NaN before the first and last beat."""
    accents = np.array([m.start_frame for m in movements[1:]], dtype=float)
    beats = np.arange(music.n_beats)
    at: np.ndarray = np.interp(accents / rate_hz, music.beat_times_s, beats, left=np.nan, right=np.nan)
    return at


def use_of_stage(piece: Piece, limits: Limits) -> list[Hit]:
    """A piece that stays on one spot: the hips never leave a circle of `radius_m`."""
    if not piece.is_long(limits["least_s"]):
        return []
    place = piece.body.positions[:, JOINT["Hips"]][:, [0, 2]]
    radius = float(np.linalg.norm(place - np.median(place, axis=0), axis=-1).max())
    return [Hit(0, piece.body.n, 0, (), radius, limits["radius_m"])] if radius < limits["radius_m"] else []


def levels(piece: Piece, limits: Limits) -> list[Hit]:
    """A piece on one level: the centre of mass stays within `range_m` of height for 98 % of the time."""
    if not piece.is_long(limits["least_s"]):
        return []
    looks = piece.body.positions[:: piece.body.frames(0.1)]
    low, high = np.percentile(centre_of_joints_m(looks)[:, 1], [1.0, 99.0])
    reach = float(high - low)
    return [Hit(0, piece.body.n, 0, (), reach, limits["range_m"])] if reach < limits["range_m"] else []


def on_stage(piece: Piece, limits: Limits) -> list[Hit]:
    """The hips outside of the stage: further than half of `width_m` to a side or of `depth_m` to the front or back."""
    place = np.abs(piece.body.positions[:, JOINT["Hips"]][:, [0, 2]])
    beyond = (place - 0.5 * np.array([limits["width_m"], limits["depth_m"]])).max(axis=1)
    return above(beyond, 0.0, (JOINT["Hips"],), piece.body.frames(limits["shortest_s"]))


def both_sides(piece: Piece, limits: Limits) -> list[Hit]:
    """A piece danced with one side: less than `share` of the limbs' way is that of one of the sides."""
    if not piece.is_long(limits["least_s"]):
        return []
    hips = piece.body.positions[:, :1]
    ways = []
    for side in ("Left", "Right"):
        ends = piece.body.positions[:, [JOINT[side + "Hand"], JOINT[side + "Foot"]]] - hips
        ways.append(float(np.linalg.norm(np.diff(ends, axis=0), axis=-1).sum()))
    share = min(ways) / max(sum(ways), 1e-9)
    weak = "Left" if ways[0] < ways[1] else "Right"
    joints = (JOINT[weak + "Hand"], JOINT[weak + "Foot"])
    return [Hit(0, piece.body.n, 0, joints, share, limits["share"])] if share < limits["share"] else []


PIECE_RULES: dict[str, PieceRule] = {
    rule.name: rule
    for rule in (
        PieceRule("parts_danced", arc.parts_danced),
        PieceRule("proportions", arc.proportions),
        PieceRule("energy_arc", arc.energy_arc),
        PieceRule("climax", arc.climax),
        PieceRule("motif_returns", arc.motif_returns),
        PieceRule("motif_varies", arc.motif_varies),
        PieceRule("phrase_ends", arc.phrase_ends),
        PieceRule("ending_held", ending_held, "hold"),
        PieceRule("accents_on_beats", accents_on_beats, "land"),
        PieceRule("on_stage", on_stage, "bring_in"),
        PieceRule("use_of_stage", use_of_stage),
        PieceRule("levels", levels),
        PieceRule("both_sides", both_sides),
        PieceRule("weight_changes", steps.weight_changes, family="movement"),
        PieceRule("break_steps", steps.break_steps, family="movement"),
        PieceRule("hip_motion", steps.hip_motion, family="movement"),
        PieceRule("hand_heights", steps.hand_heights, family="movement"),
        PieceRule("bounce", steps.bounce, family="movement"),
        PieceRule("araimandi", steps.araimandi, family="movement"),
    )
}
