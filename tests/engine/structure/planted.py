"""Faults planted in a dance by known edits: what was done, when, to which joints, and what must find it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from engine.motion import house, ik, quaternion
from engine.motion.house import JOINT
from engine.motion.motion import Motion
from engine.motion.signals import runs, smoothed, smoothstep
from engine.structure.body import Body
from tests.engine.structure.figures import arabesque, pirouette

X, Y, Z = np.eye(3)
RAMP_S = 0.35


@dataclass(frozen=True)
class Planted:
    """A dance with a fault in [start_frame, end_frame), at one of these joints (none in particular if empty).

    It is judged by the rules of `style`.
    """

    motion: Motion
    start_frame: int
    end_frame: int
    joints: tuple[str, ...]
    style: str | None = None


Plant = Callable[[Motion, np.random.Generator], Planted]


def envelope(n: int, start: int, end: int, ramp: int) -> np.ndarray:
    """1 within [start, end), rising and falling over `ramp` frames around it, [n]."""
    frames = np.arange(n)
    return smoothstep(1.0 - np.maximum(np.maximum(start - frames, frames - (end - 1)), 0) / ramp)


def _span(motion: Motion, rng: np.random.Generator, duration_s: float) -> tuple[int, int, np.ndarray]:
    """A span somewhere in the middle of the dance, and its envelope."""
    n, length = motion.n_frames, round(duration_s * motion.frame_rate_hz)
    start = int(rng.integers(45, n - length - 45))
    return start, start + length, envelope(n, start, start + length, round(RAMP_S * motion.frame_rate_hz))


def _side(rng: np.random.Generator) -> tuple[str, float]:
    return ("Left", 1.0) if rng.random() < 0.5 else ("Right", -1.0)


def _with_local(motion: Motion, joint: str, rotations: np.ndarray) -> Motion:
    local = motion.local_rotations.copy()
    local[:, JOINT[joint]] = quaternion.normalize(rotations)
    return replace(motion, local_rotations=local)


def _lifted(motion: Motion, by_m: np.ndarray) -> Motion:
    return replace(motion, root_positions_m=motion.root_positions_m + by_m[:, np.newaxis] * Y)


def posed(joint: str, axis: Callable[[float], np.ndarray], deg: float, shown: str = "") -> Plant:
    """A joint brought to a turn of `deg` about an axis of its parent's for 0.6 s, in place of what it did."""

    def plant(motion: Motion, rng: np.random.Generator) -> Planted:
        start, end, weight = _span(motion, rng, 0.6)
        name, sign = _side(rng)
        own = joint.replace("Side", name)
        wrong = quaternion.from_axis_angle(axis(sign), np.radians(deg + rng.uniform(-2.0, 2.0)))
        local = motion.local_rotations[:, JOINT[own]]
        # By way of the rest pose: half a turn has two shorter ways.
        turned = quaternion.slerp(local, np.broadcast_to(wrong, local.shape), weight)
        return Planted(_with_local(motion, own, turned), start - 8, end + 8, ((shown or joint).replace("Side", name),))

    return plant


def neck(axis: np.ndarray, deg: float) -> Plant:
    """Neck and head together turned by `deg`."""
    return _chain(("Neck", "Head"), axis, deg, "Head")


def trunk(axis: np.ndarray, deg: float) -> Plant:
    """The three joints of the back together turned by `deg`."""
    return _chain(("Spine", "Spine1", "Spine2"), axis, deg, "Spine1")


def _chain(joints: tuple[str, ...], axis: np.ndarray, deg: float, shown: str) -> Plant:
    def plant(motion: Motion, rng: np.random.Generator) -> Planted:
        start, end, weight = _span(motion, rng, 0.6)
        for joint in joints:
            wrong = quaternion.from_axis_angle(axis, np.radians(deg / len(joints)))
            local = motion.local_rotations[:, JOINT[joint]]
            motion = _with_local(
                motion, joint, quaternion.slerp(local, np.broadcast_to(wrong, local.shape), weight)
            )
        return Planted(motion, start, end, (shown,))

    return plant


def sunk(motion: Motion, rng: np.random.Generator) -> Planted:
    """The whole body 9 cm lower for 0.8 s."""
    start, end, weight = _span(motion, rng, 0.8)
    body = Body(motion)
    by = 0.09 + np.maximum(body.lowest[start:end].max(), 0.0)
    return Planted(_lifted(motion, -by * weight), start, end, ())


