"""A trained generator on disk: one safetensors file and a JSON card beside it."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from engine.errors import ModelError
from engine.generation.bank import CodeBank
from engine.generation.model import Encoder, Generator, ModelConfig

WEIGHTS, CARD = "model.safetensors", "card.json"
FORMAT = 1


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

    def to(self, device: torch.device) -> TrainedModel:
        """The same model on another device; the networks are moved, the rest is shared."""
        self.generator.to(device)
        self.encoder.to(device)
        self.device = device
        return self


def save_model(model: TrainedModel, folder: Path) -> None:
    """Write weights (half precision) and card into `folder`, each beside the old one and moved into place."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {
        f"{name}.{key}": value.detach().cpu().numpy().astype(np.float16)
        for name, module in (("generator", model.generator), ("encoder", model.encoder))
        for key, value in module.state_dict().items()
    }
    for name in ("mean", "std", "effort_mean", "effort_std"):
        arrays[f"statistics.{name}"] = getattr(model, name).astype(np.float32)
    arrays |= model.bank.to_arrays()
    arrays = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
    header = {
        "format": str(FORMAT),
        "config": json.dumps(model.generator.config.to_dict()),
        "styles": json.dumps(list(model.styles)),
    }
    fresh = folder / (WEIGHTS + ".new")
    try:
        save_file(arrays, fresh, metadata=header)
        os.replace(fresh, folder / WEIGHTS)
        card = folder / (CARD + ".new")
        card.write_text(json.dumps(model.card, indent=2) + "\n", "utf-8")
        os.replace(card, folder / CARD)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise ModelError(f"The model could not be written to {folder} ({error}).") from error


def load_model(folder: Path, device: torch.device | None = None) -> TrainedModel:
    """The model in `folder`; ModelError with a sentence when files are missing or damaged."""
    path = folder / WEIGHTS
    device = device or torch.device("cpu")
    try:
        content = path.read_bytes()
        header = _header(content)
        arrays = load_file(path)
        config = ModelConfig.from_dict(json.loads(header["config"]))
        styles = tuple(json.loads(header["styles"]))
        card = json.loads((folder / CARD).read_text("utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"There is no trained model in {folder} ({Path(error.filename).name} is missing).") from error
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        problem = f"The model in {folder} is damaged or of another version ({error}): install it anew."
        raise ModelError(problem) from error
    if header.get("format") != str(FORMAT):
        raise ModelError(f"The model in {folder} has format {header.get('format')}; this version reads {FORMAT}.")
    generator, encoder = Generator(config), Encoder(config)
    for name, module in (("generator", generator), ("encoder", encoder)):
        prefix = name + "."
        state = {k[len(prefix) :]: torch.from_numpy(v) for k, v in arrays.items() if k.startswith(prefix)}
        try:
            module.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
        except RuntimeError as error:
            raise ModelError(f"The model in {folder} does not fit its own description: install it anew.") from error
        module.eval().requires_grad_(False).to(device)
    numbers = {n: arrays[f"statistics.{n}"].astype(float) for n in ("mean", "std", "effort_mean", "effort_std")}
    return TrainedModel(
        generator, encoder, **numbers, styles=styles, bank=CodeBank.from_arrays(arrays), card=card, device=device,
        digest=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip


def _header(content: bytes) -> dict[str, str]:
    """The free-text part of a safetensors file's header."""
    length = int.from_bytes(content[:8], "little")
    if not 2 <= length <= len(content) - 8:
        raise ValueError("its header is cut short")
    return dict(json.loads(content[8 : 8 + length])["__metadata__"])
