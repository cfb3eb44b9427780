"""A trained generator on disk: one safetensors file and a JSON card beside it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load, save

from engine.errors import ModelError
from engine.generation.bank import CodeBank
from engine.generation.bridge import Bridge, BridgeConfig
from engine.generation.conditioning import EFFORTS, MUSIC_CHANNELS
from engine.generation.features import MASK_PARTS, N_FEATURES
from engine.generation.marks import Marks, read_marks
from engine.generation.model import Encoder, Generator, ModelConfig
from engine.structure.book import RuleBook

WEIGHTS, CARD = "model.safetensors", "card.json"
FORMAT = 1
_STATISTICS = ("mean", "std", "effort_mean", "effort_std")


@dataclass(eq=False)
class TrainedModel:
    """The networks with all that they need to be used.

    Attributes:
        generator, encoder: In evaluation mode on `device`, float32.
        mean, std: Of motion features, [140]. effort_mean, effort_std: of effort, [6].
        styles: Style names in the order of the generator's style input.
        bank: The prior over codes.
        card: Where it comes from and what it can do; see resources/models/*/card.json.
        digest: SHA-256 of the weights file, for recipes.
        bridge: What leads across short gaps; models without one go straight.
        marks: What the bank's phrases are marked with; without them nothing can be avoided.
        rules: By which the best of several dances is chosen; whoever loads the model puts them here.
    """

    generator: Generator
    encoder: Encoder
    mean: np.ndarray
    std: np.ndarray
    effort_mean: np.ndarray
    effort_std: np.ndarray
    styles: tuple[str, ...]
    bank: CodeBank
    card: dict[str, Any]
    device: torch.device
    digest: str = ""
    bridge: Bridge | None = None
    marks: Marks | None = None
    rules: RuleBook | None = None

    def to(self, device: torch.device) -> TrainedModel:
        """The same model on another device; the networks are moved, the rest is shared."""
        self.generator.to(device)
        self.encoder.to(device)
        if self.bridge is not None:
            self.bridge.to(device)
        self.device = device
        return self


def save_model(model: TrainedModel, folder: Path) -> None:
    """Write weights (half precision) and card into `folder`, each beside the old one and moved into place."""
    arrays = {
        f"{name}.{key}": value.detach().cpu().numpy()
        for name, module in (("generator", model.generator), ("encoder", model.encoder), ("bridge", model.bridge))
        if module is not None
        for key, value in module.state_dict().items()
    }
    arrays = {name: a.astype(np.float16) if a.dtype == np.float32 else a for name, a in arrays.items()}
    for name in _STATISTICS:
        arrays[f"statistics.{name}"] = getattr(model, name).astype(np.float32)
    arrays |= model.bank.to_arrays()
    header = {
        "format": str(FORMAT),
        "config": json.dumps(model.generator.config.to_dict()),
        "styles": json.dumps(list(model.styles)),
    }
    if model.bridge is not None:
        header["bridge"] = json.dumps(model.bridge.config.to_dict())
    content = {
        WEIGHTS: save({name: np.asarray(a, order="C") for name, a in arrays.items()}, metadata=header),
        CARD: (json.dumps(model.card, indent=2) + "\n").encode("utf-8"),
    }
    fresh = {name: folder / (name + ".new") for name in content}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in content.items():
            fresh[name].write_bytes(data)
        for name in content:
            os.replace(fresh[name], folder / name)
    except OSError as error:
        for path in fresh.values():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        raise ModelError(f"The model could not be written to {folder} ({error}).") from error


def load_model(folder: Path, device: torch.device | None = None) -> TrainedModel:
    """The model in `folder`; ModelError with a sentence when files are missing or damaged."""
    try:
        content = (folder / WEIGHTS).read_bytes()
        card = json.loads((folder / CARD).read_text("utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"There is no trained model in {folder} ({Path(error.filename).name} is missing).") from error
    except (OSError, ValueError) as error:
        raise ModelError(f"The model in {folder} cannot be read ({error}): install it anew.") from error
    try:
        header = _header(content)
        if header["format"] != str(FORMAT):
            raise ModelError(f"The model in {folder} has format {header['format']}; this version reads {FORMAT}.")
        if not isinstance(card, dict):
            raise ValueError("its card is no description")
        digest = hashlib.sha256(content).hexdigest()
        model = _built(header, load(content), card, device or torch.device("cpu"), digest)
    except (SafetensorError, ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        why = " ".join(str(error).split())
        raise ModelError(f"The model in {folder} is damaged or of another version ({why}): install it anew.") from error
    model.marks = read_marks(folder, digest, model.bank.n_entries)
    return model


def _built(
    header: dict[str, str], arrays: dict[str, np.ndarray], card: dict[str, Any], device: torch.device, digest: str
) -> TrainedModel:
    """The model of a file's contents; any of several errors when they do not fit together."""
    config = ModelConfig.from_dict(json.loads(header["config"]))
    styles = tuple(str(name) for name in json.loads(header["styles"]))
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ValueError(f"{name} holds values that are not numbers")
    # Built without memory behind it: what a damaged description asks for is compared, not allocated.
    bridge: Bridge | None = None
    with torch.device("meta"):
        generator, encoder = Generator(config), Encoder(config)
        if "bridge" in header:
            bridge = Bridge(BridgeConfig(**json.loads(header["bridge"])))
    for name, module in (("generator", generator), ("encoder", encoder), ("bridge", bridge)):
        if module is None:
            continue
        _fill(module, {k.removeprefix(f"{name}."): v for k, v in arrays.items() if k.startswith(f"{name}.")})
        module.eval().requires_grad_(False).to(device)
    numbers = {name: arrays[f"statistics.{name}"].astype(float) for name in _STATISTICS}
    bank = CodeBank.from_arrays(arrays)
    wanted = {
        "n_features": (config.n_features, N_FEATURES),
        "n_effort": (config.n_effort, len(EFFORTS)),
        "n_music": (config.n_music, len(MUSIC_CHANNELS)),
        "n_mask": (config.n_mask, len(MASK_PARTS)),
        "styles": (config.n_styles, len(styles)),
        "bridge": (bridge.config.n_styles if bridge is not None else len(styles), len(styles)),
        "bank.codes": (bank.codes.shape[1], config.code_size),
        "bank.clip_style": (bool((bank.clip_style < len(styles)).all()), True),
        **{name: (value.shape, ((N_FEATURES, len(EFFORTS))["effort" in name],)) for name, value in numbers.items()},
    }
    for name, (found, right) in wanted.items():
        if found != right:
            raise ValueError(f"{name} does not fit the rest")
    return TrainedModel(
        generator, encoder, numbers["mean"], numbers["std"], numbers["effort_mean"], numbers["effort_std"], styles,
        bank, card, device, digest, bridge,
    )  # fmt: skip


def _fill(module: torch.nn.Module, arrays: dict[str, np.ndarray]) -> None:
    """Give a network its numbers, in single precision; ValueError unless they are all there in their shapes."""
    expected = {key: tuple(value.shape) for key, value in module.state_dict().items()}
    odd = sorted(set(expected.items()) ^ {(key, value.shape) for key, value in arrays.items()})
    if odd:
        raise ValueError(f"{odd[0][0]} is missing, unknown or of another shape")
    state = {key: torch.from_numpy(value.copy()) for key, value in arrays.items()}
    module.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()}, assign=True)


def _header(content: bytes) -> dict[str, str]:
    """The free-text part of a safetensors file's header."""
    length = int.from_bytes(content[:8], "little")
    if not 2 <= length <= len(content) - 8:
        raise ValueError("its header is cut short")
    return dict(json.loads(content[8 : 8 + length])["__metadata__"])
