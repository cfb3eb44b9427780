"""Networks' numbers in a small file, to bring from where they were trained to where the model is finished."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load, save
from torch import Tensor, nn

from engine.errors import ModelError
from engine.formats.whole_file import replacing


def write_weights(path: Path, modules: dict[str, nn.Module], header: dict[str, str]) -> None:
    """Write modules by name, in half precision, with a header of words."""
    arrays = {}
    for name, module in modules.items():
        for key, value in module.state_dict().items():
            array = value.detach().cpu().numpy()
            array = array.astype(np.float16) if array.dtype == np.float32 else array
            arrays[f"{name}/{key}"] = np.asarray(array, order="C")
    with replacing(path) as file:
        file.write(save(arrays, metadata=header))


def read_weights(path: Path) -> tuple[dict[str, str], dict[str, dict[str, Tensor]]]:
    """The header and every module's numbers in single precision; ModelError when there are none to be read."""
    try:
        content = path.read_bytes()
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
        arrays = load(content)
    except (OSError, KeyError, ValueError, SafetensorError) as error:
        raise ModelError(f"{path} holds no weights that can be read ({' '.join(str(error).split())[:160]}).") from None
    modules: dict[str, dict[str, Tensor]] = {}
    for key, array in arrays.items():
        name, _, inner = key.partition("/")
        value = torch.from_numpy(array.copy())
        modules.setdefault(name, {})[inner] = value.float() if value.is_floating_point() else value
    return dict(header), modules
