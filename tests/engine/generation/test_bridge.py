from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.generation.bridge import (
    CONTEXT_FRAMES,
    Bridge,
    BridgeConfig,
    across,
    bridged_features,
    motion_of,
    rows_of,
    straight,
)
from engine.generation.features import to_features
from engine.generation.training import bridging
from engine.generation.training.bridging import WINDOW_FRAMES, BridgeTrainer
from engine.motion.blend import yaw_rad
from engine.motion.contacts import detect_contacts
from engine.motion.mirror import mirrored
from tests.tiny import dancing

SIZES = {"width": 16, "layers": 1, "heads": 2, "feed": 16, "dropout": 0.0}


@pytest.fixture(scope="module")
def motion():
    return dancing(300, seed=4)


@pytest.fixture
def trainer(prepared, tmp_path):
    return BridgeTrainer(prepared, tmp_path / "run", batch_size=4, seed=3, **SIZES)


def new_bridge():
    torch.manual_seed(0)
    return Bridge(BridgeConfig(n_styles=3, **SIZES)).eval()


def gap_of(motion, start=100, n=30):
    before, after = motion.slice(0, start), motion.slice(start + n, motion.n_frames)
    return before, detect_contacts(before), n, after, detect_contacts(after)


def test_rows_are_the_motion_seen_from_any_place(motion):
    place, heading = np.array([1.0, 0.3, -2.0]), 0.7

    back = motion_of(rows_of(motion, place, heading), place, heading)

    np.testing.assert_allclose(back.positions_m()[:, :22], motion.positions_m()[:, :22], atol=1e-6)


def test_a_bridge_that_has_learned_nothing_leads_straight_across(motion):
    before, touching, n, after, landing = gap_of(motion)

    made, contacts = across(new_bridge(), before, touching, n, after, landing, np.array([1.0, 0.0, 0.0]))

    share = np.arange(1, n + 1) / (n + 1)
    a, b = before.root_positions_m[-1], after.root_positions_m[0]
    np.testing.assert_allclose(made.root_positions_m, a + share[:, None] * (b - a), atol=1e-5)
    assert contacts.shape == (n, 4)
    assert ((contacts > 0) & (contacts < 1)).all()


def test_the_way_across_is_the_same_in_the_mirror_and_backwards(motion):
    bridge = new_bridge()
    torch.nn.init.normal_(bridge.last.weight, std=0.05)
    before, _, n, after, _ = gap_of(motion)
    style = np.array([1.0, 0.0, 0.0])

    def led(first, last):
        return across(bridge, first, detect_contacts(first), n, last, detect_contacts(last), style)

    def reversed_in_time(dance):
        root, local = dance.root_positions_m[::-1], dance.local_rotations[::-1]
        return replace(dance, root_positions_m=root.copy(), local_rotations=local.copy())

    plain, contacts = led(before, after)
    in_mirror, touching = led(mirrored(before), mirrored(after))
    back, landing = led(reversed_in_time(after), reversed_in_time(before))

    np.testing.assert_allclose(mirrored(in_mirror).positions_m(), plain.positions_m(), atol=1e-4)
    np.testing.assert_allclose(touching[:, [2, 3, 0, 1]], contacts, atol=1e-4)
    np.testing.assert_allclose(reversed_in_time(back).positions_m(), plain.positions_m(), atol=0.02)
    np.testing.assert_allclose(landing[::-1], contacts, atol=0.05)


@pytest.mark.parametrize(("before", "n", "after"), [(1, 1, 1), (1, 95, 48), (48, 33, 1), (200, 30, 200)])
def test_gaps_and_contexts_of_any_length_are_bridged(motion, before, n, after):
    start = 202
    whole = (motion.slice(start - before, start), motion.slice(0, after))
    made = bridged_features(
        new_bridge(), whole[0], detect_contacts(whole[0]), n, whole[1], detect_contacts(whole[1]), np.ones(3) / 3
    )

    assert made.shape == (n, 140)
    assert np.isfinite(made).all()


def test_only_the_nearest_frames_count(motion):
    before, touching, n, after, landing = gap_of(motion, start=120)
    style = np.array([0.0, 1.0, 0.0])
    near = before.slice(120 - CONTEXT_FRAMES, 120)

    one, _ = across(new_bridge(), before, touching, n, after, landing, style)
    two, _ = across(new_bridge(), near, touching[-CONTEXT_FRAMES:], n, after, landing, style)

    np.testing.assert_array_equal(one.local_rotations, two.local_rotations)


def test_training_sees_a_take_as_generation_does(trainer, motion):
    rows = ((to_features(motion, detect_contacts(motion)) - trainer.stats.mean) / trainer.stats.std)[:WINDOW_FRAMES]
    start = 60

    seen, _ = trainer._rows(torch.from_numpy(rows.T[None].astype(np.float32)), torch.tensor([start]))

    place, heading = motion.root_positions_m[start - 1], float(yaw_rad(motion.local_rotations[start - 1, 0]))
    wanted = rows_of(motion.slice(0, WINDOW_FRAMES), place, heading)
    np.testing.assert_allclose(seen[0].T.numpy(), wanted, atol=2e-3)
    places = trainer._places(seen)[0].permute(2, 0, 1).numpy()
    shown = motion_of(wanted, np.zeros(3), 0.0).positions_m()[:, : places.shape[1]]
    assert np.abs(np.linalg.norm(places[:, 1:4], axis=-1) - np.linalg.norm(shown[:, 1:4], axis=-1)).max() < 2e-3


def test_the_straight_way_begins_and_ends_at_what_is_known():
    rows = torch.randn(2, 135, 20)

    filled = straight(rows, torch.tensor([5, 8]), torch.tensor([4, 1]))

    torch.testing.assert_close(filled[0, :, :5], rows[0, :, :5])
    torch.testing.assert_close(filled[0, :, 9:], rows[0, :, 9:])
    torch.testing.assert_close(filled[0, :, 5], 0.8 * rows[0, :, 4] + 0.2 * rows[0, :, 9])
    torch.testing.assert_close(filled[1, :, 8], 0.5 * (rows[1, :, 7] + rows[1, :, 9]))


@pytest.mark.slow
def test_learning_comes_nearer_to_what_was_danced(prepared, tmp_path, monkeypatch):
    monkeypatch.setattr(bridging, "_WARM_STEPS", 1)
    trainer = BridgeTrainer(prepared, tmp_path / "run", batch_size=8, rate=5e-3, seed=3, **SIZES)

    terms = [trainer.train_step(0.0) for _ in range(60)]

    assert np.mean([t["turn"] for t in terms[-20:]]) < 0.9 * np.mean([t["turn"] for t in terms[:20]])
    found = trainer.validate()
    assert set(found) == {"val_l2p", "val_l2p_straight", "val_error_m", "val_error_m_straight"}
    assert all(np.isfinite(v) for v in found.values())


@pytest.mark.slow
def test_a_run_ends_at_its_limit_and_goes_on_from_its_state(trainer, prepared):
    trainer.run(schedule_s=1e9, limit_s=0.2)
    step, elapsed = trainer.step, trainer.elapsed_s

    again = BridgeTrainer(prepared, trainer.out, batch_size=4, seed=3, **SIZES)

    assert again.resume()
    assert (again.step, again.elapsed_s) == (step, elapsed)
    assert step >= 1
    assert 0.0 < elapsed < 1e9
    for a, b in zip(again.average.parameters(), trainer.average.parameters(), strict=True):
        assert torch.equal(a, b)
