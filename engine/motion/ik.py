"""Analytic inverse kinematics of a limb of two bones: hip, knee, ankle or shoulder, elbow, wrist."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from engine.motion import quaternion
from engine.motion.signals import smoothstep
from engine.motion.skeleton import Skeleton

# Up to this share of its length a limb reaches its target exactly. Beyond, the knee angle would change
# ever faster as the target moves (25 rad/m here, without bound at 1), which is seen as a popping knee.
EXACT_REACH = 0.995
# The limb's end comes no nearer to its root than this, as a share of the limb's length.
NEAREST = 1e-3
# A knee bent less than this, as the sine of the angle between thigh and the line hip-ankle, takes its
# direction partly from the hint: 0.05 is 3 degrees there, 6 degrees at the knee.
STRAIGHT_SINE = 0.05


def two_bone(
    hip_m: np.ndarray,
    knee_m: np.ndarray,
    ankle_m: np.ndarray,
    target_m: np.ndarray,
    knee_hint: np.ndarray,
    exact_reach: np.ndarray | float = EXACT_REACH,
) -> tuple[np.ndarray, np.ndarray]:
    """World rotations that bring the end of a two-bone limb to a target.

    The limb keeps the plane it bends in, swung the shortest way to the target; where it is straight
    and has no such plane, the knee goes towards the hint, and it never bends away from it. A target
    within 99.5 % of the limb's length is reached exactly; beyond, the reach approaches full length
    smoothly and never gets there, so the knee does not pop (Nicholas 2009, "Soft IK").

    Args:
        hip_m, knee_m, ankle_m: Where the limb is now, metres, [..., 3].
        target_m: Where the ankle should be, metres, [..., 3].
        knee_hint: Direction in the world to whose side the knee points, [..., 3].
        exact_reach: Up to what share of its length the limb reaches exactly, below 1; one for all, or [..., 1].

    Returns:
        Rotations [..., 4] of the upper and the lower bone. Multiply each on the left of the bone's
        global rotation.
    """
    thigh, shin, line = knee_m - hip_m, ankle_m - knee_m, ankle_m - hip_m
    upper_length, lower_length = _length(thigh), _length(shin)
    towards = target_m - hip_m
    distance = reachable_distance_m(_length(towards), upper_length, lower_length, exact_reach)
    old = _direction(line, lambda: -thigh)
    new = _direction(towards, lambda: old)
    swing = quaternion.between(old, new)
    pole = quaternion.rotate(swing, _pole(thigh, upper_length, old, knee_hint))
    pole = _direction(_across(pole, new), lambda: _any_across(new))
    cosine = (upper_length**2 + distance**2 - lower_length**2) / (2.0 * upper_length * distance)
    cosine = np.clip(cosine, -1.0, 1.0)
    new_thigh = upper_length * (cosine * new + np.sqrt(1.0 - cosine**2) * pole)
    new_shin = distance * new - new_thigh
    swung = quaternion.rotate(swing, thigh)
    upper = quaternion.multiply(quaternion.between(swung, new_thigh), swing)
    lower = quaternion.multiply(quaternion.between(quaternion.rotate(upper, shin), new_shin), upper)
    return upper, lower


def reachable_distance_m(
    distance_m: np.ndarray, upper_m: np.ndarray, lower_m: np.ndarray, exact_reach: np.ndarray | float = EXACT_REACH
) -> np.ndarray:
    """How far a limb with bones of these lengths reaches towards a target this far, metres.

    The distance itself up to `exact_reach` of the limb's length, then on with the same slope towards
    the full length, which it approaches exponentially.
    """
    full = upper_m + lower_m
    exact = exact_reach * full
    room = full - exact
    beyond = np.maximum(distance_m - exact, 0.0)
    soft = exact + room * (1.0 - np.exp(-beyond / room))
    nearest = np.abs(upper_m - lower_m) + NEAREST * full
    return np.maximum(np.where(distance_m > exact, soft, distance_m), nearest)


def reach(
    skeleton: Skeleton,
    positions_m: np.ndarray,
    rotations: np.ndarray,
    local_rotations: np.ndarray,
    limb: tuple[int, int, int],
    target_m: np.ndarray,
    end_rotations: np.ndarray,
    knee_hint: np.ndarray,
) -> np.ndarray:
    """Local rotations with one limb's end at a target and turned as wanted.

    Args:
        skeleton: J joints.
        positions_m, rotations: Global transforms now, [T, J, 3] and [T, J, 4].
        local_rotations: The local rotations they came from, [T, J, 4]; left as they are.
        limb: Joints of hip, knee and ankle, each the child of the one before.
        target_m: Where the ankle should be, [T, 3].
        end_rotations: Global rotation the ankle should have, [T, 4].
        knee_hint: As in `two_bone`, [T, 3].
    """
    return reach_all(
        skeleton, positions_m, rotations, local_rotations, (limb,), target_m[:, np.newaxis],
        end_rotations[:, np.newaxis], knee_hint[:, np.newaxis],
    )  # fmt: skip


def reach_all(
    skeleton: Skeleton,
    positions_m: np.ndarray,
    rotations: np.ndarray,
    local_rotations: np.ndarray,
    limbs: Sequence[Sequence[int]],
    targets_m: np.ndarray,
    end_rotations: np.ndarray,
    knee_hints: np.ndarray,
    exact_reach: np.ndarray | float = EXACT_REACH,
) -> np.ndarray:
    """As `reach`, for L limbs none of which carries another: targets and hints are [T, L, 3], rotations [T, L, 4]."""
    hips, knees, ankles = (list(joints) for joints in zip(*limbs, strict=True))
    upper, lower = two_bone(
        positions_m[:, hips], positions_m[:, knees], positions_m[:, ankles], targets_m, knee_hints, exact_reach
    )
    thigh = quaternion.multiply(upper, rotations[:, hips])
    shin = quaternion.multiply(lower, rotations[:, knees])
    parents = rotations[:, skeleton.parents[hips]]
    out = np.array(local_rotations, dtype=float)
    out[:, hips] = _from(parents, thigh)
    out[:, knees] = _from(thigh, shin)
    out[:, ankles] = _from(shin, end_rotations)
    return out


def _from(parent: np.ndarray, child: np.ndarray) -> np.ndarray:
    return quaternion.normalize(quaternion.multiply(quaternion.conjugate(parent), child))


def _pole(thigh: np.ndarray, size: np.ndarray, line: np.ndarray, hint: np.ndarray) -> np.ndarray:
    """Unit direction across the line hip-ankle in which the knee stands out, [..., 3]."""
    out = _across(thigh, line)
    hinted = _direction(_across(hint, line), lambda: _any_across(line))
    # A knee bent the wrong way, by noise or by a poor source, stands out on its right side again.
    out = out - 2.0 * np.minimum(_dot(out, hinted), 0.0) * hinted
    weight = smoothstep(_length(out) / size / STRAIGHT_SINE)
    return _direction(weight * _direction(out, lambda: hinted) + (1.0 - weight) * hinted, lambda: hinted)


def _across(v: np.ndarray, unit: np.ndarray) -> np.ndarray:
    return v - _dot(v, unit) * unit


def _any_across(unit: np.ndarray) -> np.ndarray:
    least = np.argmin(np.abs(unit), axis=-1)[..., np.newaxis]
    aside = _across((np.arange(3) == least).astype(float), unit)
    return aside / np.maximum(_length(aside), 1e-12)


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return quaternion.dot(a, b)[..., np.newaxis]


def _length(v: np.ndarray) -> np.ndarray:
    return quaternion.length(v)[..., np.newaxis]


def _direction(v: np.ndarray, otherwise: Callable[[], np.ndarray]) -> np.ndarray:
    """`v` at unit length, or `otherwise()` at unit length where `v` is zero."""
    size = _length(v)
    none = size <= 1e-9
    if not none.any():
        return v / size
    spare = otherwise()
    return np.where(none, spare / np.maximum(_length(spare), 1e-12), v / np.where(none, 1.0, size))
