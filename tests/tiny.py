"""A prepared folder, a preset and a model so small that a test may train and dance with them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import torch

from engine.generation.checkpoint import TrainedModel
from engine.generation.model import Encoder, Generator, ModelConfig
from engine.generation.training.dataset import load_clips, statistics
from engine.generation.training.finish import build_bank
from engine.generation.training.preset import Preset
from engine.motion.contacts import detect_contacts
from engine.motion.motion import Motion
from tests.dances import bobbing, improvised, skating, walk

STYLES = ("ballet", "salsa", "walk")  # "walk" is no dance: a prior that lends the network its steps
SIZES = {
    "widths": [8, 8, 16, 16, 16],
    "discriminator_widths": [8, 8],
    "code_size": 8,
    "noise_size": 4,
    "style_size": 4,
    "n_scales": 1,
    "linear_codes": False,
    "upper_codes": 4,
}
WEIGHTS = {
    "reconstruction": 1.0, "position": 1.0, "velocity": 0.1, "contact": 0.1, "sync": 0.1, "movement_consistency": 0.01,
    "logical_coherence": 0.01, "structural_integrity": 0.1, "kl": 0.001, "adversarial": 0.1, "feature_matching": 0.1,
    "diversity": 0.1, "effort": 0.1, "liveliness": 0.1, "code": 0.1,
}  # fmt: skip


def dancing(n_frames: int, seed: int, size: float = 0.15) -> Motion:
    """A dancer who bobs to 120 beats a minute while the arms and the trunk improvise."""
    steps = bobbing(np.arange(0.2, n_frames / 30.0 + 1.0, 0.5), n_frames / 30.0, rate_hz=30.0)
    free = improvised(n_frames, seed=seed, size=size)
    root = steps.root_positions_m + (free.root_positions_m - free.root_positions_m[0]) * [0.3, 0.0, 0.3]
    return replace(free, root_positions_m=root)


def write_prepared(folder: Path, rows: Sequence[tuple[str, str, str, str, Motion]]) -> Path:
    """A prepared folder of motions, each with its name, style, use and split."""
    (folder / "clips").mkdir(parents=True)
    index = []
    for name, style, use, split, motion in rows:
        n = motion.n_frames
        np.savez(
            folder / "clips" / f"{name}.npz",
            root_positions_m=motion.root_positions_m.astype(np.float32),
            local_rotations=motion.local_rotations.astype(np.float32),
            contacts=detect_contacts(motion), valid=np.ones(n, dtype=bool), observed=np.ones(24, dtype=bool),
        )  # fmt: skip
        index.append({
            "name": name, "source": f"{style}/{name}", "skeleton": "house", "style": style, "use": use, "split": split,
            "n_frames": n, "licence": "made here", "minutes": n / 1800, "changes": {},
        })  # fmt: skip
    (folder / "index.json").write_text(json.dumps({"frame_rate_hz": 30, "clips": index}))
    return folder


def prepared_folder(folder: Path) -> Path:
    """Five takes to learn from, in three styles, and two to validate on."""
    return write_prepared(folder, [
        ("ballet_1", "ballet", "dance", "train", dancing(420, 1)),
        ("ballet_2", "ballet", "dance", "train", dancing(300, 2)),
        ("salsa_1", "salsa", "dance", "train", dancing(360, 3, size=0.3)),
        ("walk_1", "walk", "prior", "train", skating(walk(5.0)[0])),
        ("ballet_9", "ballet", "dance", "validation", dancing(150, 9)),
        ("salsa_9", "salsa", "dance", "validation", dancing(150, 8, size=0.3)),
    ])  # fmt: skip


def tiny_preset(**changes: object) -> Preset:
    """Six steps of which three are adversarial, with networks of SIZES."""
    values = {
        "name": "tiny", "seed": 1, "window_frames": 64, "batch_size": 4, "autoencoder_steps": 3, "total_steps": 6,
        "learning_rate_generator": 5e-3, "learning_rate_adversarial": 1e-3, "learning_rate_discriminator": 1e-3,
        "betas": (0.9, 0.99), "ema": 0.9, "adversarial": "hinge", "model": dict(SIZES), "weights": dict(WEIGHTS),
        "free_share": 0.5,
    }  # fmt: skip
    return Preset(**(values | changes))


def preset_file(path: Path, **changes: object) -> Path:
    """The same as a TOML file."""
    preset = tiny_preset(**changes)
    tables = {"model": preset.model, "weights": preset.weights}
    values = {f.name: getattr(preset, f.name) for f in fields(preset) if f.name not in ("name", *tables)}
    lines = [f"{name} = {_toml(value)}" for name, value in values.items()]
    for name, table in tables.items():
        lines += [f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in table.items())]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def _toml(value: object) -> str:
    return json.dumps(value)  # the same for all that a preset holds: numbers, strings, lists, true and false


def tiny_model(prepared: Path, **sizes: object) -> TrainedModel:
    """Networks with random weights, the bank that their encoder makes of the prepared clips, and a card."""
    torch.manual_seed(5)
    clips = load_clips(prepared, "train")
    stats = statistics(clips, prepared)
    config = ModelConfig.from_dict({**SIZES, "n_styles": len(STYLES), **sizes})
    generator, encoder = Generator(config), Encoder(config)
    for name, weights in generator.named_parameters():
        if "film" in name or "gate" in name or "null" in name:
            torch.nn.init.normal_(weights, std=0.3)  # these begin at zero, where style and noise say nothing
    for network in (generator, encoder):
        network.eval().requires_grad_(False)
    numbers = (stats.mean, stats.std, stats.effort_mean, stats.effort_std)
    bank = build_bank(encoder, clips, list(STYLES), *numbers)
    return TrainedModel(generator, encoder, *numbers, STYLES, bank, {"name": "tiny"}, torch.device("cpu"))
