"""Trained baselines on disk: one archive of arrays in half precision, with what is needed to build the network."""

from __future__ import annotations

import io
import json
import zlib
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch
from torch import nn

from engine.errors import ModelError
from engine.formats.whole_file import replacing

_SETUP = "setup.json"


def save_weights(path: Path, network: nn.Module, setup: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Write a network's state, `setup` (JSON types) and further arrays to `path`, in half precision where they are
    real numbers."""
    content = {f"network.{name}": value.detach().cpu().numpy() for name, value in network.state_dict().items()}
    content |= {f"array.{name}": value for name, value in arrays.items()}
    packed = {name: a.astype(np.float16) if a.dtype.kind == "f" else a for name, a in content.items()}
    packed[_SETUP] = np.frombuffer(json.dumps(setup, sort_keys=True).encode("utf-8"), dtype=np.uint8)
    memory = io.BytesIO()
    np.savez(memory, **packed)
    with replacing(path) as file:
        file.write(memory.getvalue())


def load_weights(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any], dict[str, np.ndarray]]:
    """A network's state in single precision, its setup and its arrays; ModelError with a sentence otherwise."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
            plain = {name: data[name] for name in data.files}
        setup = dict(json.loads(plain.pop(_SETUP).tobytes().decode("utf-8")))
    except FileNotFoundError:
        raise ModelError(f"There is no trained baseline at {path}: train it with `kinetograph baseline`.") from None
    except (OSError, EOFError, KeyError, ValueError, NotImplementedError, BadZipFile, zlib.error) as error:
        raise ModelError(f"{path} cannot be read ({' '.join(str(error).split())}): train it again.") from error
    wide = {name: a.astype(np.float32) if a.dtype.kind == "f" else a for name, a in plain.items()}
    if not all(np.isfinite(a).all() for a in wide.values() if a.dtype.kind == "f"):
        raise ModelError(f"{path} holds values that are not numbers: train it again.")
    state = {k.removeprefix("network."): torch.from_numpy(a) for k, a in wide.items() if k.startswith("network.")}
    arrays = {k.removeprefix("array."): a for k, a in wide.items() if k.startswith("array.")}
    return state, setup, arrays


def fill(network: nn.Module, state: dict[str, torch.Tensor], path: Path) -> None:
    """Give a network its state and freeze it; ModelError when it does not fit."""
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise ModelError(f"{path} is of another version of this baseline: train it again.") from error
    network.eval().requires_grad_(False)
