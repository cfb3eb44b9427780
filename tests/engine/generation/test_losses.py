from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.generation.features import (
    CONTACTS,
    HEIGHT,
    LEARNED_JOINTS,
    N_FEATURES,
    N_ROTATIONS,
    VELOCITY,
    about_y,
    to_features,
)
from engine.generation.training import losses
from engine.motion import quaternion
from engine.motion.blend import yaw_rad
from engine.motion.house import HOUSE, JOINT
from engine.motion.motion import Motion
from tests.dances import bobbing, improvised, standing, walk

RNG = np.random.default_rng(0)
MEAN, STD = RNG.normal(size=N_FEATURES), RNG.uniform(0.5, 2.0, N_FEATURES)
BODY = losses.BodyKinematics(MEAN, STD)
LEARNED = list(LEARNED_JOINTS)


TOLD, FREE = torch.ones(1), torch.zeros(1)


def normalised(*motions: Motion, contacts=True) -> torch.Tensor:
    """Rows of the motions as the networks see them, [B, 140, T]."""
    rows = [to_features(m, np.full((m.n_frames, 4), contacts)) for m in motions]
    return torch.tensor((np.stack(rows) - MEAN) / STD, dtype=torch.float32).transpose(1, 2)


def terms_of(*motions: Motion, contacts=True) -> losses.Terms:
    return losses.kinematic_terms(BODY, normalised(*motions, contacts=contacts))


def everywhere(motion: Motion) -> tuple[torch.Tensor, torch.Tensor]:
    """Every frame valid and every joint observed."""
    return torch.ones(1, motion.n_frames), torch.ones(1, len(LEARNED))


def carried(motion: Motion, speed_m_s: float) -> Motion:
    """The motion carried along x."""
    along = speed_m_s * np.arange(motion.n_frames) / 30.0
    return replace(motion, root_positions_m=motion.root_positions_m + along[:, np.newaxis] * [1.0, 0.0, 0.0])


def turned(motion: Motion, joint: str, angle_rad: float) -> Motion:
    """The motion with a joint set to a turn about x."""
    local = np.array(motion.local_rotations)
    local[:, JOINT[joint]] = quaternion.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.array(angle_rad))
    return replace(motion, local_rotations=local)


def jolted(motion: Motion, frame: int, by_m: float = 0.3) -> Motion:
    """The motion that jumps aside for good at a frame."""
    root = np.array(motion.root_positions_m)
    root[frame:, 0] += by_m
    return replace(motion, root_positions_m=root)


