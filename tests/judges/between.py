"""What a program draws between the keys of a file, against the shortest turn from key to key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.formats.comparison import matched
from engine.formats.scene import FilmScene
from engine.motion import quaternion, rotations
from tests.judges import blender

STEPS = 4  # moments to a frame
_BLOCK_FRAMES = 1024


@dataclass(frozen=True)
class Drawn:
    """How a program draws a file.

    Attributes:
        key_mm: The largest error of a joint's place on the keys.
        between_deg: The largest angle of a joint in its parent between two keys, from the shortest turn; the joint and
            the frame after which.
        where: The joint and the frame.
        took_s: How long it took to read and to look.
    """

    key_mm: float
    between_deg: float
    where: tuple[str, int]
    took_s: float


def in_blender(scene: FilmScene, files: Sequence[tuple[Path, Mapping[str, object]]]) -> Iterator[Drawn]:
    """What Blender draws of files of a scene at a whole rate, each read with some options, STEPS times a frame."""
    moments = np.arange(STEPS * (scene.n_frames - 1) + 1) / STEPS
    jobs = [blender.Job(path, scene.rate, scene.n_frames, moments, options) for path, options in files]
    for job, seen in zip(jobs, blender.looks(jobs), strict=True):
        if "fault" in seen:
            raise RuntimeError(f"{job.path.name}: {seen['fault']}")
        angle_deg, joint, frame = _between_deg(seen["posed"], seen["parents"])
        yield Drawn(_key_mm(seen, scene), angle_deg, (str(seen["bones"][joint]), frame), float(seen["took_s"]))


def _key_mm(seen: dict[str, np.ndarray], scene: FilmScene) -> float:
    motion = scene.takes[0].motions[0]
    order = matched(seen["bones"].tolist(), motion.skeleton.names)
    assert order is not None
    places = seen["posed"][::STEPS, :, :3, 3][:, order].astype(float)
    world = seen["worlds"][0]
    places = places @ world[:3, :3].T + world[:3, 3]
    ours = np.stack([places[..., 0], places[..., 2], -places[..., 1]], axis=-1)
    return 1000.0 * float(np.linalg.norm(ours - motion.positions_m(), axis=-1).max())


def _between_deg(posed: np.ndarray, parents: np.ndarray) -> tuple[float, int, int]:
    """The largest angle from the shortest turns between every STEPS-th of matrices [K, J, 4, 4]; joint, frame.

    Bones have axes of their own, which are the same on keys and between them: angles are not changed by that.
    """
    worst, n_frames = (0.0, 0, 0), (len(posed) - 1) // STEPS + 1
    for begin in range(0, n_frames - 1, _BLOCK_FRAMES):
        end = min(begin + _BLOCK_FRAMES, n_frames - 1)
        axes = posed[STEPS * begin : STEPS * end + 1, :, :3, :3].astype(float)
        axes = axes / np.linalg.norm(axes, axis=-2, keepdims=True)  # armatures may be scaled to metres
        turned = rotations.quaternion_from_matrix(axes)
        above = turned[:, np.maximum(parents, 0)]
        above[:, parents < 0] = quaternion.IDENTITY
        local = quaternion.multiply(quaternion.conjugate(above), turned)
        keys = local[::STEPS]
        for step in range(1, STEPS):
            shortest = quaternion.slerp(keys[:-1], keys[1:], step / STEPS)
            angle = quaternion.angle_between(local[step::STEPS], shortest)
            frame, joint = np.unravel_index(np.argmax(angle), angle.shape)
            degrees = float(np.degrees(angle[frame, joint]))
            if degrees > worst[0]:
                worst = (degrees, int(joint), begin + int(frame))
    return worst
