"""Which device computes: a CUDA card where there is one, the processor everywhere."""

from __future__ import annotations

import torch

from engine.errors import DeviceError


def choose_device(name: str = "auto") -> torch.device:
    """The torch device for "auto", "cpu", "cuda" or "cuda:N"; DeviceError when it is not there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cpu":
        return torch.device("cpu")
    if name != "cuda" and not (name.startswith("cuda:") and name[5:].isdecimal()):
        raise DeviceError(f"There is no device called {name!r}: use auto, cpu, cuda or cuda:N.")
    if not torch.cuda.is_available():
        raise DeviceError(f"The device {name!r} was asked for, but torch finds no CUDA card here: use --device cpu.")
    device = torch.device(name)
    if (device.index or 0) >= torch.cuda.device_count():
        raise DeviceError(f"There is no {name}: torch finds {torch.cuda.device_count()} CUDA card(s).")
    return device
