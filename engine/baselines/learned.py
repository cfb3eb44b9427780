"""Trained baselines as contestants: each dances and fills gaps with its own network; seams and feet are shared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.baselines.corpus import path_of, rows_along
from engine.baselines.gan import NOISE_SIZE, WINDOW_FRAMES, Parts, PlainGenerator
from engine.baselines.inbetweener import (
    FEET,
    HEADING,
    MOST_FRAMES,
    N_ROWS,
    PLACE,
    PLACE_SCALE_M,
    ROOT_HEIGHT,
    Inbetweener,
)
from engine.baselines.joining import chained, fitted, plain
from engine.baselines.vq import WORD_FRAMES
from engine.baselines.vq_training import VqGpt, word_music
from engine.baselines.weights import fill, load_weights
from engine.errors import ModelError
from engine.generation.conditioning import EFFORTS, MUSIC_CHANNELS, music_channels
from engine.generation.features import CONTACTS, HEIGHT, N_FEATURES, N_ROTATIONS, from_features, to_features
from engine.generation.request import request_for_music
from engine.motion.blend import yaw_rad
from engine.motion.contacts import detect_contacts
from engine.motion.motion import Motion, concatenate
from engine.music.analysis import MusicAnalysis

_CONTEXT_FRAMES = 48


class _Learned:
    """What all trained baselines have: a scale, styles, a name."""

    def __init__(self, name: str, setup: dict[str, object], arrays: dict[str, np.ndarray]) -> None:
        self._name, self.setup = name, setup
        styles = setup.get("styles")
        assert isinstance(styles, list)
        self.styles = [str(style) for style in styles]
        self.mean, self.std = arrays["mean"].astype(float), arrays["std"].astype(float)

    @property
    def name(self) -> str:
        """For tables."""
        return self._name

    def _style(self, style: str) -> Tensor:
        """Weights over styles, [1, S]; all alike for a style that was not learned."""
        out = torch.zeros(1, len(self.styles))
        if style in self.styles:
            out[0, self.styles.index(style)] = 1.0
        else:
            out[:] = 1.0 / len(self.styles)
        return out

    def _rows(self, motion: Motion) -> np.ndarray:
        """Normalised rows [T, 140] of a motion."""
        return (to_features(motion, detect_contacts(motion)) - self.mean) / self.std

    def _physical(self, rows: np.ndarray) -> np.ndarray:
        return np.asarray(rows, dtype=float) * self.std + self.mean


class GanDancer(_Learned):
    """The GAN of the paper's ablation. It knows no context: gaps are filled by what fits least badly of a few."""

    _TRIES = 8

    def __init__(self, name: str, path: Path) -> None:
        state, setup, arrays = load_weights(path)
        super().__init__(name, setup, arrays)
        self._network = PlainGenerator(Parts(**setup["parts"]), len(self.styles))
        fill(self._network, state, path)

    def dance(self, music: MusicAnalysis, n_frames: int, seed: int, style: str) -> Motion:
        """Windows from fresh noise each, joined."""
        n = -(-n_frames // WINDOW_FRAMES)
        told = music_rows(music, n * WINDOW_FRAMES).reshape(n, WINDOW_FRAMES, -1).transpose(0, 2, 1)
        return chained([from_features(rows) for rows in self._windows(told, seed, style)], n_frames)

    def fill(self, before: Motion, n_frames: int, after: Motion, style: str, seed: int) -> Motion:
        """Of some windows the stretch that begins most like the pose before."""
        told = np.zeros((self._TRIES, len(MUSIC_CHANNELS), WINDOW_FRAMES))
        windows = self._windows(told, seed, style)
        pose = self._physical(self._rows(before))[-1, :N_ROTATIONS]
        room = WINDOW_FRAMES - min(n_frames, WINDOW_FRAMES)
        apart = np.abs(windows[:, : room + 1, :N_ROTATIONS] - pose).mean(axis=-1)
        which, start = np.unravel_index(int(apart.argmin()), apart.shape)
        rows = windows[which, start : start + n_frames]
        rows = np.pad(rows, ((0, n_frames - len(rows)), (0, 0)), mode="edge")
        return fitted(before, from_features(rows), after)

    def _windows(self, told: np.ndarray, seed: int, style: str) -> np.ndarray:
        """Physical rows [n, 128, 140] to music channels [n, 6, 128]."""
        noise = np.random.default_rng([seed, 74]).standard_normal((len(told), NOISE_SIZE)).astype(np.float32)
        music = torch.from_numpy(told.astype(np.float32))
        effort = torch.zeros(len(told), len(EFFORTS), WINDOW_FRAMES)
        with torch.inference_mode():
            made = self._network(torch.from_numpy(noise), music, effort, self._style(style).expand(len(told), -1))
        return self._physical(made.transpose(1, 2).numpy())


class VqGptDancer(_Learned):
    """A GPT over the words of a VQ-VAE."""

    def __init__(self, name: str, path: Path) -> None:
        state, setup, arrays = load_weights(path)
        super().__init__(name, setup, arrays)
        self._network = VqGpt(len(self.styles))
        fill(self._network, state, path)

    def dance(self, music: MusicAnalysis, n_frames: int, seed: int, style: str) -> Motion:
        """A sentence from nothing on."""
        n = -(-n_frames // WORD_FRAMES)
        told = self._told(music_rows(music, n * WORD_FRAMES))
        words = self._network.gpt.write(
            np.zeros((2, 0), dtype=int), n, told, self._style(style)[0].numpy(), np.random.default_rng([seed, 75])
        )
        return chained([from_features(self._decoded(words))], n_frames)

    def fill(self, before: Motion, n_frames: int, after: Motion, style: str, seed: int) -> Motion:
        """Words after those of the context, towards the first of what follows; drawn out to the gap's length."""
        start, goal = self._words(before, last=True), self._words(after, last=False)
        n = max(1, round(n_frames / WORD_FRAMES))
        told = self._told(np.zeros((WORD_FRAMES * (start.shape[1] + n), len(MUSIC_CHANNELS))))
        rng = np.random.default_rng([seed, 75])
        style_weights = self._style(style)[0].numpy()
        words = self._network.gpt.write(start, n, told, style_weights, rng, goal[:, 0] if goal.size else None)
        rows = self._decoded(np.concatenate([words, goal], axis=1))
        first = WORD_FRAMES * start.shape[1]
        at = first + (np.arange(n_frames) + 0.5) * (WORD_FRAMES * n / n_frames) - 0.5
        at = np.clip(at, 0, len(rows) - 1)
        stretched = np.stack([np.interp(at, np.arange(len(rows)), column) for column in rows.T], axis=1)
        return fitted(before, from_features(stretched), after)

    def _words(self, motion: Motion, *, last: bool) -> np.ndarray:
        n = min(motion.n_frames, _CONTEXT_FRAMES) // WORD_FRAMES * WORD_FRAMES
        if n == 0:
            return np.zeros((2, 0), dtype=int)
        rows = self._rows(motion.slice(motion.n_frames - n, motion.n_frames) if last else motion.slice(0, n))
        with torch.inference_mode():
            words = self._network.words.words(torch.from_numpy(rows.T[np.newaxis].astype(np.float32)))
        return words[0].numpy()

    def _decoded(self, words: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            made = self._network.words.decode(torch.from_numpy(words[np.newaxis]))
        return self._physical(made[0].T.numpy())

    @staticmethod
    def _told(rows: np.ndarray) -> np.ndarray:
        return word_music(torch.from_numpy(rows.T[np.newaxis].astype(np.float32)))[0].numpy()


class TransformerDancer(_Learned):
    """The in-betweener. A free dance it begins with a second of real dance, which is not shown, and goes on from."""

    _KNOWN, _NEW = 32, 96

    def __init__(self, name: str, path: Path) -> None:
        state, setup, arrays = load_weights(path)
        super().__init__(name, setup, arrays)
        self._network = Inbetweener(len(self.styles))
        fill(self._network, state, path)
        self._beginnings, self._beginning_style = arrays["beginnings"], arrays["beginning_style"].astype(int)

    def dance(self, music: MusicAnalysis, n_frames: int, seed: int, style: str) -> Motion:
        """Three seconds at a time, each going on from the last second before."""
        own = np.arange(len(self._beginnings))
        if style in self.styles and (self._beginning_style == self.styles.index(style)).any():
            own = np.flatnonzero(self._beginning_style == self.styles.index(style))
        rng = np.random.default_rng([seed, 76])
        rows = self._physical(self._beginnings[int(own[rng.integers(len(own))])])
        told = np.pad(music_rows(music, n_frames + self._NEW), ((self._KNOWN, 0), (0, 0)))
        while len(rows) < self._KNOWN + n_frames:
            at = len(rows) - self._KNOWN
            on = self._onward(rows[at:], told[at : at + self._KNOWN + self._NEW], style)
            rows = np.concatenate([rows, on[1:]])
        return chained([from_features(rows[self._KNOWN :])], n_frames)

    def fill(self, before: Motion, n_frames: int, after: Motion, style: str, seed: int) -> Motion:
        """The one answer that it has; a gap longer than its sight is begun from its front."""
        made: list[Motion] = []
        context = plain(before)
        while n_frames > MOST_FRAMES - 2 * self._KNOWN:
            rows = self._physical(self._rows(context))[-self._KNOWN :]
            on = self._onward(rows, np.zeros((self._KNOWN + self._NEW, len(MUSIC_CHANNELS))), style)
            on = on[: self._NEW // 2 + 1]
            made.append(_moved_on(context, on))
            context, n_frames = concatenate([plain(context), plain(made[-1])]), n_frames - made[-1].n_frames
        reach = min(_CONTEXT_FRAMES, (MOST_FRAMES - n_frames) // 2)
        early = context.slice(max(context.n_frames - reach, 0), context.n_frames)
        late = after.slice(0, reach)
        middle = _moved_on(early, self._between(early, n_frames, late, style))
        return fitted(before, concatenate([plain(m) for m in (*made, middle)]), after)

    def _between(self, before: Motion, n_frames: int, after: Motion, style: str) -> np.ndarray:
        """Physical rows [n, 140] between two motions that know where they are."""
        place, heading = before.root_positions_m[-1], float(yaw_rad(before.local_rotations[-1, 0]))
        parts = [self._placed(m, place, heading) for m in (before, after)]
        rows = np.concatenate([parts[0], np.zeros((n_frames, N_ROWS)), parts[1]])
        known = np.ones(len(rows))
        known[before.n_frames : before.n_frames + n_frames] = 0.0
        made, lead = self._run(rows, known, np.zeros((len(rows), len(MUSIC_CHANNELS))), style), before.n_frames
        return self._as_features(made)[lead - 1 : lead + n_frames]

    def _onward(self, rows: np.ndarray, told: np.ndarray, style: str) -> np.ndarray:
        """Physical rows [97, 140] that go on from 32, the last of these and then 96 new ones."""
        path = path_of(rows)
        cos, sin = np.cos(-path[-1, 2]), np.sin(-path[-1, 2])
        step = path - path[-1]
        seen = np.stack([cos * step[:, 0] + sin * step[:, 1], cos * step[:, 1] - sin * step[:, 0], step[:, 2]], axis=-1)
        given = np.concatenate([self._with_path(rows, seen), np.zeros((self._NEW, N_ROWS))])
        known = np.repeat([1.0, 0.0], [self._KNOWN, self._NEW])
        return self._as_features(self._run(given, known, told, style))[self._KNOWN - 1 :]

    def _placed(self, motion: Motion, place: np.ndarray, heading: float) -> np.ndarray:
        step = motion.root_positions_m - place
        cos, sin = np.cos(-heading), np.sin(-heading)
        x, z = cos * step[:, 0] + sin * step[:, 2], cos * step[:, 2] - sin * step[:, 0]
        turn = yaw_rad(motion.local_rotations[:, 0]) - heading
        physical = to_features(motion, detect_contacts(motion))
        return self._with_path(physical, np.stack([x, z, turn], axis=-1))

    def _with_path(self, physical: np.ndarray, path: np.ndarray) -> np.ndarray:
        rows = np.zeros((len(physical), N_ROWS))
        normal = (physical - self.mean) / self.std
        rows[:, :N_ROTATIONS], rows[:, ROOT_HEIGHT] = normal[:, :N_ROTATIONS], normal[:, HEIGHT]
        rows[:, FEET] = normal[:, CONTACTS]
        rows[:, PLACE] = path[:, :2] / PLACE_SCALE_M
        rows[:, HEADING] = np.stack([np.cos(path[:, 2]), np.sin(path[:, 2])], axis=-1)
        return rows

    def _as_features(self, rows: np.ndarray) -> np.ndarray:
        normal = np.zeros((len(rows), N_FEATURES))
        normal[:, :N_ROTATIONS], normal[:, HEIGHT] = rows[:, :N_ROTATIONS], rows[:, ROOT_HEIGHT]
        normal[:, CONTACTS] = rows[:, FEET]
        heading = np.unwrap(np.arctan2(rows[:, HEADING.stop - 1], rows[:, HEADING.start]))
        path = np.column_stack([rows[:, PLACE] * PLACE_SCALE_M, heading])
        return rows_along(self._physical(normal), path)

    def _run(self, rows: np.ndarray, known: np.ndarray, told: np.ndarray, style: str) -> np.ndarray:
        tensors = [torch.from_numpy(np.asarray(a, dtype=np.float32)[np.newaxis]) for a in (rows, known, told)]
        with torch.inference_mode():
            made: Tensor = self._network(*tensors, self._style(style))
        return made[0].double().numpy()


def _moved_on(before: Motion, rows: np.ndarray) -> Motion:
    """What rows [1 + n, 140], of which the first is the last frame of `before`, lead to from there, n frames."""
    start, heading = before.root_positions_m[-1], float(yaw_rad(before.local_rotations[-1, 0]))
    return from_features(rows, start, heading).slice(1, len(rows))


def music_rows(music: MusicAnalysis, n_frames: int) -> np.ndarray:
    """What the generator is told of the first `n_frames` frames of a song, [n_frames, 6]; silence beyond its end."""
    request = request_for_music(music)
    rows = music_channels(request.n_frames, request.beats_frame, request.strengths, request.loudness)
    return np.pad(rows, ((0, max(n_frames - len(rows), 0)), (0, 0)))[:n_frames]


# A trained baseline's file name -> how it is called in tables, and what makes it a contestant.
DANCERS: dict[str, tuple[str, type[GanDancer] | type[VqGptDancer] | type[TransformerDancer]]] = {
    "vq_gpt": ("VQ-VAE + GPT", VqGptDancer),
    "transformer": ("Transformer", TransformerDancer),
    "gan": ("plain GAN", GanDancer),
    "gan_attention": ("+ attention", GanDancer),
    "gan_multimodal": ("+ multimodal", GanDancer),
    "gan_sync": ("+ sync", GanDancer),
    "gan_structure": ("+ structure", GanDancer),
}


def load_dancers(folder: Path) -> list[GanDancer | VqGptDancer | TransformerDancer]:
    """Every trained baseline that lies in a folder, in the order of DANCERS; ModelError where there is none."""
    found = [make(name, folder / f"{key}.npz") for key, (name, make) in DANCERS.items() if
             (folder / f"{key}.npz").is_file()]  # fmt: skip
    if not found:
        raise ModelError(f"{folder} holds no trained baselines: train them with `kinetograph baseline all`.")
    return found
