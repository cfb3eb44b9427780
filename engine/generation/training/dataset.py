"""Prepared motion as training windows: features, conditions and masks, drawn at random."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from engine.errors import ModelError
from engine.generation.conditioning import (
    effort_curves,
    joint_speed_m_s,
    music_channels,
)
from engine.generation.features import LEARNED_JOINTS, MASK_PARTS, N_FEATURES, N_ROTATIONS, part_columns, to_features
from engine.generation.training.beat_grid import accent_strengths, fit_grid
from engine.generation.training.bundle import packed_index, unpacked
from engine.motion.house import FRAME_RATE_HZ, HOUSE, MIRROR
from engine.motion.mirror import mirrored
from engine.motion.motion import Motion
from engine.motion.movements import kinematic_beats
from engine.motion.signals import smoothed

# A number this much smaller than its neighbours' spread is mostly noise; dividing by it would teach noise.
_LEAST_STD = np.full(N_FEATURES, 0.10)
_LEAST_STD[N_ROTATIONS:] = [0.2, 0.2, 0.4, 0.04, 0.3, 0.3, 0.3, 0.3]


@dataclass(frozen=True, eq=False)
class Clip:
    """One prepared take, in the network's terms.

    Attributes:
        name: Its name in the prepared folder; mirrored copies end in "~".
        style: One of the data's style names.
        use: "dance" or "prior".
        weight: How often it is drawn against others of its style and length.
        split: "train" or "validation".
        features: Rows [T, 140].
        beats_frame: The pulse found in the motion, [N]; strengths: how marked each beat is, [N].
        effort: Effort curves [T, 6]. loudness: rank of the movement's energy in its clip, [T].
        valid: Frames that may be learned from, bool [T].
        observed: Learned joints that the capture really had, bool [22].
    """

    name: str
    style: str
    use: str
    weight: float
    split: str
    features: np.ndarray
    beats_frame: np.ndarray
    strengths: np.ndarray
    effort: np.ndarray
    loudness: np.ndarray
    valid: np.ndarray
    observed: np.ndarray

    @property
    def n_frames(self) -> int:
        """How many frames the take has."""
        return len(self.features)


def read_index(folder: Path) -> dict[str, Any]:
    """The index of a prepared folder or of a file packed from one; ModelError with a sentence when it is missing or
    unreadable."""
    path = folder if folder.is_file() else folder / "index.json"
    try:
        index = json.loads(packed_index(folder) if folder.is_file() else path.read_text("utf-8"))
        clips = index["clips"]
        for row in clips:
            for name in ("name", "style", "use", "split"):
                if not isinstance(row[name], str):
                    raise ValueError(f"{name} is {row[name]!r}")
    except FileNotFoundError:
        raise ModelError(f"{folder} holds no index.json: run `kinetograph data prepare` first.") from None
    except (OSError, EOFError, KeyError, TypeError, ValueError, BadZipFile, zlib.error) as error:
        raise ModelError(f"{path} is damaged ({error}): run `kinetograph data prepare` again.") from error
    if not clips:
        raise ModelError(f"{path} lists no clips: run `kinetograph data prepare` on a folder with motion.")
    return dict(index)


def load_motion(folder: Path, name: str) -> tuple[Motion, np.ndarray, np.ndarray, np.ndarray]:
    """A prepared clip: motion, contacts [T, 4], valid [T], observed [24]; ModelError if it cannot be used."""
    packed = folder.is_file()
    path = folder if packed else folder / "clips" / f"{name}.npz"
    try:
        # Opened here: NumPy leaves a file open that turns out to be no archive.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            data = unpacked(archive, name) if packed else archive
            root, local = data["root_positions_m"].astype(float), data["local_rotations"].astype(float)
            contacts, valid, observed = (data[key].astype(bool) for key in ("contacts", "valid", "observed"))
        motion = Motion(HOUSE, FRAME_RATE_HZ, root, local)
        n = motion.n_frames
        if (contacts.shape, valid.shape, observed.shape) != ((n, 4), (n,), (HOUSE.n_joints,)):
            raise ValueError("its arrays are not of one length")
    except (OSError, EOFError, KeyError, ValueError, NotImplementedError, BadZipFile, zlib.error) as error:
        why = " ".join(str(error).split())
        raise ModelError(f"{path} cannot be read ({why}): run `kinetograph data prepare` again.") from error
    if not (np.isfinite(root).all() and np.isfinite(local).all()):
        raise ModelError(f"{path} holds values that are not numbers: run `kinetograph data prepare` again.")
    return motion, contacts, valid, observed


def load_clips(folder: Path, split: str, mirror: bool = True) -> list[Clip]:
    """Every clip of a split ("train" or "validation"), each followed by its mirror image if asked."""
    clips: list[Clip] = []
    for row in read_index(folder)["clips"]:
        if row["split"] != split or row.get("static"):
            continue
        motion, contacts, valid, observed = load_motion(folder, row["name"])
        if motion.n_frames < 32:
            continue
        clip = _clip(row, motion, contacts, valid, observed)
        clips.append(clip)
        if mirror:
            # Time, effort and strength are the same on the other side: only the features change.
            features = to_features(mirrored(motion), contacts[:, [2, 3, 0, 1]])
            seen = observed[MIRROR][list(LEARNED_JOINTS)]
            clips.append(replace(clip, name=clip.name + "~", features=features, observed=seen))
    if not clips:
        raise ModelError(f"{folder} holds no usable {split} clips: prepare more motion.")
    return clips


def _clip(
    row: dict[str, Any], motion: Motion, contacts: np.ndarray, valid: np.ndarray, observed: np.ndarray
) -> Clip:
    positions = motion.positions_m()
    beats = np.asarray(kinematic_beats(motion))
    grid, strengths = fit_grid(motion.n_frames, beats, accent_strengths(positions, beats))
    energy = smoothed(joint_speed_m_s(positions), 0.5 * FRAME_RATE_HZ)
    rank = energy.argsort().argsort() / max(len(energy) - 1, 1)
    return Clip(
        row["name"], row["style"], row["use"], float(row.get("weight", 1.0)), row["split"],
        to_features(motion, contacts),
        grid, strengths, effort_curves(motion).astype(np.float32), rank.astype(np.float32),
        valid, observed[list(LEARNED_JOINTS)],
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Statistics:
    """Mean and spread of the training data, which every checkpoint carries.

    Attributes:
        mean, std: Of features, [140]. effort_mean, effort_std: of effort curves, [6].
        jerk_limit: 99th percentile of each learned joint's jerk, m/s^3, [22].
        acceleration_limit: 99th percentile of the mean joint acceleration, m/s^2.
    """

    mean: np.ndarray
    std: np.ndarray
    effort_mean: np.ndarray
    effort_std: np.ndarray
    jerk_limit: np.ndarray
    acceleration_limit: float


def statistics(clips: list[Clip], folder: Path) -> Statistics:
    """Statistics over the valid frames of training clips, dance counting fully and other motion for a third."""
    dance = [c for c in clips if c.use == "dance"] or clips
    if not any(c.valid.any() for c in dance):
        raise ModelError(f"{folder} holds no frame that may be learned from: prepare other motion.")
    rows = np.concatenate([c.features[c.valid] for c in dance]).astype(float)
    effort = np.concatenate([c.effort[c.valid] for c in dance]).astype(float)
    jerks, accelerations = [], []
    for c in dance:
        if c.name.endswith("~") or c.n_frames < 8:
            continue
        p = load_motion(folder, c.name)[0].positions_m()[:, list(LEARNED_JOINTS)]
        jerks.append(np.linalg.norm(np.diff(p, 3, axis=0), axis=-1) * FRAME_RATE_HZ**3)
        accelerations.append(np.linalg.norm(np.diff(p, 2, axis=0), axis=-1).mean(-1) * FRAME_RATE_HZ**2)
    return Statistics(
        rows.mean(0), np.maximum(rows.std(0), _LEAST_STD), effort.mean(0), np.maximum(effort.std(0), 1e-3),
        np.quantile(np.concatenate(jerks), 0.99, axis=0), float(np.quantile(np.concatenate(accelerations), 0.99)),
    )  # fmt: skip


@dataclass
class Batch:
    """One training batch, all float32, batch first and time last (see model.Condition)."""

    features: np.ndarray
    encoder_features: np.ndarray
    mask: np.ndarray
    column_mask: np.ndarray
    music: np.ndarray
    effort: np.ndarray
    style: np.ndarray
    valid: np.ndarray
    observed: np.ndarray


class WindowSampler:
    """Draws windows, styles balanced: a style's share grows with the root of its minutes."""

    MARGIN = 4  # frames by which the encoder's view may be shifted against the target

    def __init__(self, clips: list[Clip], stats: Statistics, styles: list[str], n_frames: int, seed: int) -> None:
        self.clips, self.stats, self.styles, self.n_frames = clips, stats, styles, n_frames
        self.rng = np.random.default_rng(seed)
        self.columns = [part_columns(part) for part in MASK_PARTS]
        self.column_part = np.zeros(N_FEATURES, dtype=int)
        for i, columns in enumerate(self.columns):
            self.column_part[columns] = i
        frames: dict[str, int] = {}
        for clip in clips:
            frames[clip.style] = frames.get(clip.style, 0) + clip.n_frames
        weight = np.array([c.n_frames / np.sqrt(frames[c.style]) * c.weight for c in clips])
        self.cumulative = np.cumsum(weight / weight.sum())

    def batch(self, size: int, augment: bool = True) -> Batch:
        """`size` windows; without `augment` no stretching, shifting or dropping of conditions."""
        rows = [self._window(augment) for _ in range(size)]
        stacked = [np.stack(column).astype(np.float32) for column in zip(*rows, strict=True)]
        return Batch(*stacked)

    def _window(self, augment: bool) -> tuple[np.ndarray, ...]:
        rng, n = self.rng, self.n_frames
        clip = self.clips[min(int(np.searchsorted(self.cumulative, rng.random())), len(self.clips) - 1)]
        rate = float(np.exp(rng.uniform(-0.12, 0.12))) if augment else 1.0
        span = n * rate
        start = rng.uniform(-8.0, max(1.0, clip.n_frames - span + 8.0)) if clip.n_frames > span else 0.0
        at = start + np.arange(-self.MARGIN, n + self.MARGIN) * rate
        features, inside = _interpolate(clip, at, rate)
        stats = self.stats
        features = ((features - stats.mean) / stats.std).astype(np.float32)
        shift = int(rng.integers(-3, 4)) if augment and rng.random() < 0.5 else 0
        window = slice(self.MARGIN, self.MARGIN + n)
        seen = features[self.MARGIN + shift : self.MARGIN + shift + n]
        row = np.clip(np.round(at[window]).astype(int), 0, clip.n_frames - 1)
        loudness = clip.loudness[row] if not augment or rng.random() < 0.5 else np.full(n, 0.5)
        strengths = clip.strengths * (1.0 if rng.random() > 0.1 or not augment else 0.0)
        music = music_channels(n, (clip.beats_frame - start) / rate, strengths, loudness)
        effort = (clip.effort[row] * [rate, rate, 1, 1, 1, 1] - stats.effort_mean) / stats.effort_std
        style = np.zeros(len(self.styles))
        style[self.styles.index(clip.style)] = 1.0
        if augment:
            effort = effort * (rng.random() > 0.2)
            music = music * (rng.random() > 0.1)
            if rng.random() < 0.1:
                style[:] = 1.0 / len(style)
        mask = self._mask(n)
        return (
            features[window].T, seen.T, mask, mask[self.column_part], music.T, np.clip(effort, -4, 4).T, style,
            inside[window], clip.observed,
        )  # fmt: skip

    def _mask(self, n: int) -> np.ndarray:
        """What is known, [n_mask, T]: 35 % nothing, 35 % both ends, 12 % the past, 18 % some parts locked."""
        rng = self.rng
        mask = np.zeros((len(MASK_PARTS), n), dtype=np.float32)
        kind = rng.random()
        if 0.35 <= kind < 0.70:
            gap = int(rng.integers(15, n - 24))
            start = int(rng.integers(8, n - gap - 8 + 1))
            mask[:, :start] = mask[:, start + gap :] = 1.0
        elif 0.70 <= kind < 0.82:
            mask[:, : int(rng.integers(8, n // 2))] = 1.0
        elif kind >= 0.82:
            mask[1:] = (rng.random(len(MASK_PARTS) - 1) < 0.4)[:, None]
        if rng.random() < 0.25:
            mask[0] = 1.0
        return mask


def _interpolate(clip: Clip, at: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Rows at fractional frames, and which of them are real and valid."""
    inside = (at >= 0) & (at <= clip.n_frames - 1)
    exact = np.clip(at, 0, clip.n_frames - 1)
    low = np.minimum(exact.astype(int), clip.n_frames - 2)
    fraction = (exact - low)[:, None]
    rows = (1 - fraction) * clip.features[low] + fraction * clip.features[low + 1]
    rows[:, N_ROTATIONS : N_ROTATIONS + 3] *= rate * inside[:, None]
    return rows, inside & clip.valid[np.round(exact).astype(int)]

