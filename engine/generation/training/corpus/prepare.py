"""From a folder of motion capture to a folder of clean clips on the house skeleton at 30 frames a second."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.errors import Cancelled, EngineError, ModelError
from engine.evaluation.metrics import foot_skating, slide_speed_m_s
from engine.generation.training.corpus import cleaning, flips
from engine.generation.training.corpus.catalogue import Corpus, Source, read_manifest
from engine.generation.training.corpus.reading import read_source
from engine.motion import house
from engine.motion.contacts import detect_contacts
from engine.motion.foot_lock import lock_feet
from engine.motion.motion import Motion
from engine.motion.resample import resampled
from engine.motion.retarget import guess_rig, leg_scale, observed_joints, to_house
from engine.motion.rig import RigMap
from engine.motion.skeleton import Skeleton

SHORTEST_CLIP_S = 1.0
# Below this median joint speed a clip is flagged as standing still.
STATIC_M_S = cleaning.STILL_M_S
STATIC_WEIGHT = 0.3


@dataclass(frozen=True, eq=False)
class Clip:
    """One prepared clip.

    Attributes:
        motion: On the house skeleton at 30 Hz, floor at y = 0.
        raw: The same before cleaning, for pictures; retargeted and resampled only.
        contacts: Which contact joints stand still on the floor, bool [T, 4].
        observed: House joints that the source has, bool [24].
        valid: Frames fit to be learned from, bool [T].
        changes: What each step changed, for the report.
    """

    source: Source
    motion: Motion
    raw: Motion
    contacts: np.ndarray
    observed: np.ndarray
    valid: np.ndarray
    is_static: bool
    changes: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """What came of a folder: clips, and what was left out with a sentence each."""

    clips: tuple[Clip, ...]
    left_out: tuple[tuple[str, str], ...]


def prepare(
    folder: Path,
    corpus: Corpus,
    rigs: Sequence[RigMap],
    progress: Callable[[float], None] = lambda fraction: None,
) -> Prepared:
    """Every usable clip of a corpus folder (see `read_manifest`), cleaned; broken ones are listed, not fatal.

    Raises:
        MotionFileError: where the folder has no list of clips.
        ModelError: where no clip at all could be used.
    """
    sources = read_manifest(folder, corpus)
    shared = _SharedFloors(folder, corpus, rigs, {source.key: source for source in sources})
    clips, left_out = [], []
    for i, source in enumerate(sources):
        progress(i / len(sources))
        if source.left_out:
            left_out.append((source.path, source.left_out))
            continue
        try:
            clips.append(_prepare_clip(read_source(folder, source), source, rigs, shared))
        except Cancelled:
            raise
        except EngineError as error:
            left_out.append((source.path, str(error)))
    if not clips:
        raise ModelError(f"No clip in {folder.name} could be used: {left_out[0][1] if left_out else 'it lists none.'}")
    progress(1.0)
    return Prepared(tuple(clips), tuple(left_out))


def clean(
    motion: Motion, rig: RigMap, *, ground_scale: float | None = None
) -> tuple[Motion, Motion, np.ndarray, np.ndarray, dict[str, float]]:
    """A captured motion on the house skeleton at 30 Hz, clean: (motion, before cleaning, contacts, valid, changes)."""
    raw = cleaning.on_floor(resampled(to_house(motion, rig, ground_scale=ground_scale), house.FRAME_RATE_HZ))[0]
    filled, has_data, n_filled = cleaning.with_gaps_filled(motion)
    binding = rig.bind(motion.skeleton)
    straight, lasting, n_flips = flips.unflipped(filled, binding)
    mended, usable, n_mended = cleaning.despiked(straight, sorted({*binding.placed.values()}))
    body, up_deg = cleaning.with_head_up(to_house(mended, rig, ground_scale=ground_scale))
    quiet, moved_m = cleaning.without_noise(body, detect_contacts(body))
    stood, shift_m = cleaning.on_floor(resampled(quiet, house.FRAME_RATE_HZ))
    contacts = cleaning.planted(stood, detect_contacts(stood))
    locked = lock_feet(stood, contacts)
    contacts = cleaning.planted(locked, detect_contacts(locked))
    usable &= lasting & has_data
    valid = _at_frames(usable, motion.frame_rate_hz, locked.n_frames) & cleaning.usable_frames(locked)
    changes = {
        "gap_frames": n_filled,
        "flip_frames": n_flips,
        "spike_frames": n_mended,
        "head_up_deg": round(up_deg, 1),
        "noise_moved_mm": round(1000 * moved_m, 2),
        "floor_shift_m": round(shift_m, 4),
        "skating_before": round(foot_skating(raw), 4),
        "skating_after": round(foot_skating(locked), 4),
        "slide_before_m_s": round(slide_speed_m_s(raw), 4),
        "slide_after_m_s": round(slide_speed_m_s(locked), 4),
    }
    return locked, raw, contacts, valid, changes


def write(prepared: Prepared, out: Path, extras: Callable[[Path], None] = lambda folder: None) -> None:
    """Write the clips as arrays with an index; a folder written before is replaced whole, at the end.

    Args:
        prepared: What to write.
        out: The folder.
        extras: Writes more files into the new folder before it takes its place.
    """
    if out.exists() and any(out.iterdir()) and not (out / "index.json").is_file():
        raise ModelError(f"{out.name} holds other files: name a new folder, or one that was prepared before.")
    new = out.with_name(f".{out.name}.{os.getpid()}")
    old = out.with_name(f".{out.name}.{os.getpid()}.old")
    try:
        (new / "clips").mkdir(parents=True)
        for clip in prepared.clips:
            np.savez(
                new / "clips" / f"{clip.source.name}.npz",
                root_positions_m=clip.motion.root_positions_m.astype(np.float32),
                local_rotations=clip.motion.local_rotations.astype(np.float32),
                contacts=clip.contacts,
                observed=clip.observed,
                valid=clip.valid,
            )
        entries = [index_entry(clip) for clip in prepared.clips]
        index = {"frame_rate_hz": house.FRAME_RATE_HZ, "clips": entries, "left_out": list(prepared.left_out)}
        (new / "index.json").write_text(json.dumps(index, indent=1), encoding="utf-8")
        extras(new)
        if out.exists():
            out.rename(old)
        new.rename(out)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def index_entry(clip: Clip) -> dict[str, object]:
    """What `index.json` says of a clip."""
    source = clip.source
    return {
        "name": source.name,
        "source": source.path,
        "skeleton": source.skeleton,
        "style": source.style,
        "source_style": source.source_style,
        "use": source.use,
        "split": source.split,
        "weight": round(source.weight * (STATIC_WEIGHT if clip.is_static else 1.0), 3),
        "static": clip.is_static,
        "n_frames": clip.motion.n_frames,
        "minutes": round(clip.motion.duration_s / 60.0, 4),
        "licence": source.licence,
        "changes": clip.changes,
    }


def _prepare_clip(captured: Motion, source: Source, rigs: Sequence[RigMap], shared: _SharedFloors) -> Clip:
    if captured.duration_s < SHORTEST_CLIP_S:
        raise ModelError(f"it lasts only {captured.duration_s:.1f} s.")
    rig = guess_rig(captured.skeleton, rigs)
    scale = shared.scale(source, captured.skeleton)
    motion, raw, contacts, valid, changes = clean(captured, rig, ground_scale=scale)
    # The two of a couple stay in step: neither is cut.
    start, end = cleaning.dance_span(motion) if scale is None else (0, motion.n_frames)
    changes["cut_start_s"] = round(start / motion.frame_rate_hz, 2)
    changes["cut_end_s"] = round((motion.n_frames - end) / motion.frame_rate_hz, 2)
    motion, raw = motion.slice(start, end), raw.slice(start, end)
    contacts, valid = contacts[start:end], valid[start:end]
    changes["invalid_share"] = round(1.0 - float(valid.mean()), 4)
    speeds = np.linalg.norm(np.diff(motion.positions_m(), axis=0), axis=-1) * motion.frame_rate_hz
    is_static = bool(np.median(speeds.mean(axis=1)) < STATIC_M_S)
    observed = observed_joints(captured.skeleton, rig)
    return Clip(source, motion, raw, contacts, observed, valid, is_static, changes)


class _SharedFloors:
    """The one scale along the floor that the dancers of a couple share; their bodies differ in size."""

    def __init__(self, folder: Path, corpus: Corpus, rigs: Sequence[RigMap], sources: Mapping[str, Source]) -> None:
        self._folder, self._corpus, self._rigs, self._sources = folder, corpus, rigs, sources
        self._scales: dict[str, float] = {}

    def scale(self, source: Source, skeleton: Skeleton) -> float | None:
        """Of a clip's couple, or None for a clip that is danced alone."""
        partner = self._sources.get(self._corpus.partner_of(source.key) or "")
        if partner is None or partner.left_out:
            return None
        mine = self._scale_of(source, skeleton)
        return 0.5 * (mine + self._scale_of(partner, None))

    def _scale_of(self, source: Source, skeleton: Skeleton | None) -> float:
        body = source.key.rsplit("_", 1)[0]
        if body not in self._scales:
            skeleton = read_source(self._folder, source).skeleton if skeleton is None else skeleton
            self._scales[body] = leg_scale(skeleton, guess_rig(skeleton, self._rigs))
        return self._scales[body]


def _at_frames(usable: np.ndarray, frame_rate_hz: float, n_frames: int) -> np.ndarray:
    """A mask over source frames for frames at 30 Hz: one bad source frame nearby spoils a frame."""
    out = np.ones(n_frames, dtype=bool)
    bad_times_s = np.flatnonzero(~usable) / frame_rate_hz
    for side in (np.floor, np.ceil):
        frames = side(bad_times_s * house.FRAME_RATE_HZ).astype(int)
        out[frames[(frames >= 0) & (frames < n_frames)]] = False
    return out
