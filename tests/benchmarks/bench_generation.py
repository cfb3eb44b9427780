"""What a choreographer waits for: the model, a whole song's dance, four takes of a phrase; and a step of training."""

from __future__ import annotations

import tempfile
from pathlib import Path

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
from engine.generation.training.preset import load_preset
from engine.generation.training.train import Trainer
from engine.motion.house import FRAME_RATE_HZ
from tests.benchmarks.timing import best_s
from tests.tiny import prepared_folder

WINDOW_FRAMES, SONG_S, PHRASE_S, N_TAKES, TEMPO_BPM = 256, 180.0, 8.0, 4, 120.0


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
    takes_s = best_s(lambda: [generate(request(PHRASE_S, seed, **around), model) for seed in range(N_TAKES)], repeats=3)
    _print("model loaded", loaded_s)
    _print(f"forward pass of {WINDOW_FRAMES} frames", forward_s)
    _print(f"dance for a song of {SONG_S / 60:g} min", whole_s, f"{SONG_S / whole_s:.0f} times real time; wanted: 3 s")
    _print(f"{N_TAKES} takes of {PHRASE_S:g} s between fixed motion", takes_s)


def _time_training(device: torch.device) -> None:
    """A step of the `kinetograph` preset in either phase, on synthetic takes: a step costs the same on any motion."""
    preset = load_preset(resource_path("presets/kinetograph.toml"))
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(preset, prepared_folder(Path(folder) / "prepared"), Path(folder) / "run", str(device))
        for name, step in (("autoencoder", 0), ("adversarial", preset.autoencoder_steps)):
            trainer.step = step
            trainer.train_step()
            seconds = best_s(trainer.train_step, repeats=3)
            _print(f"training step, {name}", seconds, f"batch {preset.batch_size}, synthetic takes")


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
