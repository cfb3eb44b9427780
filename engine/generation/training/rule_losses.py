"""The rules of dance structure as penalty terms: the paper's Eq. 5, where a rule can be differentiated.

Each measures what its rule in `engine.structure` measures, and is 0 within the limits that the choreographer's files
give; beyond them it grows with the excess, in units of about a fair fault. What counts or recognises (figures, slides,
collisions of whole capsules in their tables, arcs of a piece) stays with the checks and the re-ranking.
Letters: B batch, T frames.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine.generation.features import HEIGHT, LEARNED_JOINTS, N_ROTATIONS, YAW_RATE
from engine.generation.training.losses import Terms, length, unit, weighted_mean
from engine.motion.house import FRAME_RATE_HZ, JOINT, LEGS

Limits = Mapping[str, Mapping[str, float]]
G_M_S2 = 9.81
_FAIR_DEG, _FAIR_M, _FAIR_M_S = 20.0, 0.1, 3.0
_ENDS = ("LeftHand", "RightHand", "LeftFoot", "RightFoot", "Head")
_HANDS_M = 0.12  # how near to the line of the trunk a hand's joint may come

#                     joint, what turns, along, towards: as engine.structure.ranges measures them
_DOWN, _BACK, _UP, _AHEAD = (0.0, -1.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
_ELBOW_WAY = (0.0, float(np.sin(np.radians(30.0))), float(np.cos(np.radians(30.0))))
_HINGES: tuple[tuple[str, str, str, tuple[float, ...], tuple[float, ...]], ...] = (
    *(("knee_range", f"{s}UpLeg", f"{s}Leg", _DOWN, _BACK) for s in ("Left", "Right")),
    *(
        ("elbow_range", f"{s}Arm", f"{s}ForeArm", (1.0 if s == "Left" else -1.0, 0.0, 0.0), _ELBOW_WAY)
        for s in ("Left", "Right")
    ),
    *(("ankle_range", f"{s}Leg", f"{s}Foot", _AHEAD, _UP) for s in ("Left", "Right")),
    *(("hip_range", "Hips", f"{s}UpLeg", _DOWN, _AHEAD) for s in ("Left", "Right")),
    ("neck_nod", "Spine2", "Head", _UP, _AHEAD),
    ("trunk_bend", "Hips", "Spine2", _UP, _AHEAD),
)


def place(joint: str) -> int:
    """Row of a joint among those that are learned."""
    return LEARNED_JOINTS.index(JOINT[joint])


def frames_of(raw: Tensor) -> Tensor:
    """Axes x, y and z of every learned joint, seen from the heading, [B, J, 3 (axes), 3, T], of physical rows."""
    b, _, t = raw.shape
    six = raw[:, :N_ROTATIONS].reshape(b, len(LEARNED_JOINTS), 2, 3, t)
    x = unit(six[:, :, 0], 2)
    y = unit(six[:, :, 1] - (six[:, :, 1] * x).sum(2, keepdim=True) * x, 2)
    return torch.stack([x, y, torch.linalg.cross(x, y, dim=2)], dim=2)


def ranges(made: Terms, limits: Limits, valid: Tensor) -> Tensor:
    """Hinges bent beyond their range: knees, elbows, ankles, hips, neck and trunk, in fair faults of 20 degrees."""
    axes, total = frames_of(made.raw), torch.zeros((), device=made.raw.device)
    for rule, parent, child, along, towards in _HINGES:
        own, held = axes[:, place(child)], axes[:, place(parent)]
        bone, aside = (_combined(held, vector) for vector in (along, towards))
        turned = _combined(own, along)
        # An angle's slope is without bound where both are 0: rotations that are none turn nothing.
        near, far = (turned * bone).sum(1), (turned * aside).sum(1)
        angle = torch.rad2deg(torch.atan2(far + 1e-6, near + 1e-6 * (near.abs() < 1e-6)))
        excess = functional.relu(angle - limits[rule]["high_deg"]) + functional.relu(limits[rule]["low_deg"] - angle)
        total = total + weighted_mean(excess / _FAIR_DEG, valid)
    return total / len(_HINGES)


def _combined(axes: Tensor, vector: tuple[float, ...]) -> Tensor:
    """A vector of the joint's own, seen from the heading, [B, 3, T], by the joint's axes [B, 3 (axes), 3, T]."""
    return sum((v * axes[:, k] for k, v in enumerate(vector) if v), torch.zeros_like(axes[:, 0]))


def speeds(made: Terms, limits: Limits, valid: Tensor) -> Tensor:
    """Hands, feet, head, hips and turns faster than a body is, in fair faults of 3 m/s or a turn a second."""
    fast = limits["too_fast"]
    # One by one: a list of indices would be copied to the device at every use, which no recording can do.
    ends = length(torch.stack([made.velocity[:, place(name)] for name in _ENDS], dim=1), 2)
    hips = length(made.velocity[:, :1], 2)
    over = torch.cat([functional.relu(ends - fast["limb_m_s"]), functional.relu(hips - fast["hips_m_s"])], dim=1)
    turning = torch.rad2deg(made.raw[:, YAW_RATE].abs()) - limits["turned_too_fast"]["turn_deg_s"]
    return weighted_mean(over / _FAIR_M_S, valid[:, None, 1:]) + weighted_mean(functional.relu(turning) / 360.0, valid)


def flight(made: Terms, limits: Limits, valid: Tensor) -> Tensor:
    """A body in the air that does not fall with g, in g beyond the limits; in the air is what has both feet up.

    The hips stand for the centre of mass. Where the feet are is not to be learned from this: only how one falls.
    """
    rule = limits["flight"]
    feet = torch.stack([made.positions[:, LEARNED_JOINTS.index(leg[3]), 1] for leg in LEGS], dim=1)
    feet = feet + made.raw[:, None, HEIGHT]
    air = (feet.amin(dim=1) > rule["clear_m"] + 0.02).to(feet.dtype).detach()
    inside = -functional.max_pool1d(-air[:, None], 5, stride=1, padding=2)[:, 0]  # not the frames that leave and land
    fall_g = -torch.diff(made.raw[:, HEIGHT], n=2, dim=-1) * FRAME_RATE_HZ**2 / G_M_S2
    excess = functional.relu(rule["least_g"] - fall_g) + functional.relu(fall_g - rule["most_g"])
    return weighted_mean(excess.clamp_max(3.0), (inside * valid)[:, 1:-1])


def balance(made: Terms, limits: Limits, valid: Tensor) -> Tensor:
    """Weight beside the feet of a body that stands, in fair faults of 10 cm beyond the limit.

    The zero moment point of the hips as a point mass, against the line between the balls of both feet.
    """
    balls = [made.positions[:, LEARNED_JOINTS.index(leg[3])] for leg in LEGS]
    height = made.raw[:, None, HEIGHT]
    stands = torch.stack([ball[:, 1] + made.raw[:, HEIGHT] < 0.08 for ball in balls], dim=1).any(1).to(height.dtype)
    velocity = made.velocity[:, 0]
    push = functional.pad(torch.diff(velocity, dim=-1) * FRAME_RATE_HZ, (1, 1))
    smooth = functional.avg_pool1d(push, 5, stride=1, padding=2)
    point = -height / G_M_S2 * smooth[:, ::2]  # from under the hips
    a, b = (ball[:, ::2] for ball in balls)
    line = b - a
    share = (((point - a) * line).sum(1) / (line.square().sum(1) + 1e-4)).clamp(0.0, 1.0)
    away = length(point - (a + share[:, None] * line), 1)
    excess = functional.relu(away - limits["balance"]["outside_m"]) / _FAIR_M
    return weighted_mean(excess.clamp_max(5.0), stands.detach() * valid)


def collision(made: Terms, limits: Limits, valid: Tensor) -> Tensor:
    """Hands and wrists within the trunk: nearer to its line than 12 cm by the rule's share, in fair faults of 10 cm."""
    hips, neck = made.positions[:, place("Hips")], made.positions[:, place("Neck")]
    line = neck - hips
    least = _HANDS_M * limits["self_collision"]["share"]
    total = torch.zeros((), device=made.raw.device)
    for name in ("LeftHand", "RightHand"):
        hand = made.positions[:, place(name)]
        share = (((hand - hips) * line).sum(1) / (line.square().sum(1) + 1e-6)).clamp(0.0, 1.0)
        apart = length(hand - (hips + share[:, None] * line), 1)
        total = total + weighted_mean(functional.relu(least - apart) / _FAIR_M, valid)
    return total


# The terms, each with its weight in a preset; those that a preset does not name weigh nothing.
RULE_LOSSES: dict[str, Callable[[Terms, Limits, Tensor], Tensor]] = {
    "rule_ranges": ranges,
    "rule_speeds": speeds,
    "rule_flight": flight,
    "rule_balance": balance,
    "rule_collision": collision,
}

