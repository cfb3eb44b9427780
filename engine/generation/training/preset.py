"""Training presets: what is read from resources/presets/*.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from engine.errors import ModelError
from engine.generation.model import ModelConfig


@dataclass(frozen=True)
class Preset:
    """How to train; see the TOML files for what each number is for."""

    name: str
    seed: int
    window_frames: int
    batch_size: int
    autoencoder_steps: int
    total_steps: int
    learning_rate_generator: float
    learning_rate_adversarial: float
    learning_rate_discriminator: float
    betas: tuple[float, float]
    ema: float
    adversarial: str
    model: dict[str, Any]
    weights: dict[str, float]

    def model_config(self, n_styles: int) -> ModelConfig:
        """The networks' configuration for data with `n_styles` styles."""
        return ModelConfig.from_dict({**self.model, "n_styles": n_styles})


def load_preset(path: Path) -> Preset:
    """The preset in a TOML file; ModelError with a sentence when a value is missing or unknown."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ModelError(f"There is no training preset {path.stem!r} at {path.parent}.") from None
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{path.name}: {error}.") from error
    wanted = {f.name for f in fields(Preset)} - {"name"}
    if set(values) != wanted:
        odd = sorted(set(values) ^ wanted)
        raise ModelError(f"{path.name}: these values are missing or unknown: {', '.join(odd)}.")
    values["betas"] = tuple(values["betas"])
    return Preset(name=path.stem, **values)
