"""What the networks are trained to do: each term a function of normalised features.

Names follow the paper's parts: synchronisation (its Algorithm 2, step 1) and the three structure
penalties (Eqs. 2-5: movement consistency, logical coherence, structural integrity).
Letters: B batch, C feature columns, T frames, J joints.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine.generation.conditioning import EFFORTS
from engine.generation.features import (
    CONTACTS,
    HEIGHT,
    LEARNED_JOINTS,
    N_ROTATIONS,
    VELOCITY,
    YAW_RATE,
)
from engine.motion.house import CONTACT_JOINTS, CONTACT_REST_HEIGHTS_M, FRAME_RATE_HZ, HOUSE, JOINT, LEGS

_SMOOTHING = (0.1, 0.2, 0.4, 0.2, 0.1)
_ENDS = [JOINT[n] for n in ("LeftHand", "RightHand", "LeftFoot", "RightFoot", "Head")]


class BodyKinematics(torch.nn.Module):
    """Forward kinematics of feature rows: since rotations are global, a sum over each joint's ancestors."""

    mean: Tensor
    std: Tensor
    reaches: Tensor
    offsets: Tensor
    rest_heights: Tensor
    parents: Tensor
    contact_rows: Tensor
    end_rows: Tensor

    def __init__(self, mean: np.ndarray, std: np.ndarray) -> None:
        super().__init__()
        learned = list(LEARNED_JOINTS)
        joints = learned[1:]
        reaches = np.zeros((len(learned), len(joints)), dtype=np.float32)  # joint by bone on its way to the root
        for row, joint in enumerate(learned):
            while joint > 0:
                reaches[row, joints.index(joint)] = 1.0
                joint = int(HOUSE.parents[joint])
        parents = [learned.index(int(HOUSE.parents[j])) for j in joints]
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32)[:, None])
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32)[:, None])
        self.register_buffer("reaches", torch.tensor(reaches))
        self.register_buffer("offsets", torch.tensor(HOUSE.offsets_m[joints], dtype=torch.float32))
        # Indices are kept beside the numbers: a list would be copied to the device at every use.
        self.register_buffer("parents", torch.tensor(parents))
        self.register_buffer("contact_rows", torch.tensor([learned.index(j) for j in CONTACT_JOINTS]))
        self.register_buffer("end_rows", torch.tensor([learned.index(j) for j in _ENDS]))
        self.register_buffer("rest_heights", torch.tensor(CONTACT_REST_HEIGHTS_M, dtype=torch.float32)[:, None])

    def positions(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Joints seen from the root in the heading's frame [B, J, 3, T], metres, and physical rows [B, C, T]."""
        raw = features * self.std + self.mean
        b, _, t = raw.shape
        six = raw[:, :N_ROTATIONS].reshape(b, len(LEARNED_JOINTS), 2, 3, t)
        return self.places(six), raw

    def places(self, six: Tensor) -> Tensor:
        """Joints seen from the root, metres, [B, J, 3, T], of 6D rotations [B, J, 2, 3, T] in the same frame."""
        six = six[:, self.parents]
        x = unit(six[:, :, 0], 2)
        y = six[:, :, 1] - (six[:, :, 1] * x).sum(2, keepdim=True) * x
        y = unit(y, 2)
        o = self.offsets[None, :, :, None]
        bones = o[:, :, 0:1] * x + o[:, :, 1:2] * y + o[:, :, 2:3] * torch.linalg.cross(x, y, dim=2)
        return torch.einsum("jk,bkct->bjct", self.reaches, bones)

    def world_velocity(self, positions: Tensor, raw: Tensor) -> Tensor:
        """Joint velocities in the world, m/s, in the heading frame of the first frame, [B, J, 3, T-1]."""
        turn = (raw[:, YAW_RATE, :-1] / FRAME_RATE_HZ)[:, None]
        cos, sin = torch.cos(turn), torch.sin(turn)
        after = positions[..., 1:]
        x, z = after[:, :, 0], after[:, :, 2]
        turned = torch.stack([cos * x + sin * z, after[:, :, 1], cos * z - sin * x], dim=2)
        height = raw[:, HEIGHT, 1:] - raw[:, HEIGHT, :-1]
        root = torch.stack(
            [raw[:, VELOCITY.start, :-1], height * FRAME_RATE_HZ, raw[:, VELOCITY.start + 1, :-1]], dim=1
        )
        return (turned - positions[..., :-1]) * FRAME_RATE_HZ + root[:, None]


@dataclass
class Terms:
    """The kinematic quantities that several losses share, computed once."""

    positions: Tensor
    raw: Tensor
    velocity: Tensor


def kinematic_terms(body: BodyKinematics, features: Tensor) -> Terms:
    """Positions, physical rows and world velocities of feature rows."""
    positions, raw = body.positions(features)
    return Terms(positions, raw, body.world_velocity(positions, raw))


def length(vectors: Tensor, dim: int) -> Tensor:
    """Euclidean length over `dim`; its gradient at zero is zero (and it is six times faster than norm here)."""
    return (vectors.square().sum(dim) + 1e-12).sqrt()


def unit(vectors: Tensor, dim: int) -> Tensor:
    """`vectors` at length one over `dim`; those shorter than 0.1 mm stay short."""
    return vectors / (vectors.square().sum(dim, keepdim=True) + 1e-8).sqrt()


def weighted_mean(values: Tensor, weight: Tensor) -> Tensor:
    """Mean of `values` under a weight that broadcasts over them."""
    weight = weight.expand_as(values)
    return (values * weight).sum() / weight.sum().clamp_min(1.0)


def position_loss(predicted: Terms, real: Terms, valid: Tensor, observed: Tensor) -> Tensor:
    """Mean joint error in metres (forward kinematics loss). `valid` [B, T], `observed` [B, J]."""
    distance = length(predicted.positions - real.positions, 2)
    height = (predicted.raw[:, HEIGHT] - real.raw[:, HEIGHT]).abs()
    weight = valid[:, None] * observed[:, :, None]
    return weighted_mean(distance, weight) + weighted_mean(height, valid)


def velocity_loss(predicted: Terms, real: Terms, valid: Tensor, observed: Tensor) -> Tensor:
    """Mean error of world joint velocities, m/s."""
    error = (predicted.velocity - real.velocity).abs().sum(2)
    return weighted_mean(error, valid[:, None, 1:] * observed[:, :, None])


def contact_loss(
    predicted: Terms, real: Terms, body: BodyKinematics, valid: Tensor, observed: Tensor, sure: Tensor
) -> Tensor:
    """Speed, m/s, of feet that touch the floor.

    Where the motion is told by its code, `sure` [B] is 1 and the true contacts count; where it is free, the
    predicted ones do, and only clear ones: a faint contact in a swinging foot would slow the step. The loss
    moves feet, not predicted contacts: else predicting none is the cheapest way to be rid of it.
    """
    speed = length(predicted.velocity[:, body.contact_rows], 2)
    told = sure[:, None, None]
    clear = (predicted.raw[:, CONTACTS, :-1].detach() > 0.7).to(speed.dtype)
    touching = told * real.raw[:, CONTACTS, :-1].clamp(0, 1) + (1.0 - told) * clear
    return weighted_mean(speed, touching * valid[:, None, 1:] * observed[:, body.contact_rows, None])


def joint_speed(terms: Terms) -> Tensor:
    """Mean joint speed smoothed over five frames, m/s, [B, T-1]."""
    speed = functional.pad(length(terms.velocity, 2).mean(dim=1, keepdim=True), (2, 2), mode="replicate")[:, 0]
    n = speed.shape[-1] - 4
    return sum((share * speed[:, i : i + n] for i, share in enumerate(_SMOOTHING)), torch.zeros_like(speed[:, :n]))


def sync_loss(predicted: Terms, accent: Tensor, valid: Tensor, reach: int = 5) -> Tensor:
    """How far movements fail to arrive on the accents (the paper's synchronisation loss).

    A kinematic beat is a minimum of joint speed: at an accent the speed should be at most 0.6 of its mean
    `reach` frames before and after. `accent` [B, T] is 1 on accents.
    """
    speed = joint_speed(predicted)
    around = 0.5 * (speed[:, : -2 * reach] + speed[:, 2 * reach :])
    at = speed[:, reach:-reach]
    weight = (accent * valid)[:, reach : -reach - 1]
    return weighted_mean(functional.relu(at / (around + 0.05) - 0.6), weight**2)


def movement_consistency(predicted: Terms, jerk_limit: Tensor, valid: Tensor) -> Tensor:
    """Joint jerk beyond what the data's 99th percentile shows, over that limit; 0 for real-looking movement.

    `jerk_limit` [J] in m/s^3.
    """
    acceleration = torch.diff(predicted.velocity, dim=-1) * FRAME_RATE_HZ
    jerk = length(torch.diff(acceleration, dim=-1) * FRAME_RATE_HZ, 2)
    excess = functional.relu(jerk / jerk_limit[None, :, None] - 1.0)
    return weighted_mean(excess, valid[:, None, 3:])


def logical_coherence(predicted: Terms, edges: Tensor, acceleration_limit: float) -> Tensor:
    """Joint acceleration at the edges between known and new motion beyond the limit, over the limit.

    `edges` [B, T] is 1 where known and unknown frames meet.
    """
    acceleration = length(torch.diff(predicted.velocity, dim=-1) * FRAME_RATE_HZ, 2).mean(dim=1)
    near = functional.max_pool1d(edges[:, None], 3, stride=1, padding=1)[:, 0, 1:-1]
    return weighted_mean(functional.relu(acceleration / acceleration_limit - 1.0), near)


def structural_integrity(predicted: Terms, body: BodyKinematics, valid: Tensor) -> Tensor:
    """What no body can do: feet below the floor (m) and knees bent backwards (sine of the angle)."""
    feet = predicted.positions[:, body.contact_rows, 1] + predicted.raw[:, None, HEIGHT]
    below = functional.relu(0.5 * body.rest_heights - feet)
    learned = list(LEARNED_JOINTS)
    backwards = []
    for hip, knee, ankle, toe in LEGS:
        p = [predicted.positions[:, learned.index(j)] for j in (hip, knee, ankle, toe)]
        thigh, shin = unit(p[1] - p[0], 1), unit(p[2] - p[1], 1)
        forward = unit(p[3] - p[2], 1)
        backwards.append(functional.relu(((shin - thigh) * forward).sum(1) - 0.1))
    return weighted_mean(below, valid[:, None]) * 10.0 + weighted_mean(torch.stack(backwards, 1), valid[:, None])


def effort_loss(
    predicted: Terms, body: BodyKinematics, wanted: Tensor, mean: Tensor, std: Tensor, weight: Tensor
) -> Tensor:
    """How far movements miss the wanted energy, expansion, height and uprightness, in standard deviations.

    Means over a window are compared: efforts are qualities of phrases, not of frames (conditioning.effort_curves).
    `wanted` [B, 6, T]; `mean`, `std` [6]; `weight` [B, T] of frames.
    """
    trunk = predicted.positions[:, LEARNED_JOINTS.index(JOINT["Neck"])]
    share = weight / weight.sum(1, keepdim=True).clamp_min(1.0)
    made = {
        "energy": functional.pad(length(predicted.velocity, 2).mean(1), (0, 1)),
        "expansion": length(predicted.positions[:, body.end_rows], 2).mean(1),
        "height": predicted.raw[:, HEIGHT],
        "uprightness": trunk[:, 1] / length(trunk, 1).clamp_min(1e-3),
    }
    total = torch.zeros((), device=wanted.device)
    told = share.sum(1)
    for name, rows in made.items():
        i = EFFORTS.index(name)
        error = ((rows * share).sum(1) - mean[i] * told) / std[i] - (wanted[:, i] * share).sum(1)
        total = total + functional.smooth_l1_loss(error, torch.zeros_like(error))
    return total / len(made)


def accelerations(terms: Terms, weight: Tensor) -> Tensor:
    """Mean joint acceleration of each window, m/s^2, [B]; `weight` [B, T] of frames."""
    size = length(torch.diff(terms.velocity, dim=-1) * FRAME_RATE_HZ, 2).mean(1)
    weight = weight[:, 2:]
    return (size * weight).sum(1) / weight.sum(1).clamp_min(1.0)


def liveliness_loss(made: Tensor, wanted: Tensor) -> Tensor:
    """How far accelerations [B] lie, beyond a tenth, from the wanted ones: what is averaged is smoother than dance."""
    apart = (torch.log(made + 0.1) - torch.log(wanted + 0.1)).abs()
    return functional.relu(apart - 0.1).mean()


def diversity_loss(first: Tensor, second: Tensor, apart: Tensor) -> Tensor:
    """Mode seeking (Mao et al. 2019): the share of the code distance `apart` [B] that the motion lost, 0 to 1."""
    moved = (first - second).abs().mean(dim=(1, 2))
    return functional.relu(1.0 - moved / apart.clamp_min(1e-3)).mean()


def kl_loss(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Divergence of the codes' posterior from a standard normal, per code number (Kingma & Welling 2014)."""
    return -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).mean()


def hinge_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Hinge loss of the discriminator (Lim & Ye 2017)."""
    return functional.relu(1 - real).mean() + functional.relu(1 + fake).mean()


def minimax_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """The paper's Eq. 1 as the discriminator sees it, in the form that does not overflow."""
    return functional.softplus(-real).mean() + functional.softplus(fake).mean()


def hinge_generator(fake: Tensor) -> Tensor:
    """Hinge loss of the generator."""
    return -fake.mean()


def minimax_generator(fake: Tensor) -> Tensor:
    """The paper's Eq. 1 as the generator sees it, in the non-saturating form (Goodfellow et al. 2014)."""
    return functional.softplus(-fake).mean()


ADVERSARIAL = {
    "hinge": (hinge_discriminator, hinge_generator),
    "minimax": (minimax_discriminator, minimax_generator),
}
