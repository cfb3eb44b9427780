"""What a choreographer waits for: the model, a whole song's dance, four takes of a phrase; how a take's seams look;
and a step of training.
"""

from __future__ import annotations

import tempfile
import time
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import torch

from app.resources import resource_path
from engine.errors import ModelError
from engine.generation.checkpoint import TrainedModel, load_model
from engine.generation.device import choose_device
from engine.generation.features import N_FEATURES
from engine.generation.generate import generate
from engine.generation.model import Condition
from engine.generation.model_constants import CODE_STRIDE
from engine.generation.request import GenerationRequest
from engine.generation.takes import generate_takes, warm_up
from engine.generation.training.preset import load_preset
from engine.generation.training.train import Trainer
from engine.motion.house import FRAME_RATE_HZ
from engine.motion.motion import Motion
from engine.structure.book import read_rules
from tests.benchmarks.timing import best_s
from tests.tiny import prepared_folder

WINDOW_FRAMES, SONG_S, PHRASE_S, N_TAKES, TEMPO_BPM = 256, 180.0, 8.0, 4, 120.0
LOCKS = {"all free": (), "legs locked": ("left_leg", "right_leg")}
FELT = {"joy": 0.7, "tension": 0.3}
N_SEGMENTS, SEAM_MARGIN = 20, 60


def run() -> None:
    """Print the best of several times for each, with the bundled model, on the device that `auto` chooses."""
    device = choose_device()
    cores = "" if device.type == "cuda" else f", {torch.get_num_threads()} threads"
    print(f"on {device}{cores}")
    try:
        model = load_model(resource_path("models/kinetograph"), device)
    except ModelError as error:
        print(f"  no dances: {error}")
    else:
        _time_dances(model)
    _time_training(device)


def _time_dances(model: TrainedModel) -> None:
    song = request(SONG_S)
    dance = generate(song, model)
    middle = dance.n_frames // 2
    end = middle + round(PHRASE_S * FRAME_RATE_HZ)
    around = {"before": dance.slice(0, middle), "after": dance.slice(end, dance.n_frames)}
    loaded_s = best_s(lambda: load_model(resource_path("models/kinetograph"), model.device), repeats=3)
    forward_s = best_s(lambda: forward(model))
    whole_s = best_s(lambda: generate(song, model), repeats=3)
    warm_s = best_s(lambda: warm_up(model), repeats=1)
    _print("model loaded", loaded_s)
    _print(f"forward pass of {WINDOW_FRAMES} frames", forward_s)
    _print(f"dance for a song of {SONG_S / 60:g} min", whole_s, f"{SONG_S / whole_s:.0f} times real time; wanted: 3 s")
    _print("warmed up", warm_s)
    current = dance.slice(middle, end)
    for name, locked in LOCKS.items():
        _time_takes(name, model, {**around, "locked": frozenset(locked), "current": current if locked else None})
    _time_takes("all free, joyful", model, {**around, "emotion": FELT})
    _measure_seams(model, dance)


def _time_takes(name: str, model: TrainedModel, kept: dict[str, Any]) -> None:
    """Four takes of one segment: together, and one by one."""
    requests = [request(PHRASE_S, seed, **kept) for seed in range(N_TAKES)]
    first_s: list[float] = []

    def together() -> None:
        begin_s, made_s = time.perf_counter(), []
        generate_takes(requests, model, on_take=lambda *_: made_s.append(time.perf_counter() - begin_s))
        first_s.append(made_s[0])

    all_s = best_s(together)
    alone_s = best_s(lambda: [generate(asked, model) for asked in requests])
    remark = f"the first after {1000 * min(first_s):.0f} ms; one by one {1000 * alone_s:.0f} ms; wanted: 150 and 50 ms"
    _print(f"{N_TAKES} takes of {PHRASE_S:g} s, {name}", all_s, remark)
    places = [motion.positions_m() for motion in generate_takes(requests, model)]
    apart = [100.0 * float(np.linalg.norm(a - b, axis=-1).mean()) for a, b in combinations(places, 2)]
    print(f"    two of these are {min(apart):.0f} to {max(apart):.0f} cm apart, mean over joints and frames")


