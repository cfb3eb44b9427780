"""A dance for a song with the bundled model: what `generate` and the demo share."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.resources import resource_path

if TYPE_CHECKING:
    from engine.generation.checkpoint import TrainedModel
    from engine.motion.motion import Motion
    from engine.music.analysis import MusicAnalysis

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Dance:
    """A finished dance and what it was made from.

    Attributes:
        motion: On the house skeleton at 30 frames per second, as long as the song.
        analysis: Of the song.
        recipe: Seed, style, emotion, model and request digests: what makes the same dance again.
        seconds: How long analysis, loading and generation took, by those names.
    """

    motion: Motion
    analysis: MusicAnalysis
    recipe: dict[str, object]
    seconds: dict[str, float]


def load_bundled_model(device: str = "auto", folder: Path | None = None) -> TrainedModel:
    """The model in `folder`, by default the one that ships, on a device, with the rules that judge its dances."""
    from engine.generation.checkpoint import load_model
    from engine.generation.device import choose_device
    from engine.structure.book import read_rules

    model = load_model(folder or resource_path("models/kinetograph"), choose_device(device))
    model.rules = read_rules(resource_path("rules"))
    return model


def dance_for_song(
    song: Path,
    *,
    style: Mapping[str, float] | None = None,
    emotion: Mapping[str, float] | None = None,
    seed: int = 0,
    device: str = "auto",
    model: TrainedModel | None = None,
    progress: Progress = lambda _: None,
    **settings: object,
) -> Dance:
    """A whole dance for a song file. `settings` are further attributes of GenerationRequest."""
    from engine.generation.generate import generate
    from engine.generation.request import request_for_music
    from engine.music.cache import analyse_file

    started = time.perf_counter()
    analysis = analyse_file(song, progress=lambda x: progress(0.4 * x))
    analysed = time.perf_counter()
    loaded_model = model or load_bundled_model(device)
    loaded = time.perf_counter()
    request = request_for_music(analysis, style=dict(style or {}), emotion=dict(emotion or {}), seed=seed, **settings)
    motion = generate(request, loaded_model, lambda x: progress(0.4 + 0.6 * x))
    done = time.perf_counter()
    recipe = {
        "song": song.name,
        "style": dict(style or {}),
        "emotion": dict(emotion or {}),
        "seed": seed,
        "device": str(loaded_model.device),
        "model": loaded_model.digest,
        "request": request.digest(),
        **{name: sorted(value) if isinstance(value, frozenset) else value for name, value in settings.items()},
    }
    seconds = {"analysis": analysed - started, "loading": loaded - analysed, "generation": done - loaded}
    return Dance(motion, analysis, recipe, {k: round(v, 3) for k, v in seconds.items()})
