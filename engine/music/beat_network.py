"""Beats and downbeats by Beat This!, a network that listens better than we do, where the user has it.

Foscarin, Schlueter and Widmer (2024), "Beat This! Accurate beat tracking without DBN postprocessing", ISMIR. Program
and weights are under the MIT licence and are no part of this one: `pip install beat-this` brings the program, the user
brings the weights. Nothing here fetches anything.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import ModelError

if TYPE_CHECKING:
    import torch

    from engine.audio.audio import Audio

NAME = "Beat This!"
LICENCE = "MIT"
HOME = "https://github.com/CPJKU/beat_this"
# What its makers offer, name -> address and megabytes: shown to the user, who may fetch one of them in a browser.
OFFERED = {
    "small0": ("https://cloud.cp.jku.at/public.php/dav/files/7ik4RrBKTS273gp/small0.ckpt", 8.1),
    "final0": ("https://cloud.cp.jku.at/public.php/dav/files/7ik4RrBKTS273gp/final0.ckpt", 78.0),
}
INSTALL = "python -m pip install beat-this"

# The network's own spectrogram: 128 bands of the mel scale, 50 rows a second.
RATE_HZ, HOP, WINDOW, N_BANDS, LOW_HZ, HIGH_HZ, GAIN = 22050, 441, 1024, 128, 30.0, 11000.0, 1000.0
ROW_RATE_HZ = RATE_HZ / HOP
# It was trained on 30 s; what is longer is cut, and the edges of each piece are not believed.
PIECE_ROWS, EDGE_ROWS = 1500, 6
# A checkpoint says how large its network is: none that was ever published is larger than this.
LARGEST = {
    "spect_dim": N_BANDS, "transformer_dim": 1024, "ff_mult": 8, "n_layers": 24, "head_dim": 128, "stem_dim": 128,
}  # fmt: skip
MAX_BYTES = 1 << 30


@dataclass(frozen=True, eq=False)
class NetworkBeats:
    """What the network heard.

    Attributes:
        times_s: Beats, ascending, [B].
        downbeats_s: Those of them that begin a bar, [D].
        tracker: What to call the tracker, with the name of its weights.
    """

    times_s: np.ndarray
    downbeats_s: np.ndarray
    tracker: str


def is_installed() -> bool:
    """Whether the program of the network is there; its weights are another matter."""
    return find_spec("beat_this") is not None


def tracker_of(weights: Path) -> str:
    """What an analysis calls the network with these weights."""
    return f"{NAME} ({weights.stem})"


def hear(audio: Audio, weights: Path, progress: Callable[[float], None] | None = None) -> NetworkBeats:
    """The beats of a sound.

    Args:
        audio: Any sound.
        weights: A checkpoint of Beat This!.
        progress: Called with 0..1; what it raises (`Cancelled`) stops the work.

    Raises:
        ModelError: The program is not installed, or the checkpoint is missing, broken or none of this network.
    """
    model = load(weights)
    rows = spectrogram(audio)
    beat, downbeat = _logits(model, rows, progress or (lambda fraction: None))
    times_s, downbeats_s = picked(beat, downbeat)
    return NetworkBeats(times_s, downbeats_s, tracker_of(weights))


def load(weights: Path) -> torch.nn.Module:
    """The network of a checkpoint, ready to listen.

    The file is a zip of tensors and a list of them; torch reads it with `weights_only`, which can build numbers and
    tensors and can call nothing.

    Raises:
        ModelError: See `hear`.
    """
    if not is_installed():
        raise ModelError(f"{NAME} is not installed: run {INSTALL} and try again.")
    if not weights.is_file():
        raise ModelError(f"The weights of {NAME} are not at {weights}: choose the file again in the preferences.")
    if weights.stat().st_size > MAX_BYTES:
        raise ModelError(f"{weights.name} is far larger than the weights of {NAME}: choose another file.")
    import torch
    from beat_this.model.beat_tracker import BeatThis

    try:
        held = torch.load(weights, map_location="cpu", weights_only=True)
        model = BeatThis(**_sizes(held["hyper_parameters"], inspect.signature(BeatThis).parameters))
        prefix = "model."
        model.load_state_dict({name.removeprefix(prefix): value for name, value in held["state_dict"].items()})
    except Exception as error:
        raise ModelError(f"{weights.name} does not hold the weights of {NAME}: fetch or choose it again.") from error
    return model.eval()


def _sizes(told: dict[str, Any], known: Any) -> dict[str, Any]:
    """The settings of the network that a checkpoint tells.

    Raises:
        ValueError: One of them is out of all proportion.
    """
    sizes = {name: value for name, value in told.items() if name in known}
    for name, most in LARGEST.items():
        if name in sizes and not (isinstance(sizes[name], int) and 1 <= sizes[name] <= most):
            raise ValueError(f"{name} is {sizes[name]!r}")
    return sizes


def spectrogram(audio: Audio) -> np.ndarray:
    """What the network listens to: log magnitudes of mel bands, float32 [T, N_BANDS], at ROW_RATE_HZ.

    The same as its own, which needs torchaudio, a package that only loads beside the torch that it was built with.
    """
    from librosa.filters import mel
    from scipy import fft

    mono = np.nan_to_num(audio.mono().samples, nan=0.0, posinf=0.0, neginf=0.0)
    samples = type(audio)(mono, audio.sample_rate_hz).resampled(RATE_HZ).samples[0]
    half = WINDOW // 2
    padded = np.pad(samples, half, mode="reflect") if len(samples) > half else np.pad(samples, half)
    shape = np.hanning(WINDOW + 1)[:-1].astype(np.float32) / np.sqrt(WINDOW)
    views = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    filters = mel(
        sr=RATE_HZ, n_fft=WINDOW, n_mels=N_BANDS, fmin=LOW_HZ, fmax=HIGH_HZ, htk=False, norm=None
    )
    rows = [
        np.log1p(GAIN * (np.abs(fft.rfft(views[first : first + PIECE_ROWS] * shape, axis=1)) @ filters.T))
        for first in range(0, len(views), PIECE_ROWS)
    ]
    return np.concatenate(rows).astype(np.float32)


def _logits(model: torch.nn.Module, rows: np.ndarray, progress: Callable[[float], None]) -> tuple[Any, Any]:
    """Beat and downbeat logits [T] of rows [T, N_BANDS], piece by piece, each without its edges."""
    import torch

    inner, n_rows = PIECE_ROWS - 2 * EDGE_ROWS, len(rows)
    beat, downbeat = torch.empty(n_rows), torch.empty(n_rows)
    padded = torch.from_numpy(np.pad(rows, ((EDGE_ROWS, EDGE_ROWS), (0, 0))))
    with torch.inference_mode():
        for first in range(0, n_rows, inner):
            # The last piece ends with the sound, so that none is shorter than the sound allows.
            start, end = max(0, min(first, n_rows - inner)), min(first + inner, n_rows)
            heard = model(padded[start : start + PIECE_ROWS][None])
            at = slice(EDGE_ROWS + first - start, EDGE_ROWS + end - start)
            beat[first:end], downbeat[first:end] = heard["beat"][0, at], heard["downbeat"][0, at]
            progress(end / n_rows)
    return beat, downbeat


def picked(beat: torch.Tensor, downbeat: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Beats [B] and downbeats [D] in seconds, from logits [T] at ROW_RATE_HZ, by the network's own rule for peaks."""
    from beat_this.model.postprocessor import Postprocessor

    times_s, downbeats_s = Postprocessor("minimal", int(ROW_RATE_HZ))(beat, downbeat)
    return np.asarray(times_s, np.float64), np.asarray(downbeats_s, np.float64)
