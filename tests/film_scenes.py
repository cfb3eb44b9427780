"""Scenes of film whose every frame is known, and how far off a reader is that read one from a file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.character.character import character
from engine.formats.scene import (
    RATES,
    FilmCamera,
    FilmScene,
    FrameRate,
    NodeAbove,
    PathAbove,
    Performer,
    ReadBack,
    SceneMarker,
    SceneTake,
    SkinnedMesh,
)
from engine.motion import quaternion
from engine.motion.house import HOUSE
from engine.motion.kinematics import rest_transforms
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton
from tests.dances import improvised


def dance(rate: FrameRate, n_frames: int = 40, seed: int = 0, skeleton: Skeleton = HOUSE) -> Motion:
    """Smooth random turns at a film's rate; the rest pose of `skeleton` is not where it dances."""
    house = improvised(n_frames, seed, rate.hz)
    if skeleton is HOUSE:
        return house
    rng = np.random.default_rng(seed)
    vectors = 0.8 * np.sin(rng.normal(size=(skeleton.n_joints, 3)) + np.arange(n_frames)[:, None, None] / 9.0)
    turned = quaternion.multiply(skeleton.rest_rotations, quaternion.from_rotation_vector(vectors))
    return Motion(skeleton, rate.hz, house.root_positions_m.copy(), turned)


def crooked(seed: int = 0) -> Skeleton:
    """The house body, each joint with axes of its own: no rest rotation is the identity."""
    rng = np.random.default_rng(seed)
    places, _ = rest_transforms(HOUSE)
    axes = quaternion.normalize(rng.normal(size=(HOUSE.n_joints, 4)))
    above = np.concatenate([quaternion.IDENTITY[np.newaxis], quaternion.conjugate(axes[HOUSE.parents[1:]])])
    steps = np.concatenate([places[:1], places[1:] - places[HOUSE.parents[1:]]])
    rest = quaternion.multiply(above, axes)
    return Skeleton(HOUSE.names, HOUSE.parents.copy(), quaternion.rotate(above, steps), rest_rotations=rest)


def spinning(rate: FrameRate, n_frames: int = 60, turns: float = 7.0) -> Motion:
    """A dancer who spins about and tumbles over, through every double cover and gimbal on her way."""
    angle = np.linspace(0.0, 2.0 * np.pi * turns, n_frames)
    about_y = quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), angle)
    over = quaternion.from_axis_angle(np.array([1.0, 0.0, 0.0]), 0.5 * angle)
    still = dance(rate, n_frames)
    local = still.local_rotations.copy()
    local[:, 0] = quaternion.multiply(about_y, over)
    local[::3] *= -1.0  # the same rotations
    return replace(still, local_rotations=local)


def film_scene(
    rate: str = "24", n_frames: int = 40, performers: int = 1, takes: int = 1, start_frame: int = 0,
    skeleton: Skeleton = HOUSE, camera: bool = False,
) -> FilmScene:  # fmt: skip
    """Ana, Bo, ... on a skeleton in takes tk01, tk02, ..."""
    names = ("Ana", "Bo", "Cy")[:performers]
    seeds = [range(10 * take, 10 * take + performers) for take in range(takes)]
    eyes = np.linspace([0.0, 1.5, 4.0], [1.0, 1.2, 3.5], n_frames)
    turn = quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), np.linspace(0.0, 0.3, n_frames))
    film = FilmCamera("Shot A", eyes, turn, np.full(n_frames, 35.0))
    return FilmScene(
        "Tiny piece",
        RATES[rate],
        tuple(Performer(name, skeleton) for name in names),
        tuple(
            SceneTake(f"tk{number:02d}", tuple(dance(RATES[rate], n_frames, seed, skeleton) for seed in own))
            for number, own in enumerate(seeds, start=1)
        ),
        start_frame,
        (film,) if camera else (),
        (SceneMarker("Drop", 0.5, comment="everybody down"), SceneMarker("1", 0.25, "beat")),
    )


def flipping(rate: str = "24", start_frame: int = 0) -> FilmScene:
    """A dancer who turns by 110 degrees a frame, for which programs that draw straight lines need keys between."""
    scene = film_scene(rate, start_frame=start_frame)
    motion = spinning(RATES[rate], scene.n_frames, scene.n_frames * 110.0 / 360.0)
    return replace(scene, takes=(SceneTake("flips", (motion,)),))


def with_root(scene: FilmScene) -> FilmScene:
    """The scene with a bone called root under every performer, which wanders and turns on the floor."""
    performers = tuple(replace(performer, above=NodeAbove("root", True)) for performer in scene.performers)
    n = scene.n_frames
    way = np.linspace([0.0, 0.0, 0.0], [1.0, 0.0, -0.5], n)
    turn = quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), np.linspace(0.0, 5.0, n))
    paths = tuple(PathAbove(way.copy(), turn.copy()) for _ in performers)
    return replace(scene, performers=performers, takes=tuple(replace(take, above=paths) for take in scene.takes))


def skinned_m(mesh: SkinnedMesh, motion: Motion, frame: int) -> np.ndarray:
    """Where a skeleton carries the vertices of a body at a frame: linear blend skinning by its definition, [V, 3]."""
    places, turned = (whole[frame] for whole in motion.global_transforms())
    rest, bound = rest_transforms(motion.skeleton)
    turns = quaternion.multiply(turned, quaternion.conjugate(bound))
    away = mesh.positions_m[:, np.newaxis] - rest[mesh.joints]
    carried = places[mesh.joints] + quaternion.rotate(turns[mesh.joints], away)
    return np.sum(mesh.weights[..., np.newaxis] * carried, axis=1)


def bodily(rate: str = "30", n_frames: int = 20) -> FilmScene:
    """Ana with a body of 1.65 m."""
    body = character("woman", 1.65)
    motion = dance(RATES[rate], n_frames)
    motion = Motion(body.skeleton, motion.frame_rate_hz, motion.root_positions_m, motion.local_rotations)
    performer = Performer("Ana", body.skeleton, body.mesh)
    return FilmScene("Bodily", RATES[rate], (performer,), (SceneTake("tk01", (motion,)),))


def worst(scene: FilmScene, found: ReadBack) -> tuple[float, float]:
    """The largest distance in metres and the largest angle in radians over all performers, frames and joints."""
    metres, radians = 0.0, 0.0
    for performer, motion, read in zip(scene.performers, scene.takes[0].motions, found.performers, strict=True):
        order = [read.joints.index(name) for name in performer.skeleton.names]
        places, turned = motion.global_transforms()
        metres = max(metres, float(np.linalg.norm(read.positions_m[:, order] - places, axis=-1).max()))
        if read.rotations is not None:
            radians = max(radians, float(quaternion.angle_between(read.rotations[:, order], turned).max()))
    return metres, radians
