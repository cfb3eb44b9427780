"""Filling gaps in real takes, measured against what was danced there and against filling without a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.evaluation.dancer import Dancer, Take
from engine.evaluation.infill import l2p_each, l2q, npss
from engine.evaluation.intervals import estimate
from engine.evaluation.metrics import foot_skating
from engine.motion import quaternion
from engine.motion.blend import moved, yaw_rad
from engine.motion.motion import Motion, concatenate

GAP_FRAMES, CONTEXT_FRAMES = 30, 48
STRIDE_FRAMES = 60
REAL, SLERP, HOLD, MODEL = "real take", "slerp interpolation", "zero velocity", "model"


@dataclass(frozen=True, eq=False)
class Gap:
    """A gap in a take: the truth of it, and what lies around. All over the origin, facing +z, at the gap's edge."""

    style: str
    before: Motion
    truth: Motion
    after: Motion


@dataclass(frozen=True)
class InbetweenFigures:
    """How gaps were filled, mean over gaps.

    Attributes:
        name: By whom.
        l2p, l2q, npss: Distances from the truth as LaFAN1 defines them (engine.evaluation.infill).
        l2p_low, l2p_high: The 95 % interval of l2p over gaps.
        joint_error_m: Mean distance of the joints from where they truly were.
        seam_step_m: How far the joint that goes furthest goes from one frame to the next over the two seams.
        seam_velocity_step_m_s: Change of the joints' velocities at the seams, mean over joints, the larger of the
            two seams' two frames each.
        seam_velocity_share: That over the joints' mean speed around the seams; real dance, which speeds up and slows
            down by itself, is not at 0.
        seam_jump_m: How far joints lie, over a seam, from where the speeds on either side would have taken them,
            mean over joints, the larger of the two seams: what pops.
        skating: Foot skating ratio over context and gap.
    """

    name: str
    l2p: float
    l2p_low: float
    l2p_high: float
    l2q: float
    npss: float
    joint_error_m: float
    seam_step_m: float
    seam_velocity_step_m_s: float
    seam_velocity_share: float
    seam_jump_m: float
    skating: float


def gaps(takes: Sequence[Take], stride_frames: int = STRIDE_FRAMES, gap_frames: int = GAP_FRAMES) -> list[Gap]:
    """Gaps of `gap_frames` frames between contexts of 48, every `stride_frames` of each take; stretches that are not
    sound are passed over."""
    size = gap_frames + 2 * CONTEXT_FRAMES
    out = []
    for take in takes:
        for start in range(0, take.motion.n_frames - size + 1, stride_frames):
            if take.valid[start : start + size].all():
                out.append(_gap(take, start, gap_frames))
    return out


def _gap(take: Take, start: int, gap_frames: int) -> Gap:
    whole = take.motion.slice(start, start + gap_frames + 2 * CONTEXT_FRAMES)
    edge, end = CONTEXT_FRAMES, CONTEXT_FRAMES + gap_frames
    whole = moved(whole, edge - 1, np.zeros(3), -float(yaw_rad(whole.local_rotations[edge - 1, 0])))
    return Gap(take.style, whole.slice(0, edge), whole.slice(edge, end), whole.slice(end, whole.n_frames))


def held(gap: Gap) -> Motion:
    """Zero velocity: the last pose before the gap, all through it."""
    before, n = gap.before, gap.truth.n_frames
    return replace(
        before,
        root_positions_m=np.repeat(before.root_positions_m[-1:], n, axis=0),
        local_rotations=np.repeat(before.local_rotations[-1:], n, axis=0),
    )


def interpolated(gap: Gap) -> Motion:
    """From the last pose before to the first after: the root on a straight line, joints on great arcs."""
    n = gap.truth.n_frames
    share = np.arange(1, n + 1) / (n + 1)
    a, b = gap.before, gap.after
    root = a.root_positions_m[-1] + share[:, np.newaxis] * (b.root_positions_m[0] - a.root_positions_m[-1])
    first, last = (np.tile(pose, (n, 1, 1)) for pose in (a.local_rotations[-1], b.local_rotations[0]))
    return replace(a, root_positions_m=root, local_rotations=quaternion.slerp(first, last, share[:, np.newaxis]))


def inbetween_figures(
    dancer: Dancer, holes: Sequence[Gap], train_holes: Sequence[Gap], seed: int, done: Callable[[], None]
) -> list[InbetweenFigures]:
    """Figures of the truth itself, the two baselines and the dancer, over the gaps `holes`; none for no gaps.

    Args:
        dancer: Sees the context and the take's style, not the gap.
        holes: Of validation takes.
        train_holes: Of training takes: positions are normalised by them. Without any, by `holes`.
        seed: The first gap's; each next one has the next.
        done: Called after each gap.
    """
    if not holes:
        return []
    filled = []
    for i, hole in enumerate(holes):
        filled.append(dancer.fill(hole.before, GAP_FRAMES, hole.after, hole.style, seed + i))
        done()
    scale = position_scale(train_holes or holes)
    return [
        figures_of(REAL, holes, [hole.truth for hole in holes], scale),
        figures_of(MODEL, holes, filled, scale),
        figures_of(SLERP, holes, [interpolated(hole) for hole in holes], scale),
        figures_of(HOLD, holes, [held(hole) for hole in holes], scale),
    ]


