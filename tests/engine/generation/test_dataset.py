import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from engine.errors import ModelError
from engine.generation.conditioning import music_channels
from engine.generation.features import LEARNED_JOINTS, MASK_PARTS, N_FEATURES, N_ROTATIONS, part_columns
from engine.generation.training.dataset import (
    WindowSampler,
    load_clips,
    load_motion,
    read_index,
    statistics,
)
from engine.motion.house import JOINT, MIRROR
from tests.dances import standing
from tests.tiny import STYLES, dancing, write_prepared


@pytest.fixture
def spoiled(prepared, tmp_path):
    """A copy of the prepared folder that a test may spoil."""
    return shutil.copytree(prepared, tmp_path / "prepared")


@pytest.fixture(scope="module")
def stats(clips, prepared):
    return statistics(clips, prepared)


def sampler(clips, stats, n_frames=64, seed=3):
    return WindowSampler(clips, stats, list(STYLES), n_frames, seed)


def refusal(folder, split="train"):
    with pytest.raises(ModelError) as refused:
        load_clips(folder, split)
    said = str(refused.value)
    assert said.endswith(".")
    assert "\n" not in said
    return said


def rewritten(folder, name, **changes):
    """A clip's file with arrays changed; None leaves one out."""
    path = folder / "clips" / f"{name}.npz"
    with np.load(path) as data:
        arrays = {**data, **changes}
    np.savez(path, **{k: v for k, v in arrays.items() if v is not None})


# --- prepared folders ----------------------------------------------------------------------------


def test_every_take_comes_with_its_mirror_image_behind_it(clips):
    names = [c.name for c in clips]

    assert names == ["ballet_1", "ballet_1~", "ballet_2", "ballet_2~", "salsa_1", "salsa_1~", "walk_1", "walk_1~"]
    assert [len(c.features) for c in clips[::2]] == [len(c.features) for c in clips[1::2]]
    assert all((c.beats_frame == m.beats_frame).all() for c, m in zip(clips[::2], clips[1::2], strict=True))


def test_validation_takes_are_never_among_those_learned_from(prepared, clips):
    held_out = load_clips(prepared, "validation", mirror=False)

    assert {c.name for c in held_out} == {"ballet_9", "salsa_9"}
    assert not {c.name for c in held_out} & {c.name for c in clips}


def test_a_mirror_image_has_seen_what_the_other_side_has(spoiled):
    observed = np.ones(24, dtype=bool)
    observed[JOINT["RightHand"]] = False
    rewritten(spoiled, "ballet_1", observed=observed)

    clip, mirror = load_clips(spoiled, "train")[:2]

    learned = list(LEARNED_JOINTS)
    np.testing.assert_array_equal(clip.observed, observed[learned])
    np.testing.assert_array_equal(mirror.observed, observed[MIRROR][learned])


def test_loudness_ranks_the_energy_of_the_clip(clips):
    for clip in clips[::2]:
        np.testing.assert_allclose(np.sort(clip.loudness), np.linspace(0.0, 1.0, clip.n_frames), atol=1e-6)


def test_short_and_still_takes_are_left_out(tmp_path):
    folder = write_prepared(tmp_path / "p", [
        ("long", "ballet", "dance", "train", dancing(60, 1)), ("short", "ballet", "dance", "train", dancing(20, 2)),
        ("still", "ballet", "dance", "train", standing(60)),
    ])  # fmt: skip
    index = json.loads((folder / "index.json").read_text())
    index["clips"][2]["static"] = True
    (folder / "index.json").write_text(json.dumps(index))

    assert [c.name for c in load_clips(folder, "train", mirror=False)] == ["long"]


# --- bad data ------------------------------------------------------------------------------------


def test_a_folder_without_an_index_says_what_to_do(tmp_path):
    assert "data prepare" in refusal(tmp_path)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"clips": []}', '{"clips": 3}', '{"clips": [3]}', '{"clips": [{"name": "a"}]}', "\udcff",
     '{"clips": [{"name": 1, "style": "a", "use": "dance", "split": "train"}]}'],
)  # fmt: skip
def test_a_damaged_index_is_refused(tmp_path, content):
    (tmp_path / "index.json").write_bytes(content.encode("utf-8", "surrogateescape"))

    assert "index.json" in refusal(tmp_path)