def foot_through(motion: Motion, rng: np.random.Generator) -> Planted:
    """One ankle drawn to 4 cm under the floor."""
    start, end, weight = _span(motion, rng, 0.5)
    name, _ = _side(rng)
    leg = house.LEGS[0 if name == "Left" else 1]
    positions, _rotations = motion.global_transforms()
    ankle = positions[:, leg[2]]
    target = ankle * [1, 0, 1] + [0.0, -0.04, 0.0]
    # Under the hip, where the leg reaches.
    target = np.where([True, False, True], positions[:, leg[0]], target)
    motion = _lifted(motion, -0.12 * weight)
    positions, _rotations = motion.global_transforms()
    return Planted(_reached(motion, leg[:3], target, weight), start, end, (f"{name}Foot", f"{name}ToeBase"))


def _reached(motion: Motion, limb: tuple[int, ...], target: np.ndarray, weight: np.ndarray) -> Motion:
    positions, rotations = motion.global_transforms()
    here = positions[:, limb[2]]
    goal = here + weight[:, np.newaxis] * (target - here)
    hint = quaternion.rotate(rotations[:, limb[0]], Z)
    hip, knee, ankle = limb[:3]
    local = ik.reach(
        motion.skeleton, positions, rotations, motion.local_rotations, (hip, knee, ankle), goal, rotations[:, ankle],
        hint,
    )  # fmt: skip
    changed = weight > 0.0
    out = motion.local_rotations.copy()
    out[changed] = local[changed]
    return replace(motion, local_rotations=out)


def pushed(by_m: float) -> Plant:
    """The body pushed over the floor while a foot carries it for half a second."""
    return lambda motion, rng: _pushed(motion, rng, by_m)


def _pushed(motion: Motion, rng: np.random.Generator, by_m: float) -> Planted:
    body = Body(motion)
    stances = [
        (a, foot)
        for foot in (0, 1)
        for a, b in runs(body.down[:, foot] & (body.load[:, foot] > 0.7) & (body.foot_moves[:, foot] < 0.004))
        if b - a >= 15 and a > 45 and b < motion.n_frames - 45
    ]
    start, foot = stances[int(rng.integers(len(stances)))]
    angle = rng.uniform(0.0, 2.0 * np.pi)
    way = np.array([np.cos(angle), 0.0, np.sin(angle)])
    by = by_m * smoothstep((np.arange(motion.n_frames) - start) / 14.0)[:, np.newaxis] * way
    name = ("Left", "Right")[foot]
    moved = replace(motion, root_positions_m=motion.root_positions_m + by)
    return Planted(moved, start, start + 15, (f"{name}Foot", f"{name}ToeBase"))


def hovering(motion: Motion, rng: np.random.Generator) -> Planted:
    """The body carried 20 cm over the floor for 1.5 s."""
    start, end, weight = _span(motion, rng, 1.5)
    return Planted(_lifted(motion, 0.2 * weight), start, end, ("Hips",))


def jump(duration_s: float, height_m: float) -> Plant:
    """A jump of a height in a time that does not fit."""

    def plant(motion: Motion, rng: np.random.Generator) -> Planted:
        start, end, _ = _span(motion, rng, duration_s)
        # Held in the air, so that what the dance does there is not measured along.
        still = _held_pose(motion, start, end)
        u = np.clip((np.arange(motion.n_frames) - start) / (end - 1 - start), 0.0, 1.0)
        return Planted(_lifted(still, 4.0 * height_m * u * (1.0 - u)), start, end, ("Hips",))

    return plant


def _held_pose(motion: Motion, start: int, end: int) -> Motion:
    """The dance with the pose at `start` held until `end`, blended into and out of over a third of a second."""
    weight = envelope(motion.n_frames, start, end, 10)
    local = quaternion.slerp(
        motion.local_rotations, np.broadcast_to(motion.local_rotations[start], motion.local_rotations.shape),
        np.broadcast_to(weight[:, np.newaxis], motion.local_rotations.shape[:2]),
    )  # fmt: skip
    root = motion.root_positions_m + weight[:, np.newaxis] * (motion.root_positions_m[start] - motion.root_positions_m)
    return replace(motion, root_positions_m=root, local_rotations=quaternion.normalize(local))


