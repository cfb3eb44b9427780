"""Training presets: what is read from resources/presets/*.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from engine.errors import ModelError
from engine.generation.bridge import BridgeConfig
from engine.generation.model import ModelConfig
from engine.generation.model_constants import CODE_STRIDE
from engine.generation.training.rule_losses import RULE_LOSSES


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
    free_share: float = 0.0  # of a batch's windows in the game: so many dance codes put together from several takes
    hold_back: int = 0  # every so-manieth training take is kept for tuning and not learned from; 0: none

    def model_config(self, n_styles: int) -> ModelConfig:
        """The networks' configuration for data with `n_styles` styles."""
        return ModelConfig.from_dict({**self.model, "n_styles": n_styles})


@dataclass(frozen=True)
class BridgePreset:
    """How to train a bridge (engine.generation.bridge); its file says kind = "bridge"."""

    name: str
    seed: int
    batch_size: int
    learning_rate: float
    hold_back: int
    schedule_minutes: float
    model: dict[str, Any]


# The terms of the loss, each with its weight in a preset. Those of the rules may be left out, and weigh nothing then.
LOSSES = (
    "reconstruction", "position", "velocity", "contact", "sync", "movement_consistency", "logical_coherence",
    "structural_integrity", "kl", "adversarial", "feature_matching", "diversity", "effort", "liveliness", "code",
)  # fmt: skip
_USUAL: dict[str, Any] = {"free_share": 0.0, "hold_back": 0}
GAMES = ("hinge", "minimax")
LEAST_WINDOW = 48  # a gap to fill and something known on either side of it


def load_preset(path: Path, changes: Sequence[str] = ()) -> Preset | BridgePreset:
    """The preset in a TOML file; ModelError with a sentence when a value is missing, unknown or impossible.

    `changes` are further lines of TOML, such as "weights.contact = 8", that overrule the file's.
    """
    values = _read(path)
    for line in changes:
        try:
            _overrule(values, tomllib.loads(line))
        except ValueError as error:
            raise ModelError(f"{line!r} is no value of a preset ({str(error).rstrip('.')}).") from None
    if values.pop("kind", "generator") == "bridge":
        return _bridge_preset(path, values)
    values = {**_USUAL, **values}
    if isinstance(values.get("weights"), dict):
        values["weights"] = {**dict.fromkeys(RULE_LOSSES, 0.0), **values["weights"]}
    _must_have(path, {f.name for f in fields(Preset)} - {"name"}, values)
    for name, (is_right, what) in _RULES.items():
        if not is_right(values[name]):
            raise ModelError(f"{path.name}: {name} must be {what}, not {values[name]!r}.")
    _must_have(path, {*LOSSES, *RULE_LOSSES}, values["weights"])
    for name, weight in values["weights"].items():
        if not _is_number(weight, 0.0, float("inf")):
            raise ModelError(f"{path.name}: the weight {name} must be a number from 0 on, not {weight!r}.")
    if "n_styles" in values["model"]:
        raise ModelError(f"{path.name}: n_styles comes from the data; take it out of [model].")
    preset = Preset(name=path.stem, **{**values, "betas": tuple(values["betas"])})
    try:
        preset.model_config(1)
    except ValueError as error:
        raise ModelError(f"{path.name}, [model]: {error}.") from error
    return preset


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ModelError(f"There is no training preset {path.stem!r} at {path.parent}.") from None
    except (OSError, ValueError) as error:  # not to be read, not UTF-8, not TOML
        raise ModelError(f"{path.name}: {str(error).rstrip('.')}.") from error


def _overrule(values: dict[str, Any], by: dict[str, Any]) -> None:
    for name, value in by.items():
        if isinstance(value, dict) and isinstance(values.get(name), dict):
            _overrule(values[name], value)
        else:
            values[name] = value


def _bridge_preset(path: Path, values: dict[str, Any]) -> BridgePreset:
    _must_have(path, {f.name for f in fields(BridgePreset)} - {"name"}, values)
    for name in ("seed", "batch_size", "learning_rate", "hold_back", "model"):
        is_right, what = _RULES["learning_rate_generator" if name == "learning_rate" else name]
        if not is_right(values[name]):
            raise ModelError(f"{path.name}: {name} must be {what}, not {values[name]!r}.")
    if not _is_number(values["schedule_minutes"], 1e-3, float("inf")):
        raise ModelError(f"{path.name}: schedule_minutes must be a number above zero.")
    try:
        BridgeConfig(n_styles=1, **values["model"])
    except (TypeError, ValueError) as error:
        raise ModelError(f"{path.name}, [model]: {error}.") from error
    return BridgePreset(name=path.stem, **values)


def _must_have(path: Path, wanted: set[str], values: dict[str, Any]) -> None:
    odd = sorted(set(values) ^ wanted)
    if odd:
        raise ModelError(f"{path.name}: these values are missing or unknown: {', '.join(odd)}.")


def _is_number(value: object, least: float, below: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value < below


def _is_whole(value: object, least: int, step: int = 1) -> bool:
    return type(value) is int and value >= least and value % step == 0


def _is_rate(value: object) -> bool:
    return _is_number(value, 1e-12, 1.0)


# What each value must be, and how that is said.
_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "seed": (lambda v: _is_whole(v, 0), "a whole number from 0 on"),
    "window_frames": (
        lambda v: _is_whole(v, LEAST_WINDOW, CODE_STRIDE), f"a multiple of {CODE_STRIDE} from {LEAST_WINDOW} on"
    ),
    "batch_size": (lambda v: _is_whole(v, 2), "a whole number from 2 on"),
    "autoencoder_steps": (lambda v: _is_whole(v, 0), "a whole number from 0 on"),
    "total_steps": (lambda v: _is_whole(v, 0), "a whole number from 0 on"),
    "learning_rate_generator": (_is_rate, "between 0 and 1"),
    "learning_rate_adversarial": (_is_rate, "between 0 and 1"),
    "learning_rate_discriminator": (_is_rate, "between 0 and 1"),
    "betas": (
        lambda v: isinstance(v, list) and len(v) == 2 and all(_is_number(b, 0.0, 1.0) for b in v),
        "two numbers from 0 to below 1",
    ),
    "ema": (lambda v: _is_number(v, 0.0, 1.0), "a number from 0 to below 1"),
    "adversarial": (lambda v: v in GAMES, f"one of {', '.join(GAMES)}"),
    "free_share": (lambda v: _is_number(v, 0.0, 1.0), "a number from 0 to below 1"),
    "hold_back": (lambda v: _is_whole(v, 0), "a whole number from 0 on"),
    "model": (lambda v: isinstance(v, dict), "a table"),
    "weights": (lambda v: isinstance(v, dict), "a table"),
}  # fmt: skip