def test_a_folder_without_takes_of_a_split_is_refused(tmp_path):
    folder = write_prepared(tmp_path / "p", [("a", "ballet", "dance", "train", dancing(60, 1))])

    assert "validation" in refusal(folder, "validation")


def test_a_missing_clip_is_named(spoiled):
    (spoiled / "clips" / "ballet_2.npz").unlink()

    assert "ballet_2.npz" in refusal(spoiled)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.999])
def test_a_clip_cut_short_is_named(spoiled, share):
    path = spoiled / "clips" / "ballet_2.npz"
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])

    assert "ballet_2.npz" in refusal(spoiled)


@pytest.mark.parametrize("byte", [0, 2, 400, 5000, 40000, -20])
def test_a_clip_with_a_wrong_byte_is_named(spoiled, byte):
    path = spoiled / "clips" / "ballet_2.npz"
    content = bytearray(path.read_bytes())
    content[byte] ^= 0xFF
    path.write_bytes(content)

    assert "ballet_2.npz" in refusal(spoiled)


def test_a_pickle_in_a_clip_is_refused_and_not_run(spoiled):
    rewritten(spoiled, "ballet_2", contacts=np.array([{"a": 1}], dtype=object))

    assert "ballet_2.npz" in refusal(spoiled)


@pytest.mark.parametrize(
    "changes",
    [
        {"contacts": None},
        {"root_positions_m": np.zeros((300, 2))},
        {"root_positions_m": np.zeros((299, 3))},
        {"local_rotations": np.zeros((300, 23, 4))},
        {"local_rotations": np.array("quaternions")},
        {"contacts": np.zeros((300, 3), dtype=bool)},
        {"valid": np.ones(299, dtype=bool)},
        {"observed": np.ones(22, dtype=bool)},
    ],
)
def test_a_clip_of_wrong_shape_is_named(spoiled, changes):
    rewritten(spoiled, "ballet_2", **changes)

    assert "ballet_2.npz" in refusal(spoiled)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_clip_with_a_value_that_is_no_number_is_named(spoiled, value):
    root = np.array(load_motion(spoiled, "ballet_2")[0].root_positions_m)
    root[100, 1] = value
    rewritten(spoiled, "ballet_2", root_positions_m=root)

    assert "not numbers" in refusal(spoiled)


def test_data_without_a_single_sound_frame_is_refused(tmp_path):
    folder = write_prepared(tmp_path / "p", [("a", "ballet", "dance", "train", dancing(60, 1))])
    rewritten(folder, "a", valid=np.zeros(60, dtype=bool))

    with pytest.raises(ModelError, match="no frame"):
        statistics(load_clips(folder, "train"), folder)


def test_an_index_lists_what_was_prepared(prepared):
    assert [c["name"] for c in read_index(prepared)["clips"]][-2:] == ["ballet_9", "salsa_9"]


# --- statistics ----------------------------------------------------------------------------------


def test_statistics_are_of_the_valid_frames_of_dance(clips, prepared, stats):
    dance = [c for c in clips if c.use == "dance"]
    rows = np.concatenate([c.features for c in dance]).astype(float)

    np.testing.assert_allclose(stats.mean, rows.mean(axis=0), atol=1e-6)
    wide = rows.std(axis=0) > 0.5
    np.testing.assert_allclose(stats.std[wide], rows.std(axis=0)[wide], atol=1e-6)
    assert (stats.std > 0.0).all()

    spoiled = [replace(c, features=c.features + 100.0 * ~np.ones((c.n_frames, 1), bool)) for c in dance]
    np.testing.assert_array_equal(statistics(spoiled, prepared).mean, stats.mean)


def test_frames_that_are_not_valid_do_not_count(clips, prepared, stats):
    clip = clips[0]
    valid = np.ones(clip.n_frames, dtype=bool)
    valid[100:150] = False
    wild = clip.features.copy()
    wild[100:150] = 1000.0

    found = statistics([replace(clip, features=wild, valid=valid)], prepared)
    expected = statistics([replace(clip, valid=valid)], prepared)

    np.testing.assert_array_equal(found.mean, expected.mean)
    np.testing.assert_array_equal(found.std, expected.std)


def test_hardly_any_movement_of_the_data_is_beyond_the_limits(clips, prepared, stats):
    p = load_motion(prepared, "ballet_1")[0].positions_m()[:, list(LEARNED_JOINTS)]
    jerk = np.linalg.norm(np.diff(p, 3, axis=0), axis=-1) * 27000.0

    assert (jerk > stats.jerk_limit).mean() < 0.03
    assert len(stats.jerk_limit) == len(LEARNED_JOINTS)
    assert stats.acceleration_limit > 0.0