def leaning(motion: Motion, rng: np.random.Generator) -> Planted:
    """The whole body tipped by 50 degrees about a foot on the floor, and held there for a second."""
    start, end, _ = _span(motion, rng, 1.0)
    still = _held_pose(motion, start, end)
    weight = envelope(motion.n_frames, start, end, 15)
    body = Body(still)
    pivot = body.feet[start].reshape(-1, 3)
    pivot = pivot[np.argmin(pivot[:, 1])] * [1.0, 0.0, 1.0]
    angle = rng.uniform(0.0, 2.0 * np.pi)
    tip = quaternion.from_axis_angle(np.array([np.cos(angle), 0.0, np.sin(angle)]), np.radians(50.0) * weight)
    root = quaternion.rotate(tip, still.root_positions_m - pivot) + pivot
    tipped = _with_local(still, "Hips", quaternion.multiply(tip, still.local_rotations[:, 0]))
    tipped = replace(tipped, root_positions_m=root)
    # Whatever the tipping lifted off or sank: the lowest point is on the floor again.
    return Planted(_lifted(tipped, -weight * Body(tipped).lowest), start - 15, end + 15, ("Hips",))


def stiff_landing(motion: Motion, rng: np.random.Generator) -> Planted:
    """A jump of 30 cm, true to gravity, that takes off from straight legs and lands on straight legs."""
    start, end, _ = _span(motion, rng, 1.6)
    n = motion.n_frames
    weight = envelope(n, start, end, 12)
    local = motion.local_rotations.copy()
    yaw = quaternion.from_axis_angle(Y, float(Body(motion).heading[start]))
    for joint in range(house.HOUSE.n_joints):
        goal = yaw if joint == 0 else quaternion.IDENTITY
        local[:, joint] = quaternion.slerp(local[:, joint], np.broadcast_to(goal, (n, 4)), weight)
    root = motion.root_positions_m.copy()
    root[:, 1] += weight * (house.HOUSE.offsets_m[0, 1] - root[:, 1])
    root[start - 12 : end + 12, [0, 2]] = root[start, [0, 2]]
    root[end + 12 :, [0, 2]] += root[start, [0, 2]] - motion.root_positions_m[end + 12, [0, 2]]
    flight_s = np.sqrt(8.0 * 0.3 / 9.81)
    t = (np.arange(n) - start - 12) / motion.frame_rate_hz
    root[:, 1] += np.where((t > 0) & (t < flight_s), 0.5 * 9.81 * t * (flight_s - t), 0.0)
    landed = start + 12 + round(flight_s * motion.frame_rate_hz)
    stiff = replace(motion, root_positions_m=root, local_rotations=quaternion.normalize(local))
    return Planted(stiff, landed - 3, landed + 10, ("LeftLeg", "RightLeg"))


def hand_in_belly(motion: Motion, rng: np.random.Generator) -> Planted:
    """A hand drawn to the spine."""
    start, end, weight = _span(motion, rng, 0.6)
    name, _ = _side(rng)
    arm = house.ARMS[0 if name == "Left" else 1]
    target = motion.positions_m()[:, JOINT["Spine"]]
    return Planted(_reached(motion, arm[1:4], target, weight), start, end, (f"{name}Hand", f"{name}ForeArm"))


def legs_crossed(motion: Motion, rng: np.random.Generator) -> Planted:
    """One leg drawn into the other, ankle on ankle."""
    start, end, weight = _span(motion, rng, 0.6)
    positions = motion.positions_m()
    crossed = _reached(motion, house.LEGS[0][:3], positions[:, JOINT["RightFoot"]], weight)
    return Planted(crossed, start, end, ("LeftLeg", "RightLeg", "LeftUpLeg", "RightUpLeg"))


def popped(motion: Motion, rng: np.random.Generator) -> Planted:
    """A shoulder or hip turned by 50 degrees for one frame."""
    frame = int(rng.integers(45, motion.n_frames - 45))
    name, _ = _side(rng)
    joint = f"{name}{rng.choice(['Arm', 'UpLeg'])}"
    child = JOINT[joint.replace("UpLeg", "Leg").replace("Arm", "ForeArm") if "Up" not in joint else f"{name}Leg"]
    bone = quaternion.rotate(motion.local_rotations[frame, JOINT[joint]], house.HOUSE.offsets_m[child])
    axis = np.cross(bone, X if abs(bone[0]) < 0.7 * np.linalg.norm(bone) else Z)
    turn = quaternion.from_axis_angle(axis / np.linalg.norm(axis), np.radians(50.0))
    local = motion.local_rotations.copy()
    local[frame, JOINT[joint]] = quaternion.multiply(turn, local[frame, JOINT[joint]])
    return Planted(replace(motion, local_rotations=local), frame, frame + 1, (joint,))


