import numpy as np
import pytest

from engine.generation.bank import ENTRY_STRIDE, CodeBank
from engine.generation.features import VELOCITY, YAW_RATE, from_features
from engine.generation.training.finish import encode_clip


def test_the_bank_holds_every_clip_of_dance_and_no_other(model, clips):
    dance = [c for c in clips if c.use == "dance"]
    sizes = [-(-c.n_frames // ENTRY_STRIDE) for c in dance]

    np.testing.assert_array_equal(np.diff(model.bank.clip_start), sizes)
    assert model.bank.n_entries == sum(sizes)
    assert [model.styles[i] for i in model.bank.clip_style] == [c.style for c in dance]


def test_the_mirror_of_the_mirror_is_the_entry_itself(model):
    for entry in range(0, model.bank.n_entries, 7):
        mirror = model.bank.mirrored_entry(entry)

        assert model.bank.clip[mirror] != model.bank.clip[entry]
        assert model.bank.mirrored_entry(mirror) == entry


def test_mirrored_entries_travel_and_turn_the_other_way(model):
    bank = model.bank
    entry = int(bank.clip_start[2]) + 10
    here, there = bank.travel[entry], bank.travel[bank.mirrored_entry(entry)]

    np.testing.assert_allclose(there, here * [-1.0, 1.0, -1.0], atol=1e-4)


def test_codes_do_not_depend_on_where_in_the_clip_a_stretch_lies(model, clips):
    rows = (clips[0].features - model.mean) / model.std
    codes = encode_clip(model.encoder, rows)
    later = encode_clip(model.encoder, rows[8 * ENTRY_STRIDE :])

    # Away from the ends, where what lies beyond is held.
    np.testing.assert_allclose(codes[8:][20:-20], later[20:-20], atol=1e-5)
    assert np.isfinite(codes).all()


@pytest.mark.parametrize("n_frames", [32, 33, 47, 63, 64, 65])
def test_every_fourth_frame_of_a_short_clip_has_a_code(model, clips, n_frames):
    codes = encode_clip(model.encoder, ((clips[0].features - model.mean) / model.std)[:n_frames])

    assert codes.shape == (-(-n_frames // ENTRY_STRIDE), model.generator.config.code_size)
    assert (np.abs(codes).sum(axis=1) > 0).all()


def test_travel_is_where_the_clip_has_gone(model, clips):
    walked = from_features(clips[0].features)
    n = int(model.bank.clip_start[1])

    expected = walked.root_positions_m[::ENTRY_STRIDE][:, [0, 2]]
    np.testing.assert_allclose(model.bank.travel[:n, :2], expected, atol=1e-4)


def test_states_tell_the_roots_way(model, clips):
    entry, frame = 12, 12 * ENTRY_STRIDE
    speed = clips[0].features[frame, VELOCITY]
    turn = clips[0].features[frame, YAW_RATE]

    assert any(np.allclose(model.bank.state[entry, i : i + 2], speed / 0.8, atol=1e-5) for i in range(50, 60))
    assert np.isclose(model.bank.state[entry], turn / 1.5, atol=1e-5).any()


def test_a_bank_survives_its_compact_form(model):
    again = CodeBank.from_arrays(model.bank.to_arrays())

    np.testing.assert_allclose(again.codes, model.bank.codes, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(again.accent, model.bank.accent, atol=0.5 / 255 + 1e-6)
    np.testing.assert_allclose(again.travel, model.bank.travel, atol=1e-5)
    held = np.clip(model.bank.state, -127 / 16, 127 / 16)
    np.testing.assert_allclose(again.state, held, atol=0.5 / 16 + 1e-6)
    for name in ("clip", "clip_start", "clip_style", "clip_mirror", "usable"):
        np.testing.assert_array_equal(getattr(again, name), getattr(model.bank, name))


def test_a_bank_that_was_read_is_written_with_the_same_bytes(model):
    arrays = model.bank.to_arrays()
    again = CodeBank.from_arrays(arrays).to_arrays()

    assert {name: a.tobytes() for name, a in again.items()} == {name: a.tobytes() for name, a in arrays.items()}


def test_states_of_older_checkpoints_are_read_as_they_are(model):
    arrays = model.bank.to_arrays()
    arrays["bank.state"] = model.bank.state.astype(np.float16)

    np.testing.assert_array_equal(CodeBank.from_arrays(arrays).state, model.bank.state.astype(np.float16))
