"""Networks' numbers in a small file, to bring from where they were trained to where the model is finished."""

from __future__ import annotations

import json
from collections.abc import Sequence
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


def mean_weights(paths: Sequence[Path]) -> tuple[dict[str, str], dict[str, dict[str, Tensor]]]:
    """The last file's header with all states' steps, and the mean of the numbers that states of one run have written.

    The mean of states along a run is flatter ground than either (Izmailov et al. 2018, "Averaging weights leads to
    wider optima and better generalization"): here, as lively and with less trembling. ModelError when the files are
    not of one run's networks.
    """
    found = [read_weights(path) for path in paths]
    header, modules = found[-1]
    header["mean_of_steps"] = json.dumps([int(other.get("step", 0)) for other, _ in found])
    for path, (other, numbers) in zip(paths, found, strict=True):
        same_words = all(other.get(key) == header.get(key) for key in ("styles", "config"))
        if not same_words or _shapes(numbers) != _shapes(modules):
            raise ModelError(f"{path} has other styles or sizes than {paths[-1]}: name states of one run.")
    mean = {
        name: {key: _mean([numbers[name][key] for _, numbers in found]) for key in inner}
        for name, inner in modules.items()
    }
    return header, mean


def _shapes(modules: dict[str, dict[str, Tensor]]) -> dict[str, dict[str, torch.Size]]:
    return {name: {key: value.shape for key, value in inner.items()} for name, inner in modules.items()}


def _mean(values: Sequence[Tensor]) -> Tensor:
    """The mean of numbers; of counts the last."""
    return torch.stack(list(values)).mean(dim=0) if values[-1].is_floating_point() else values[-1]


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