def cut(motion: Motion, rng: np.random.Generator) -> Planted:
    """1.5 s left out where the poses differ."""
    body = Body(motion)
    skip = 45
    poses = body.positions - body.positions[:, :1]
    apart = np.linalg.norm(poses[skip:] - poses[:-skip], axis=-1).max(axis=1)
    places = np.flatnonzero(apart[45:-45] > min(0.5, 0.9 * apart[45:-45].max())) + 45
    frame = int(places[int(rng.integers(len(places)))])
    root = motion.root_positions_m
    root = np.concatenate([root[:frame], root[frame + skip :] - root[frame + skip] + root[frame]])
    local = np.concatenate([motion.local_rotations[:frame], motion.local_rotations[frame + skip :]])
    return Planted(replace(motion, root_positions_m=root, local_rotations=local), frame, frame + 1, ())


def teleported(motion: Motion, rng: np.random.Generator) -> Planted:
    """40 cm to one side from one frame on."""
    frame, angle = int(rng.integers(45, motion.n_frames - 45)), rng.uniform(0.0, 2.0 * np.pi)
    root = motion.root_positions_m.copy()
    root[frame:] += 0.4 * np.array([np.cos(angle), 0.0, np.sin(angle)])
    return Planted(replace(motion, root_positions_m=root), frame, frame + 1, ("Hips",))


def trembling(motion: Motion, rng: np.random.Generator) -> Planted:
    """A shoulder that trembles by 8 degrees for a second and a half."""
    start, end, weight = _span(motion, rng, 1.5)
    name, _ = _side(rng)
    noise = np.radians(8.0) * weight[:, np.newaxis] * rng.normal(size=(motion.n_frames, 3))
    turn = quaternion.from_rotation_vector(noise)
    joint = f"{name}Arm"
    turned = quaternion.multiply(turn, motion.local_rotations[:, JOINT[joint]])
    return Planted(_with_local(motion, joint, turned), start, end, (joint,))


def rattled(motion: Motion, rng: np.random.Generator) -> Planted:
    """Hips that are shaken by 4 cm for a second and a half."""
    start, end, weight = _span(motion, rng, 1.5)
    noise = 0.04 * weight[:, np.newaxis] * rng.normal(size=(motion.n_frames, 3))
    return Planted(replace(motion, root_positions_m=motion.root_positions_m + noise), start, end, ("Hips",))


def stopped(motion: Motion, rng: np.random.Generator) -> Planted:
    """One frame held for 1.2 s."""
    start, end, _ = _span(motion, rng, 1.2)
    rows = np.arange(motion.n_frames)
    rows[start:end] = start
    still = replace(
        motion, root_positions_m=motion.root_positions_m[rows], local_rotations=motion.local_rotations[rows]
    )
    return Planted(still, start, end, ())


def whipped(motion: Motion, rng: np.random.Generator) -> Planted:
    """A straight arm swung round twice in half a second."""
    start = int(rng.integers(45, motion.n_frames - 55))
    name, _ = _side(rng)
    joint, n = f"{name}Arm", motion.n_frames
    weight = envelope(n, start - 3, start + 18, 10)
    elbow = motion.local_rotations[:, JOINT[f"{name}ForeArm"]]
    straight = quaternion.slerp(elbow, np.broadcast_to(quaternion.IDENTITY, elbow.shape), weight)
    motion = _with_local(motion, f"{name}ForeArm", straight)
    local = motion.local_rotations[:, JOINT[joint]]
    bone = quaternion.rotate(local[start], house.HOUSE.offsets_m[JOINT[f"{name}ForeArm"]])
    axis = np.cross(bone, Y if abs(bone[1]) < 0.7 * np.linalg.norm(bone) else Z)
    angle = 4.0 * np.pi * smoothstep((np.arange(n) - start) / 15.0)
    turn = quaternion.from_axis_angle(axis / np.linalg.norm(axis), angle)
    return Planted(_with_local(motion, joint, quaternion.multiply(turn, local)), start, start + 15, (f"{name}Hand",))


