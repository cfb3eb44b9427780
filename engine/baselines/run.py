"""The one training loop of all baselines: by the device's clock (device.work_clock), resumable, on any device."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from engine.baselines.corpus import Corpus, load_corpora
from engine.baselines.weights import save_weights
from engine.errors import ModelError
from engine.generation.device import choose_device, device_name, work_clock

STATE, LOG = "state.pt", "log.jsonl"
_SAVE_EVERY_S, _REPORT_EVERY_S = 60.0, 10.0
_WARM_UP = 0.02  # of the time: learning rates rise, then fall along a cosine to a twentieth


class Trainee(Protocol):
    """A baseline in training: its networks in one module, and what one step does."""

    @property
    def network(self) -> nn.Module:
        """All networks, as they are saved and resumed."""
        ...

    @property
    def optimisers(self) -> tuple[torch.optim.Optimizer, ...]:
        """Each with the highest learning rate that it may have."""
        ...

    def step(self, share: float) -> dict[str, Tensor]:
        """One step; `share` is how much of the time has passed, 0 to 1. Returns the terms of the loss."""
        ...

    def validate(self) -> dict[str, float]:
        """Figures on the held-out takes."""
        ...

    def export(self) -> tuple[nn.Module, dict[str, Any], dict[str, np.ndarray]]:
        """What is written: the network, its setup, further arrays."""
        ...


Maker = Callable[[Corpus, Corpus, int], Trainee]


@dataclass(frozen=True)
class Told:
    """What a running training says of itself: its share of the time, its step, the latest figures."""

    share: float
    step: int
    figures: dict[str, float]


def train(
    name: str,
    make: Maker,
    data: Path,
    out: Path,
    *,
    minutes: float,
    device: str = "auto",
    seed: int = 1,
    most_steps: int | None = None,
    dance_only: bool = False,
    tell: Callable[[Told], None] = lambda told: None,
) -> dict[str, float]:
    """Train a baseline for some minutes (what an earlier run in `out` has had counts) and write OUT/NAME.npz.

    Args:
        name: For file names: OUT/NAME.npz, and OUT/NAME/ with the state and the log.
        make: Gives the baseline from training corpus, validation corpus and seed.
        data: As for `kinetograph train`.
        minutes: Of training, data not counted: of the processor's work, or of a GPU's time.
        most_steps: Stop after so many steps even if there is time.
        dance_only: Leave out motion that is no dance.
        tell: Called every ten seconds and at the end; may raise to stop, which keeps what was reached.

    Returns:
        The last validation figures, with the steps and minutes that they took.
    """
    where = choose_device(device)
    clock = work_clock(where)
    torch.manual_seed(seed)
    torch.set_float32_matmul_precision("high")
    trainee = make(*_corpora(data, where, dance_only), seed)
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    step, spent_s = _resumed(folder / STATE, trainee, where)
    budget_s = 60.0 * minutes
    rates = [[group["lr"] for group in optimiser.param_groups] for optimiser in trainee.optimisers]
    began_s, before_s, terms = clock(), spent_s, {}
    told_s = saved_s = time.monotonic()
    try:
        while spent_s < budget_s and (most_steps is None or step < most_steps):
            share = _share(spent_s / budget_s, step, most_steps)
            _set_rates(trainee, rates, share)
            terms = trainee.step(share)
            step += 1
            now_s = time.monotonic()
            spent_s = before_s + clock() - began_s
            if now_s - told_s > _REPORT_EVERY_S:
                figures = _plain(terms)
                _check(figures, folder)
                _log(folder, step, spent_s, figures)
                tell(Told(share, step, figures))
                told_s = now_s
            if now_s - saved_s > _SAVE_EVERY_S:
                _save(folder / STATE, trainee, step, spent_s)
                saved_s = time.monotonic()
    finally:
        _check(_plain(terms), folder)
        _save(folder / STATE, trainee, step, spent_s)
    figures = {**trainee.validate(), "steps": float(step), "minutes": spent_s / 60.0}
    _log(folder, step, spent_s, figures)
    network, setup, arrays = trainee.export()
    about = {"baseline": name, "figures": figures, "device": device_name(where)}
    save_weights(out / f"{name}.npz", network, {**setup, **about}, arrays)
    tell(Told(1.0, step, figures))
    return figures


@lru_cache(maxsize=1)
def _corpora(data: Path, device: torch.device, dance_only: bool) -> tuple[Corpus, Corpus]:
    """As `load_corpora`; several that are trained one after the other read it once."""
    return load_corpora(data, device, dance_only=dance_only)


def _share(by_clock: float, step: int, most_steps: int | None) -> float:
    return by_clock if most_steps is None else max(by_clock, step / most_steps)


def _set_rates(trainee: Trainee, rates: list[list[float]], share: float) -> None:
    factor = min(1.0, (share + 1e-3) / _WARM_UP) * (0.05 + 0.95 * 0.5 * (1.0 + math.cos(math.pi * share)))
    for optimiser, own in zip(trainee.optimisers, rates, strict=True):
        for group, rate in zip(optimiser.param_groups, own, strict=True):
            group["lr"] = rate * factor


def _plain(terms: dict[str, Tensor]) -> dict[str, float]:
    return {name: float(value.detach()) for name, value in terms.items()}


def _check(figures: dict[str, float], folder: Path) -> None:
    odd = sorted(name for name, value in figures.items() if not math.isfinite(value))
    if odd:
        raise ModelError(f"Training in {folder} became unstable ({', '.join(odd)} is not a number): train it anew.")


def _log(folder: Path, step: int, spent_s: float, figures: dict[str, float]) -> None:
    with (folder / LOG).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"step": step, "seconds": round(spent_s, 1), **figures}) + "\n")


def _save(path: Path, trainee: Trainee, step: int, spent_s: float) -> None:
    state = {
        "step": step,
        "spent_s": spent_s,
        "network": trainee.network.state_dict(),
        "optimisers": [optimiser.state_dict() for optimiser in trainee.optimisers],
    }
    fresh = path.with_name(path.name + ".new")
    torch.save(state, fresh)
    os.replace(fresh, path)


def _resumed(path: Path, trainee: Trainee, device: torch.device) -> tuple[int, float]:
    """Step and seconds of the state at `path`, taken up; zeros where there is none."""
    if not path.exists():
        return 0, 0.0
    rates = [[group["lr"] for group in optimiser.param_groups] for optimiser in trainee.optimisers]
    try:
        state = torch.load(path, map_location=device, weights_only=True)
        trainee.network.load_state_dict(state["network"])
        for optimiser, own in zip(trainee.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(own)
    except Exception as error:  # torch.load and what it calls raise nearly anything on a damaged file
        raise ModelError(f"{path} is damaged or of another version: train into a new folder.") from error
    for optimiser, own_rates in zip(trainee.optimisers, rates, strict=True):
        for group, rate in zip(optimiser.param_groups, own_rates, strict=True):
            group["lr"] = rate
    return int(state["step"]), float(state["spent_s"])
