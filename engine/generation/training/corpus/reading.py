"""Reading one clip of the corpus folder, whatever its format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.errors import MotionFileError
from engine.formats import asf_amc, bvh, unitree_g1
from engine.generation.training.corpus.catalogue import Source
from engine.motion.motion import Motion


def read_source(folder: Path, source: Source) -> Motion:
    """The clip in metres at its true rate, without the frames to skip.

    Raises:
        MotionFileError: where the file is missing, broken or in a format that is not read here.
    """
    path = folder / source.path
    if source.skeleton not in _READERS:
        raise MotionFileError(path, f"motion on the skeleton {source.skeleton!r} is not read yet.")
    if not path.is_file():
        raise MotionFileError(path, "the file is missing.")
    motion = _READERS[source.skeleton](path, source)
    if motion.n_frames <= source.skip_first + 1:
        raise MotionFileError(path, f"only {motion.n_frames} frames are left of it.")
    motion = replace(motion, frame_rate_hz=source.frame_rate_hz)
    return motion.slice(source.skip_first, motion.n_frames)


def _read_amc(path: Path, source: Source) -> Motion:
    """With the skeleton whose name begins the clip's: 60.asf for 60_01.amc, charleston.asf for charleston1.amc."""
    bodies = [p for p in path.parent.glob("*.asf") if path.stem.startswith(p.stem)]
    if not bodies:
        raise MotionFileError(path, "no skeleton (.asf) for it lies beside it.")
    return asf_amc.read(max(bodies, key=lambda p: len(p.stem)), path, source.frame_rate_hz)


def _read_bvh(path: Path, source: Source) -> Motion:
    return bvh.read(path, unit_to_m=source.unit_to_m)


def _read_g1(path: Path, source: Source) -> Motion:
    return unitree_g1.read(path, path.parent / "g1_29dof.xml", source.frame_rate_hz)


# The manifest's word for a skeleton -> its reader.
_READERS: dict[str, Callable[[Path, Source], Motion]] = {
    "cmu_asf": _read_amc,
    "cmu_bvh_31": _read_bvh,
    "daz_43": _read_bvh,
    "unitree_g1_29dof": _read_g1,
}