def spun(motion: Motion, rng: np.random.Generator) -> Planted:
    """The body turned round twice in half a second."""
    start = int(rng.integers(45, motion.n_frames - 60))
    angle = 4.0 * np.pi * smoothstep((np.arange(motion.n_frames) - start) / 15.0)
    turn = quaternion.from_axis_angle(Y, angle)
    turned = quaternion.multiply(turn, motion.local_rotations[:, 0])
    return Planted(_with_local(motion, "Hips", turned), start, start + 15, ("Hips",))


def hurled(motion: Motion, rng: np.random.Generator) -> Planted:
    """The body moved 3 m in 0.4 s."""
    start, angle = int(rng.integers(45, motion.n_frames - 60)), rng.uniform(0.0, 2.0 * np.pi)
    by = 3.0 * smoothstep((np.arange(motion.n_frames) - start) / 12.0)[:, np.newaxis]
    root = motion.root_positions_m + by * np.array([np.cos(angle), 0.0, np.sin(angle)])
    return Planted(replace(motion, root_positions_m=root), start, start + 12, ("Hips",))


def rewound(motion: Motion, rng: np.random.Generator) -> Planted:
    """A third of a second danced, danced backwards, and danced again: the place is right, the speed is not."""
    speed = np.linalg.norm(np.diff(Body(motion).positions - Body(motion).positions[:, :1], axis=0), axis=-1).max(axis=1)
    places = np.flatnonzero(speed[60:-60] > np.quantile(speed[60:-60], 0.9)) + 60
    frame, span = int(places[int(rng.integers(len(places)))]), 10
    rows = np.concatenate([np.arange(frame), np.arange(frame, frame - span, -1),
                           np.arange(frame - span, motion.n_frames - 2 * span)])  # fmt: skip
    back = replace(motion, root_positions_m=motion.root_positions_m[rows], local_rotations=motion.local_rotations[rows])
    return Planted(back, frame - 1, frame + span + 2, ())


def nervous(motion: Motion, rng: np.random.Generator) -> Planted:
    """All joints unquiet for two seconds, each by some degrees and too slowly to be noise."""
    start, end, weight = _span(motion, rng, 2.0)
    noise = rng.normal(size=(motion.n_frames, house.HOUSE.n_joints, 3))
    noise = np.radians(11.0) * smoothed(noise, 1.0) / np.std(smoothed(noise, 1.0))
    turn = quaternion.from_rotation_vector(weight[:, np.newaxis, np.newaxis] * noise)
    local = quaternion.normalize(quaternion.multiply(turn, motion.local_rotations))
    return Planted(replace(motion, local_rotations=local), start, end, ())


def stiff_jump(motion: Motion, rng: np.random.Generator) -> Planted:
    """The jump of `stiff_landing`, seen from its beginning."""
    planted = stiff_landing(motion, rng)
    flight = round(np.sqrt(8.0 * 0.3 / 9.81) * motion.frame_rate_hz)
    start = planted.start_frame + 3 - flight
    return replace(planted, start_frame=start - 14, end_frame=start + 4)


def wrung(motion: Motion, rng: np.random.Generator) -> Planted:
    """The body held for a second and turned by 150 degrees over feet that stay."""
    start, end, _ = _span(motion, rng, 1.2)
    n, weight = motion.n_frames, envelope(motion.n_frames, start, end, 15)
    local = motion.local_rotations.copy()
    yaw = quaternion.from_axis_angle(Y, float(Body(motion).heading[start]))
    for joint in range(house.HOUSE.n_joints):
        goal = yaw if joint == 0 else quaternion.IDENTITY
        local[:, joint] = quaternion.slerp(local[:, joint], np.broadcast_to(goal, (n, 4)), weight)
    turn = quaternion.from_axis_angle(Y, np.radians(150.0) * weight)
    local[:, 0] = quaternion.multiply(turn, local[:, 0])
    for side in ("Left", "Right"):
        foot = JOINT[side + "Foot"]
        local[:, foot] = quaternion.multiply(quaternion.conjugate(turn), local[:, foot])
    root = motion.root_positions_m + weight[:, np.newaxis] * (
        motion.root_positions_m[start] * [1, 0, 1] + house.HOUSE.offsets_m[0] - motion.root_positions_m
    )
    wrong = replace(motion, root_positions_m=root, local_rotations=quaternion.normalize(local))
    return Planted(wrong, start - 6, end + 6, ("LeftFoot", "RightFoot"))