# --- windows -------------------------------------------------------------------------------------


@pytest.mark.parametrize("augment", [True, False])
def test_a_batch_has_the_shapes_that_the_networks_expect(clips, stats, augment):
    batch = sampler(clips, stats).batch(20, augment)

    shapes = {
        "features": (20, N_FEATURES, 64), "encoder_features": (20, N_FEATURES, 64), "mask": (20, 7, 64),
        "column_mask": (20, N_FEATURES, 64), "music": (20, 6, 64), "effort": (20, 6, 64), "style": (20, 3),
        "valid": (20, 64), "observed": (20, 22),
    }  # fmt: skip
    for name, shape in shapes.items():
        array = getattr(batch, name)
        assert array.shape == shape
        assert array.dtype == np.float32
        assert np.isfinite(array).all()
    np.testing.assert_allclose(batch.style.sum(axis=1), 1.0, atol=1e-6)


def test_the_same_seed_draws_the_same_windows(clips, stats):
    one, same, other = (sampler(clips, stats, seed=s).batch(8) for s in (1, 1, 2))

    np.testing.assert_array_equal(one.features, same.features)
    assert (one.features != other.features).any()


def test_a_plain_window_is_a_stretch_of_a_clip_with_its_own_beats(clips, stats):
    drawn = sampler([clips[0]], stats)
    batch = drawn.batch(6, augment=False)
    clip = clips[0]

    for i in range(6):
        rows = batch.features[i].T * stats.std + stats.mean
        inside = np.flatnonzero(batch.valid[i])
        # Rows lie between two neighbouring frames of the clip: find which, by the hips' height and arms.
        first = rows[inside[0], :N_ROTATIONS]
        near = np.abs(clip.features[:, :N_ROTATIONS] - first).max(axis=1).argmin()
        expected = clip.features[near : near + len(inside), :N_ROTATIONS]
        assert np.abs(rows[inside][: len(expected), :N_ROTATIONS] - expected).max() < 0.12
        music = music_channels(64, clip.beats_frame - near + inside[0], clip.strengths, np.zeros(64))
        assert np.abs(batch.music[i, 0] - music[:, 0]).max() < 0.5


def test_masks_of_columns_are_those_of_their_parts(clips, stats):
    batch = sampler(clips, stats).batch(40)

    for i, part in enumerate(MASK_PARTS):
        for column in part_columns(part):
            np.testing.assert_array_equal(batch.column_mask[:, column], batch.mask[:, i])
    share = batch.mask.mean()
    assert 0.1 < share < 0.7


def test_frames_beyond_a_clip_are_not_valid_and_stand_still(tmp_path, stats):
    folder = write_prepared(tmp_path / "p", [("short", "ballet", "dance", "train", dancing(40, 5))])
    batch = sampler(load_clips(folder, "train"), stats).batch(4, augment=False)

    valid = batch.valid > 0
    assert valid.any(axis=1).all()
    assert not valid.all(axis=1).any()
    rows = batch.features.transpose(0, 2, 1) * stats.std + stats.mean
    np.testing.assert_allclose(rows[~valid][:, N_ROTATIONS : N_ROTATIONS + 3], 0.0, atol=1e-4)


def test_clips_are_drawn_by_weight_and_by_the_root_of_their_styles_minutes(clips, stats):
    drawn = sampler(clips, stats)
    share = np.diff(drawn.cumulative, prepend=0.0)
    minutes = {s: sum(c.n_frames for c in clips if c.style == s) for s in STYLES}
    per_style = {s: sum(p for p, c in zip(share, clips, strict=True) if c.style == s) for s in STYLES}

    assert per_style["ballet"] / per_style["salsa"] == pytest.approx(np.sqrt(minutes["ballet"] / minutes["salsa"]))
    assert drawn.cumulative[-1] == pytest.approx(1.0)
    halved = sampler([replace(c, weight=0.5 if c.style == "walk" else 1.0) for c in clips], stats)
    walk = np.diff(halved.cumulative, prepend=0.0)[-2:].sum() / (1 - np.diff(halved.cumulative, prepend=0.0)[-2:].sum())
    assert walk == pytest.approx(0.5 * per_style["walk"] / (1 - per_style["walk"]))