def _measure_seams(model: TrainedModel, song: Motion) -> None:
    """What regenerated segments do where they begin and end, beside what the untouched dance does everywhere.

    Position: how far a step across a seam is from the mean of the steps beside it. Velocity: how much it changes
    within a frame there, as a share of the speed around. Of the body (mean over joints) and its worst joint.
    """
    n, rng = round(PHRASE_S * FRAME_RATE_HZ), np.random.default_rng(1)
    starts = rng.integers(SEAM_MARGIN, song.n_frames - n - SEAM_MARGIN, N_SEGMENTS).tolist()
    before = song.positions_m()
    rows = {"untouched, everywhere": [_seam(before, i) for i in range(SEAM_MARGIN, song.n_frames - SEAM_MARGIN, 3)]}
    rows["untouched, at these seams"] = [_seam(before, frame) for start in starts for frame in (start, start + n)]
    for name, locked in LOCKS.items():
        for i, start in enumerate(starts):
            end, p = start + n, before.copy()
            around = {"before": song.slice(0, start), "after": song.slice(end, song.n_frames)}
            kept = {"locked": frozenset(locked), "current": song.slice(start, end) if locked else None}
            p[start:end] = generate(request(PHRASE_S, i, **around, **kept), model).positions_m()
            rows.setdefault(f"{name}, beginning", []).append(_seam(p, start))
            rows.setdefault(f"{name}, end", []).append(_seam(p, end))
    print(f"  seams of {N_SEGMENTS} segments: median / 95 % / most; wanted: 5 mm, 15 %")
    print(f"    {'':26s}{'step, body mm':>20s}{'worst joint mm':>22s}{'velocity, body %':>22s}")
    for name, values in rows.items():
        columns = (np.quantile(column, [0.5, 0.95, 1.0]) for column in np.array(values).T)
        print(f"    {name:26s}" + "  ".join("/".join(f"{x:6.1f}" for x in column) for column in columns))


def _seam(positions_m: np.ndarray, frame: int) -> tuple[float, float, float]:
    """The jump before a frame: of the body and of its worst joint, mm, and of the body's velocity, per cent."""
    steps = np.diff(positions_m[frame - 8 : frame + 8], axis=0)
    earlier, across, later = steps[6:9]
    jumps = 1000.0 * np.linalg.norm(across - 0.5 * (earlier + later), axis=-1)
    change = 0.5 * np.linalg.norm(later - earlier, axis=-1).mean() / np.linalg.norm(steps, axis=-1).mean()
    return float(jumps.mean()), float(jumps.max()), float(100.0 * change)


def _time_training(device: torch.device) -> None:
    """A step of the `kinetograph` preset in either phase, on synthetic takes: a step costs the same on any motion."""
    preset = load_preset(resource_path("presets/kinetograph.toml"))
    with tempfile.TemporaryDirectory() as folder:
        data, limits = prepared_folder(Path(folder) / "prepared"), _limits()
        trainer = Trainer(preset, data, Path(folder) / "run", str(device), limits=limits)
        for name, step in (("autoencoder", 0), ("adversarial", preset.autoencoder_steps)):
            trainer.step = step
            trainer.train_step()
            seconds = best_s(trainer.train_step, repeats=3)
            _print(f"training step, {name}", seconds, f"batch {preset.batch_size}, synthetic takes")


def _limits() -> dict[str, dict[str, float]]:
    return {name: dict(text.limits) for name, text in read_rules(resource_path("rules")).of(None).items()}


def request(duration_s: float, seed: int = 0, **context: object) -> GenerationRequest:
    """A request for steady music without emotion."""
    n = round(duration_s * FRAME_RATE_HZ)
    beats = np.arange(0.0, n, FRAME_RATE_HZ * 60.0 / TEMPO_BPM)
    return GenerationRequest(
        n, beats, np.ones(len(beats)), np.full(n, 0.7), np.zeros(n), seed=seed,
        **context,  # type: ignore[arg-type] # motion before and after
    )  # fmt: skip


@torch.no_grad()
def forward(model: TrainedModel) -> None:
    """One forward pass of the generator alone."""
    config, device = model.generator.config, model.device
    sizes = (N_FEATURES, config.n_mask, config.n_music, config.n_effort)
    known, mask, music, effort = (torch.zeros(1, size, WINDOW_FRAMES, device=device) for size in sizes)
    style = torch.full((1, config.n_styles), 1.0 / config.n_styles, device=device)
    codes = torch.zeros(1, config.code_size, WINDOW_FRAMES // CODE_STRIDE, device=device)
    noise = torch.zeros(1, config.noise_size, device=device)
    model.generator(codes, Condition(known, mask, music, effort, style), noise)
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _print(name: str, seconds: float, remark: str = "") -> None:
    amount = f"{seconds:8.2f} s " if seconds >= 1.0 else f"{1000.0 * seconds:8.1f} ms"
    print(f"  {name:38s}{amount}   {remark}".rstrip())


if __name__ == "__main__":
    run()