# --- kinematics against NumPy --------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_positions_are_those_of_forward_kinematics_seen_from_the_heading(seed):
    motion = improvised(40, seed=seed, size=0.8)
    p = motion.positions_m()
    heading = yaw_rad(motion.local_rotations[:, 0])
    expected = quaternion.rotate(about_y(-heading)[:, np.newaxis], (p - p[:, :1])[:, LEARNED])

    positions, raw = BODY.positions(normalised(motion))

    np.testing.assert_allclose(positions[0].permute(2, 0, 1).numpy(), expected, atol=2e-5)
    np.testing.assert_allclose(raw[0, HEIGHT].numpy(), motion.root_positions_m[:, 1], atol=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_velocities_are_those_of_the_world_seen_from_the_heading(seed):
    motion = improvised(40, seed=seed, size=0.8)
    step = np.diff(motion.positions_m()[:, LEARNED], axis=0) * 30.0
    heading = yaw_rad(motion.local_rotations[:-1, 0])
    expected = quaternion.rotate(about_y(-heading)[:, np.newaxis], step)

    velocity = terms_of(motion).velocity[0].permute(2, 0, 1).numpy()

    np.testing.assert_allclose(velocity, expected, atol=5e-3)


# --- what each loss accepts, and what it minds ---------------------------------------------------


def test_position_and_velocity_losses_are_zero_for_the_real_thing():
    motion = improvised(40)
    made = terms_of(motion)

    assert float(losses.position_loss(made, made, *everywhere(motion))) < 1e-5
    assert float(losses.velocity_loss(made, made, *everywhere(motion))) == 0.0


def test_position_loss_is_the_mean_joint_error_in_metres():
    motion = standing(10)
    straight, hand_down = terms_of(motion), terms_of(turned(motion, "LeftUpLeg", np.pi))
    flipped = [JOINT[n] for n in ("LeftLeg", "LeftFoot", "LeftToeBase")]
    leg = HOUSE.offsets_m
    far = [2 * 0.405, 2 * 0.81, 2 * float(np.hypot(0.81 + 0.06, 0.13))]

    found = float(losses.position_loss(hand_down, straight, *everywhere(motion)))

    assert leg[flipped[0], 1] == -0.405
    assert found == pytest.approx(sum(far) / len(LEARNED), abs=1e-4)


def test_velocity_loss_of_a_carried_statue_is_its_speed():
    motion = standing(10)

    found = losses.velocity_loss(terms_of(carried(motion, 0.5)), terms_of(motion), *everywhere(motion))

    assert float(found) == pytest.approx(0.5, abs=1e-4)


def test_what_is_not_valid_or_not_observed_does_not_count():
    motion = standing(20)
    bent = np.array(motion.local_rotations)
    bent[10:, JOINT["LeftArm"]] = quaternion.from_axis_angle(np.array([0.0, 0.0, 1.0]), np.array(1.0))
    made, real = terms_of(replace(motion, local_rotations=bent)), terms_of(motion)
    valid, observed = everywhere(motion)
    early = (torch.arange(20) < 10).float()[None]
    armless = observed.clone()
    armless[:, [LEARNED.index(JOINT[n]) for n in ("LeftForeArm", "LeftHand")]] = 0.0

    assert float(losses.position_loss(made, real, valid, observed)) > 0.01
    assert float(losses.position_loss(made, real, early, observed)) < 1e-5
    assert float(losses.position_loss(made, real, valid, armless)) < 1e-5
    assert float(losses.velocity_loss(made, real, early, observed)) < 1e-4


def test_contact_loss_is_zero_for_feet_that_stand_and_for_feet_that_fly():
    motion = standing(20)
    flying = terms_of(carried(motion, 2.0), contacts=False)

    for sure in (TOLD, FREE):
        assert float(losses.contact_loss(terms_of(motion), terms_of(motion), BODY, *everywhere(motion), sure)) < 1e-5
        assert float(losses.contact_loss(flying, flying, BODY, *everywhere(motion), sure)) < 1e-5


@pytest.mark.parametrize("sure", [1.0, 0.0])
def test_contact_loss_is_the_speed_of_sliding_feet(sure):
    motion = standing(20)
    real = terms_of(motion)

    for speed in (0.2, 0.4):
        slipped = terms_of(carried(motion, speed))
        loss = losses.contact_loss(slipped, real, BODY, *everywhere(motion), torch.tensor([sure]))
        assert float(loss) == pytest.approx(speed, abs=1e-3)


def test_contact_loss_minds_the_true_contacts_where_the_motion_is_told_and_the_predicted_where_it_is_free():
    motion = standing(20)
    sliding_unaware, real = terms_of(carried(motion, 0.2), contacts=False), terms_of(motion)

    told, free = (
        float(losses.contact_loss(sliding_unaware, real, BODY, *everywhere(motion), sure)) for sure in (TOLD, FREE)
    )

    assert told == pytest.approx(0.2, abs=1e-3)
    assert free == 0.0


@pytest.mark.parametrize("sure", [1.0, 0.0])
def test_contact_loss_moves_the_feet_and_not_the_contacts_predicted(sure):
    motion = standing(20)
    features = normalised(carried(motion, 0.2)).requires_grad_()

    made = losses.kinematic_terms(BODY, features)
    losses.contact_loss(made, terms_of(motion), BODY, *everywhere(motion), torch.tensor([sure])).backward()

    assert not features.grad[:, CONTACTS].any()
    assert features.grad[:, VELOCITY].any()


def test_sync_loss_is_zero_where_the_dancer_rests_on_the_accents():
    beats = np.arange(0.5, 4.0, 0.5)
    motion = bobbing(beats, 4.0, rate_hz=30.0)
    accent = torch.zeros(1, motion.n_frames)
    accent[0, (beats * 30).astype(int)] = 1.0
    valid, _ = everywhere(motion)

    on, off = (float(losses.sync_loss(terms_of(motion), accent.roll(s, dims=-1), valid)) for s in (0, 7))

    assert on == pytest.approx(0.0, abs=1e-6)
    assert off > 0.3


def test_movement_consistency_minds_jerk_beyond_the_limit_alone():
    motion = bobbing(np.arange(0.0, 4.0, 0.5), 3.0, rate_hz=30.0)
    p = motion.positions_m()[:, LEARNED]
    limit = torch.tensor(np.linalg.norm(np.diff(p, 3, axis=0), axis=-1).max(axis=0) * 30.0**3 * 1.05).float()
    valid, _ = everywhere(motion)

    assert float(losses.movement_consistency(terms_of(motion), limit, valid)) == 0.0
    assert float(losses.movement_consistency(terms_of(jolted(motion, 40)), limit, valid)) > 0.1


def test_logical_coherence_minds_a_jolt_at_an_edge_and_nowhere_else():
    motion = bobbing(np.arange(0.0, 4.0, 0.5), 3.0, rate_hz=30.0)
    edges = torch.zeros(1, motion.n_frames)
    edges[0, 40] = 1.0

    assert float(losses.logical_coherence(terms_of(motion), edges, 30.0)) == 0.0
    assert float(losses.logical_coherence(terms_of(jolted(motion, 40)), edges, 30.0)) > 1.0
    assert float(losses.logical_coherence(terms_of(jolted(motion, 60)), edges, 30.0)) == 0.0


def test_structural_integrity_accepts_a_walk_and_minds_sunk_feet_and_knees_bent_backwards():
    motion = walk(1.0)[0]
    valid, _ = everywhere(motion)
    sunk = replace(motion, root_positions_m=motion.root_positions_m - [0.0, 0.2, 0.0])
    crane, human = turned(standing(30), "LeftLeg", -1.0), turned(standing(30), "LeftLeg", 1.0)

    def integrity(m):
        return float(losses.structural_integrity(terms_of(m), BODY, valid))

    assert integrity(motion) == pytest.approx(0.0, abs=1e-6)
    assert integrity(human) == pytest.approx(0.0, abs=1e-6)
    assert integrity(sunk) > 0.5
    assert integrity(crane) > 0.1


def test_diversity_minds_two_codes_that_give_one_motion():
    one, apart = torch.randn(3, 5, 8), torch.full((3,), 0.5)

    assert float(losses.diversity_loss(one, one, apart)) == 1.0
    assert float(losses.diversity_loss(one, one + 0.6, apart)) == 0.0


def test_the_divergence_of_a_standard_normal_is_zero_and_of_a_shifted_one_half_its_square():
    zero = torch.zeros(2, 4, 3)

    assert float(losses.kl_loss(zero, zero)) == 0.0
    assert float(losses.kl_loss(zero + 2.0, zero)) == pytest.approx(2.0)


def test_adversarial_losses_at_indecision_and_at_certainty():
    zero, sure = torch.zeros(4, 1, 8), torch.full((4, 1, 8), 30.0)

    assert float(losses.hinge_discriminator(sure, -sure)) == 0.0
    assert float(losses.hinge_discriminator(zero, zero)) == 2.0
    assert float(losses.minimax_discriminator(zero, zero)) == pytest.approx(2 * np.log(2.0))
    assert float(losses.minimax_discriminator(sure, -sure)) == pytest.approx(0.0, abs=1e-6)
    assert float(losses.minimax_generator(zero)) == pytest.approx(np.log(2.0))
    assert np.isfinite(float(losses.minimax_generator(-1000 * sure)))


# --- gradients -----------------------------------------------------------------------------------


def every_loss(features: torch.Tensor, body: losses.BodyKinematics) -> dict[str, torch.Tensor]:
    n = features.shape[-1]
    made, real = losses.kinematic_terms(body, features), losses.kinematic_terms(body, features.detach())
    valid, observed, marks = torch.ones(1, n), torch.ones(1, len(LEARNED)), torch.ones(1, n)
    return {
        "position": losses.position_loss(made, real, valid, observed),
        "velocity": losses.velocity_loss(made, real, valid, observed),
        "contact": losses.contact_loss(made, real, body, valid, observed, TOLD),
        "sync": losses.sync_loss(made, marks, valid),
        "consistency": losses.movement_consistency(made, torch.full((len(LEARNED),), 1e-3), valid),
        "coherence": losses.logical_coherence(made, marks, 1e-3),
        "integrity": losses.structural_integrity(made, body, valid),
    }


@pytest.mark.parametrize("loss", every_loss(torch.zeros(1, N_FEATURES, 24), BODY))
@pytest.mark.parametrize("value", [0.0, 1e-12, 1e6])
def test_gradients_are_finite_even_where_rotations_are_no_rotations(loss, value):
    plain = losses.BodyKinematics(np.zeros(N_FEATURES), np.ones(N_FEATURES))
    features = torch.full((1, N_FEATURES, 24), value, requires_grad=True)

    term = every_loss(features, plain)[loss]
    term.backward()

    assert torch.isfinite(term)
    assert torch.isfinite(features.grad).all()


@pytest.mark.parametrize("columns", [slice(0, N_ROTATIONS), VELOCITY, slice(HEIGHT, HEIGHT + 1)])
def test_gradients_point_downhill(columns):
    motion = improvised(24, seed=4)
    target = terms_of(motion)
    valid, observed = everywhere(motion)
    features = normalised(improvised(24, seed=5)).requires_grad_()

    def loss(x):
        made = losses.kinematic_terms(BODY, x)
        return (
            losses.position_loss(made, target, valid, observed)
            + losses.velocity_loss(made, target, valid, observed)
            + losses.contact_loss(made, target, BODY, valid, observed, TOLD)
        )

    before = loss(features)
    before.backward()
    step = torch.zeros_like(features)
    step[:, columns] = features.grad[:, columns]

    with torch.no_grad():
        assert loss(features - 1e-3 * step / step.norm()) < before