def weight_lifted(motion: Motion, rng: np.random.Generator) -> Planted:
    """Both feet stand apart, the weight wholly over one of them, and that one is lifted."""
    start, end, weight = _span(motion, rng, 1.6)
    still = _held_pose(motion, start, end)
    n = motion.n_frames
    local = still.local_rotations.copy()
    yaw = quaternion.from_axis_angle(Y, float(Body(motion).heading[start]))
    for joint in range(house.HOUSE.n_joints):
        goal = yaw if joint == 0 else quaternion.IDENTITY
        local[:, joint] = quaternion.slerp(local[:, joint], np.broadcast_to(goal, (n, 4)), weight)
    aside = quaternion.rotate(yaw, X)
    name, sign = _side(rng)
    root = still.root_positions_m.copy()
    middle = still.root_positions_m[start] * [1, 0, 1] + np.array([0.0, 0.80, 0.0])
    root += weight[:, np.newaxis] * (middle + 0.1 * sign * aside - root)
    posed_still = replace(still, root_positions_m=root, local_rotations=quaternion.normalize(local))
    # The other foot stands 45 cm away; the loaded one goes up under the body, which stays over it.
    lift = 0.12 * envelope(n, start + 24, start + 34, 6)
    own, other = (house.LEGS[i] for i in ((0, 1) if name == "Left" else (1, 0)))
    under = middle * [1, 0, 1] + np.array([0.0, 0.08, 0.0]) + lift[:, np.newaxis] * Y
    away = middle * [1, 0, 1] + np.array([0.0, 0.08, 0.0]) - sign * 0.45 * aside
    out = _reached(posed_still, own[:3], under, weight)
    out = _reached(out, other[:3], np.broadcast_to(away, under.shape), weight)
    return Planted(out, start + 8, start + 40, (f"{name}Foot", f"{name}ToeBase"))


def left_the_stage(motion: Motion, rng: np.random.Generator) -> Planted:
    """Carried 12 m to the side and back, in three seconds each way."""
    start, end, _ = _span(motion, rng, 2.0)
    away = 1.0 if motion.root_positions_m[start, 0] > 0.0 else -1.0
    by = away * 12.0 * envelope(motion.n_frames, start, end, 40)
    return Planted(replace(motion, root_positions_m=motion.root_positions_m + by[:, np.newaxis] * X), start, end, ())


