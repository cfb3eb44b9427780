"""The model card: what a model was trained on and how, in figures that come from the run itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.generation.bridge import Bridge
from engine.generation.checkpoint import TrainedModel
from engine.generation.device import device_name
from engine.generation.model import n_parameters
from engine.generation.training.dataset import read_index
from engine.generation.training.train import Trainer
from engine.motion.house import FRAME_RATE_HZ

# A style is offered by name when the model saw this much of it; the rest are flavours.
LEAST_MINUTES = 1.5
LIMITS = (
    "Trained on about half an hour of dance; styles differ widely in minutes seen (see `styles`).",
    "No paired music was seen: it follows beats, loudness and the sliders, not melody or lyrics.",
    "There were no emotion labels: emotion acts through measured qualities of movement.",
    "It recombines what it saw: its codes, decoded as they stand, come close to the training takes.",
    "One dancer, no hands' fingers, no lifts or floor work worth the name.",
)


def model_card(trainer: Trainer, data: Path, bridge: Bridge | None = None) -> dict[str, Any]:
    """The card as JSON types: name, data by style and source, licences, preset, steps, validation figures, limits."""
    if trainer.start is not None:
        return _further(trainer, trainer.start)
    rows = [r for r in read_index(data)["clips"] if r["split"] == "train" and not r.get("static")]
    sources: dict[str, dict[str, Any]] = {}
    for row in rows:
        entry = sources.setdefault(row["source"].split("/")[0], {"minutes": 0.0, "licence": row["licence"]})
        entry["minutes"] = round(entry["minutes"] + row["minutes"], 2)
    minutes = {name: round(n / FRAME_RATE_HZ / 60, 2) for name, n in sorted(trainer.n_dance_frames.items())}
    return {
        "name": trainer.preset.name,
        "kind": "conditional GAN after Lin & Feng 2025, anchored codes",
        "styles": minutes,
        "claimed_styles": sorted(name for name, m in minutes.items() if m >= LEAST_MINUTES),
        "sources": sources,
        "preset": trainer.preset.name,
        "steps": trainer.step,
        "training": {"minutes": round(trainer.elapsed_s / 60.0, 1), "device": device_name(trainer.device)},
        "rule_penalties": {name: trainer.preset.weights[name] for name in trainer.game.rules},
        **({"mean_of_steps": trainer.mean_of_steps} if len(trainer.mean_of_steps) > 1 else {}),
        "adversarial_steps": max(0, trainer.step - trainer.preset.autoencoder_steps),
        "parameters": {
            "generator": n_parameters(trainer.generator),
            "encoder": n_parameters(trainer.encoder),
            "discriminator": n_parameters(trainer.discriminator),
            **({"bridge": n_parameters(bridge)} if bridge is not None else {}),
        },
        "validation": {name: round(value, 4) for name, value in trainer.validate().items()},
        "validation_units": "metres of mean joint error on held-out takes; val_contact: speed of feet in contact, m/s",
        "limits": list(LIMITS),
    }


def _further(trainer: Trainer, start: TrainedModel) -> dict[str, Any]:
    """The card of a model that was trained further: what it saw stays true, and what was done to it is added."""
    minutes = {name: round(n / FRAME_RATE_HZ / 60, 2) for name, n in sorted(trainer.n_dance_frames.items())}
    return {
        **start.card,
        "trained_further": {
            "from": start.digest, "preset": trainer.preset.name, "steps": trainer.step, "styles": minutes,
            "kept": "encoder, bank and bridge",
        },
        "rule_penalties": {name: trainer.preset.weights[name] for name in trainer.game.rules},
        "validation": {name: round(value, 4) for name, value in trainer.validate().items()},
    }  # fmt: skip
