"""The rules as penalties: nothing for what the checks accept, something for what they tell, and gradients that mend."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from app.resources import resource_path
from engine.errors import ModelError
from engine.generation.features import N_FEATURES, to_features
from engine.generation.training import losses
from engine.generation.training.dataset import statistics
from engine.generation.training.game import Game
from engine.generation.training.preset import load_preset
from engine.generation.training.rule_losses import RULE_LOSSES
from engine.motion import quaternion
from engine.motion.house import JOINT
from engine.motion.motion import Motion
from engine.structure.book import read_rules
from engine.structure.checker import check
from tests.dances import standing, walk
from tests.tiny import tiny_preset

BOOK = read_rules(resource_path("rules"))
LIMITS = {name: text.limits for name, text in BOOK.of(None).items()}
BODY = losses.BodyKinematics(np.zeros(N_FEATURES), np.ones(N_FEATURES))
X, Y, Z = np.eye(3)
N = 48


def rows(motion: Motion) -> torch.Tensor:
    made = to_features(motion, np.zeros((motion.n_frames, 4)))
    return torch.tensor(made, dtype=torch.float32).T[None].clone()


def loss(name: str, features: torch.Tensor) -> torch.Tensor:
    return RULE_LOSSES[name](losses.kinematic_terms(BODY, features), LIMITS, torch.ones(1, features.shape[-1]))


def turned(joint: str, axis: np.ndarray, deg: float) -> Motion:
    local = standing(N).local_rotations.copy()
    local[:, JOINT[joint]] = quaternion.from_axis_angle(axis, np.radians(deg))
    return replace(standing(N), local_rotations=local)


def placed(by_m: np.ndarray) -> Motion:
    return replace(standing(N), root_positions_m=standing(N).root_positions_m + by_m)


def hands_in() -> Motion:
    """Elbows bent until the hands are in the belly."""
    local = standing(N).local_rotations.copy()
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        local[:, JOINT[side + "Arm"]] = quaternion.from_axis_angle(Z, -sign * np.radians(70.0))
        local[:, JOINT[side + "ForeArm"]] = quaternion.from_axis_angle(Z, -sign * np.radians(90.0))
    return replace(standing(N), local_rotations=local)


def leaning() -> Motion:
    local = standing(N).local_rotations.copy()
    local[:, 0] = quaternion.from_axis_angle(X, np.radians(50.0))
    tipped = replace(standing(N), local_rotations=local)
    lowest = tipped.positions_m()[:, [JOINT["LeftToeBase"], JOINT["RightToeBase"]], 1].min()
    return replace(tipped, root_positions_m=tipped.root_positions_m - [0.0, lowest - 0.02, 0.0])


FRAMES = np.arange(N)[:, np.newaxis]
WRONG = {
    "rule_ranges": (turned("LeftLeg", X, -40.0), "knee_range"),
    "rule_speeds": (placed(0.4 * FRAMES * X), "too_fast"),
    "rule_flight": (placed((0.3 * np.minimum(np.minimum(FRAMES, N - 1 - FRAMES) / 8.0, 1.0)) * Y), "flight"),
    "rule_balance": (leaning(), "balance"),
    "rule_collision": (hands_in(), "self_collision"),
}


@pytest.mark.parametrize("name", RULE_LOSSES)
def test_a_walk_and_a_stand_cost_nothing(name):
    assert float(loss(name, rows(walk(3.0)[0]))) == pytest.approx(0.0, abs=1e-6)
    assert float(loss(name, rows(standing(N)))) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("name", RULE_LOSSES)
def test_what_the_rule_tells_the_penalty_minds(name):
    motion, rule = WRONG[name]

    assert rule in {f.rule for f in check(motion, rules=BOOK)}
    assert float(loss(name, rows(motion))) > 0.01


@pytest.mark.parametrize("name", RULE_LOSSES)
def test_steps_downhill_mend_it(name):
    features = rows(WRONG[name][0]).requires_grad_()
    # Perfectly still bodies stand where two ways are as good: a breath of noise decides.
    with torch.no_grad():
        features += 1e-4 * torch.randn(features.shape, generator=torch.Generator().manual_seed(1))
    before = loss(name, features).detach()
    optimiser = torch.optim.Adam([features], lr=0.01)
    for _ in range(60):
        optimiser.zero_grad()
        loss(name, features).backward()
        assert torch.isfinite(features.grad).all()
        optimiser.step()

    assert float(loss(name, features).detach()) < 0.7 * float(before)


@pytest.mark.parametrize("name", RULE_LOSSES)
@pytest.mark.parametrize("value", [0.0, 1e-12, 1e6])
def test_gradients_are_finite_even_where_rotations_are_no_rotations(name, value):
    features = torch.full((1, N_FEATURES, 24), value, requires_grad=True)

    term = loss(name, features)
    if term.requires_grad:
        term.backward()
        assert torch.isfinite(features.grad).all()

    assert torch.isfinite(term)


def test_a_preset_that_weighs_rules_needs_their_limits(clips, prepared):


    weights = {**tiny_preset().weights, "rule_ranges": 1.0}
    preset = tiny_preset(weights=weights)
    config, stats = preset.model_config(3), statistics(clips, prepared)

    assert Game(preset, config, stats, torch.device("cpu"), half=False, limits=LIMITS).rules == ["rule_ranges"]
    with pytest.raises(ModelError, match="limits"):
        Game(preset, config, stats, torch.device("cpu"), half=False)


def test_the_products_preset_weighs_every_rule_and_presets_without_them_none(tmp_path):
    path = resource_path("presets/kinetograph.toml")
    old = tmp_path / "old.toml"
    old.write_text("\n".join(row for row in path.read_text("utf-8").splitlines() if not row.startswith("rule_")))

    assert all(load_preset(path).weights[name] > 0.0 for name in RULE_LOSSES)
    assert all(load_preset(old).weights[name] == 0.0 for name in RULE_LOSSES)
