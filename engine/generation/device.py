"""Which device computes: a CUDA card where there is one, the processor everywhere."""

from __future__ import annotations

import time
from collections.abc import Callable

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


def work_clock(device: torch.device) -> Callable[[], float]:
    """The clock, in seconds, that a training on a device is measured by: on a processor the time that it has worked for
    this process, all cores added up, so that minutes mean the same whatever else runs beside it; on a GPU the time that
    has passed."""
    return time.monotonic if device.type == "cuda" else time.process_time


def device_name(device: torch.device) -> str:
    """What a table calls a device: "one CPU core", "4 CPU cores, added up", or the GPU's own name."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    n = torch.get_num_threads()
    return "one CPU core" if n == 1 else f"{n} CPU cores, added up"