def position_scale(holes: Sequence[Gap]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread of each joint's coordinates in some gaps, metres, [J, 3] each: what L2P is normalised by."""
    seen = np.concatenate([hole.truth.positions_m() for hole in holes])
    return seen.mean(axis=0), seen.std(axis=0)


def figures_of(
    name: str, holes: Sequence[Gap], filled: Sequence[Motion], scale: tuple[np.ndarray, np.ndarray]
) -> InbetweenFigures:
    """Figures of gaps of one length, at least one, and what they were filled with; `scale` is of `position_scale`."""
    n = holes[0].truth.n_frames
    true_p, true_r = _transforms([hole.truth for hole in holes])
    p, r = _transforms(filled)
    sign = np.where(np.sum(r * true_r, axis=-1, keepdims=True) < 0.0, -1.0, 1.0)
    wholes = [
        concatenate([hole.before, motion, hole.after]) for hole, motion in zip(holes, filled, strict=True)
    ]
    steps = np.array([seam_steps(whole, CONTEXT_FRAMES, CONTEXT_FRAMES + n) for whole in wholes])
    pops = np.array([seam_pops(whole, CONTEXT_FRAMES, CONTEXT_FRAMES + n) for whole in wholes])
    far = estimate(l2p_each(p, true_p, *scale))
    return InbetweenFigures(
        name=name,
        l2p=far.value,
        l2p_low=far.low,
        l2p_high=far.high,
        l2q=l2q(r, true_r),
        npss=npss((sign * r).reshape(len(r), n, -1), true_r.reshape(len(r), n, -1)),
        joint_error_m=float(np.linalg.norm(p - true_p, axis=-1).mean()),
        seam_step_m=float(steps[:, 0].mean()),
        seam_velocity_step_m_s=float(steps[:, 1].mean()),
        seam_velocity_share=float(pops[:, 0].mean()),
        seam_jump_m=float(pops[:, 1].mean()),
        skating=float(np.mean([foot_skating(whole) for whole in wholes])),
    )


def _transforms(motions: Sequence[Motion]) -> tuple[np.ndarray, np.ndarray]:
    """Global positions [N, T, J, 3] and rotations [N, T, J, 4], each joint's over time without jumps of sign."""
    both = [motion.global_transforms() for motion in motions]
    rotations = np.stack([r for _, r in both])
    return np.stack([p for p, _ in both]), quaternion.unroll(rotations, axis=1)


def seam_steps(motion: Motion, start_frame: int, end_frame: int) -> tuple[float, float]:
    """How much happens at the two seams of a segment [start_frame, end_frame): the longest way, in metres, that a
    joint goes over a seam; the largest change of velocity there, m/s, mean over joints. A seam at an end of the
    motion counts nothing."""
    positions = motion.positions_m()
    longest, largest = 0.0, 0.0
    for seam in (start_frame, end_frame):
        if not 0 < seam < motion.n_frames:
            continue
        longest = max(longest, float(np.linalg.norm(positions[seam] - positions[seam - 1], axis=-1).max()))
        near = positions[max(seam - 2, 0) : seam + 2]
        if len(near) > 2:
            change = np.linalg.norm(np.diff(near, n=2, axis=0), axis=-1).mean(axis=-1) * motion.frame_rate_hz
            largest = max(largest, float(change.max()))
    return longest, largest


def seam_pops(motion: Motion, start_frame: int, end_frame: int) -> tuple[float, float]:
    """How far the two seams of a segment [start_frame, end_frame) show: the change of velocity over the mean speed
    around, and the distance in metres from where the speeds on either side would have led, mean over joints; the
    larger of both seams each. A seam without two frames on either side counts nothing."""
    positions = motion.positions_m()
    share, jump = 0.0, 0.0
    for seam in (start_frame, end_frame):
        if seam < 2 or seam + 2 > motion.n_frames:
            continue
        steps = np.diff(positions[seam - 2 : seam + 2], axis=0)
        speed = float(np.linalg.norm(steps, axis=-1).mean())
        change = np.linalg.norm(np.diff(steps, axis=0), axis=-1).mean(axis=-1)
        share = max(share, float(change.max()) / max(speed, 1e-6))
        jump = max(jump, float(np.linalg.norm(steps[1] - 0.5 * (steps[0] + steps[2]), axis=-1).mean()))
    return share, jump