def placed_at_the_edge(motion: Motion, rng: np.random.Generator) -> Planted:
    """The whole dance placed so near a side of the stage that it leaves it where it goes furthest."""
    across = motion.root_positions_m[:, 0]
    # Where it is for the tenth of the time in which it is furthest to that side.
    sign = _side(rng)[1]
    border = np.sort(sign * across)[-motion.n_frames // 10]
    outside = runs(sign * across > border)
    start, end = max(outside, key=lambda span: span[1] - span[0])
    root = motion.root_positions_m + (9.0 * sign - sign * border) * X
    return Planted(replace(motion, root_positions_m=root), start, end, ("Hips",))


def figure(made: Motion, joints: tuple[str, ...]) -> Plant:
    """A figure of ballet set into the dance where it stands, blended into and out of over half a second."""

    def plant(motion: Motion, rng: np.random.Generator) -> Planted:
        length, n = made.n_frames, motion.n_frames
        start = int(rng.integers(20, n - length - 20))
        rows = np.clip(np.arange(n) - start, 0, length - 1)
        weight = envelope(n, start + 12, start + length - 12, 12)
        yaw = quaternion.from_axis_angle(Y, float(Body(motion).heading[start]))
        goal = made.local_rotations[rows].copy()
        goal[:, 0] = quaternion.multiply(yaw, goal[:, 0])
        place = quaternion.rotate(yaw, made.root_positions_m[rows]) + motion.root_positions_m[start] * [1.0, 0.0, 1.0]
        local = quaternion.slerp(motion.local_rotations, goal, np.repeat(weight[:, np.newaxis], goal.shape[1], axis=1))
        root = motion.root_positions_m + weight[:, np.newaxis] * (place - motion.root_positions_m)
        danced = replace(motion, root_positions_m=root, local_rotations=quaternion.normalize(local))
        return Planted(danced, start + 25, start + length - 15, joints, "ballet")

    return plant


def _elbow_axis(sign: float) -> np.ndarray:
    way = np.array([0.0, np.sin(np.radians(30.0)), np.cos(np.radians(30.0))])
    return np.cross([sign, 0.0, 0.0], way)


# kind -> the rules of which one must find it, and how it is planted
KINDS: dict[str, tuple[tuple[str, ...], Plant]] = {
    "knee bent forwards": (("knee_range",), posed("SideLeg", lambda s: X, -25.0)),
    "knee bent too far": (("knee_range",), posed("SideLeg", lambda s: X, 176.0)),
    "elbow bent back": (("elbow_range",), posed("SideForeArm", _elbow_axis, -35.0)),
    "elbow bent too far": (("elbow_range",), posed("SideForeArm", _elbow_axis, 174.0)),
    "hand folded": (("wrist_range",), posed("SideHand", lambda s: Z, 135.0)),
    "foot bent up": (("ankle_range",), posed("SideFoot", lambda s: X, -112.0)),
    "foot bent down": (("ankle_range",), posed("SideFoot", lambda s: X, 92.0)),
    "leg too far back": (("hip_range",), posed("SideUpLeg", lambda s: X, 75.0)),
    "leg through the chest": (("hip_range",), posed("SideUpLeg", lambda s: X, -168.0)),
    "leg too far across": (("hip_side_range",), posed("SideUpLeg", lambda s: -s * Z, 70.0)),
    "head like an owl's": (("neck_turn",), neck(Y, 125.0)),
    "head thrown back": (("neck_nod",), neck(X, -120.0)),
    "back bent backwards": (("trunk_bend",), trunk(X, -95.0)),
    "back bent sideways": (("trunk_side",), trunk(Z, 75.0)),
    "back wrung": (("trunk_turn",), trunk(Y, 105.0)),
    "body in the floor": (("floor_penetration",), sunk),
    "foot in the floor": (("floor_penetration",), foot_through),
    "standing foot slides": (("foot_skating",), pushed(0.45)),
    "standing foot creeps": (("foot_creeps", "foot_skating"), pushed(0.15)),
    "hovers": (("flight",), hovering),
    "jump in slow motion": (("flight",), jump(1.2, 0.35)),
    "jump pulled down": (("flight",), jump(0.5, 0.9)),
    "leans without falling": (("balance",), leaning),
    "stiff landing": (("landing",), stiff_landing),
    "hand in the belly": (("self_collision",), hand_in_belly),
    "leg through leg": (("self_collision",), legs_crossed),
    "limb pops": (("pose_jump",), popped),
    "frames cut out": (("pose_jump",), cut),
    "elsewhere at once": (("place_jump",), teleported),
    "arm trembles": (("shaking",), trembling),
    "body shaken": (("shaking",), rattled),
    "picture stands": (("frozen",), stopped),
    "arm whipped": (("too_fast",), whipped),
    "body hurled": (("too_fast",), hurled),
    "body spun": (("turned_too_fast",), spun),
    "speed breaks": (("speed_jump", "pose_jump"), rewound),
    "dance is nervous": (("restless", "shaking"), nervous),
    "jump from straight legs": (("take_off",), stiff_jump),
    "body over wrung feet": (("foot_wrung",), wrung),
    "weighted foot lifted": (("weighted_step",), weight_lifted),
    "off the stage": (("on_stage",), left_the_stage),
    "placed at the edge": (("on_stage",), placed_at_the_edge),
    "arabesque low": (("arabesque_height",), figure(arabesque(leg_deg=52.0), ("LeftUpLeg",))),
    "arabesque opened": (("hips_square",), figure(arabesque(open_deg=45.0), ("LeftUpLeg",))),
    "standing knee bent": (("supporting_knee",), figure(arabesque(knee_deg=60.0), ("RightLeg",))),
    "foot not pointed": (("pointed_foot",), figure(arabesque(point_deg=-25.0), ("LeftFoot",))),
    "pirouette unfinished": (("pirouette_turns",), figure(pirouette(1.7), ("Hips",))),
    "pirouette leans": (("pirouette_axis",), figure(pirouette(tilt_deg=22.0), ("Hips",))),
    "pirouette travels": (("pirouette_travel",), figure(pirouette(travel_m=0.5), ("RightFoot",))),
    "head goes round": (("pirouette_spotting",), figure(pirouette(is_spotted=False), ("Head",))),
    "falls out of a turn": (("pirouette_landing",), figure(pirouette(falls_m=1.5), ("Hips",))),
}
