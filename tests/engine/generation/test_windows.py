import numpy as np
import pytest
import torch

from engine.generation.conditioning import music_channels
from engine.generation.features import MASK_PARTS, N_ROTATIONS
from engine.generation.training.bundle import pack
from engine.generation.training.dataset import load_clips, read_index, statistics
from engine.generation.training.windows import MARGIN, STRETCH, Windows
from tests.tiny import STYLES

N = 64


@pytest.fixture(scope="module")
def stats(clips, prepared):
    return statistics(clips, prepared)


@pytest.fixture
def windows(clips, stats):
    torch.manual_seed(3)
    return Windows(clips, stats, list(STYLES), N, torch.device("cpu"))


def alone(clip, stats):
    """Windows of one clip."""
    return Windows([clip], stats, list(STYLES), N, torch.device("cpu"))


def test_a_batch_is_of_windows_with_their_margins(windows):
    b = windows.batch(5)

    assert b["features"].shape == (5, 140, N)
    assert b["wide"].shape == (5, 140, N + 2 * MARGIN)
    torch.testing.assert_close(b["wide"][..., MARGIN:-MARGIN], b["features"])
    assert b["mask"].shape == (5, len(MASK_PARTS), N)
    assert b["music"].shape == b["effort"].shape == (5, 6, N)
    torch.testing.assert_close(b["style"].sum(1), torch.ones(5))
    assert all(torch.isfinite(v).all() for v in b.values())


def test_a_window_that_is_not_stretched_is_its_clip_from_some_moment_on(clips, stats):
    clip = clips[0]
    known = ((clip.features - stats.mean) / stats.std)[:, :N_ROTATIONS]
    torch.manual_seed(1)

    b = alone(clip, stats).batch(6, augment=False)

    for rows, sound in zip(b["features"][:, :N_ROTATIONS].transpose(1, 2).numpy(), b["valid"].numpy(), strict=True):
        # Between two frames of the clip, the same share of the way in every frame.
        away = [
            np.abs(rows - (1 - s) * known[i : i + N] - s * known[i + 1 : i + 1 + N])[sound > 0].mean()
            for i in range(len(known) - N) for s in np.linspace(0.0, 1.0, 11)
        ]  # fmt: skip
        assert min(away) < 0.03


def test_music_is_what_generation_makes_of_the_same_beats(clips, stats):
    clip = clips[0]
    sampler = alone(clip, stats)
    at = torch.arange(N, dtype=torch.float32)[None] + 20.0
    low, rate = at.floor(), torch.ones(1)

    made = sampler._music(low.long(), at, rate, low, low.long())[0].T.numpy()

    wanted = music_channels(N, clip.beats_frame - 20.0, clip.strengths, clip.loudness[20 : 20 + N])
    np.testing.assert_allclose(made, wanted, atol=0.02)


def test_a_stretched_window_keeps_its_beats_and_moves_as_much_faster(clips, stats):
    clip = clips[0]
    sampler = alone(clip, stats)
    rate = torch.full((1,), float(np.exp(STRETCH)))
    at = 20.0 + torch.arange(N, dtype=torch.float32)[None] * rate[:, None]
    low = at.floor()

    made = sampler._music(low.long(), at, rate, low, at.round().long())[0].T.numpy()

    wanted = music_channels(N, (clip.beats_frame - 20.0) / float(rate), clip.strengths, made[:, 5])
    np.testing.assert_allclose(made[:, :5], wanted[:, :5], atol=0.06)


def test_masks_leave_something_to_make_and_gaps_have_two_sides(windows):
    mask = torch.cat([windows._mask(64) for _ in range(4)])
    known = mask.amin(dim=1)

    assert set(mask.unique().tolist()) == {0.0, 1.0}
    assert (known.mean(dim=1) < 1.0).all()
    both = (known[:, 0] > 0) & (known[:, -1] > 0) & (known.amin(dim=1) == 0)
    assert 0.2 < both.float().mean() < 0.5


def test_a_packed_folder_gives_the_clips_of_the_folder(prepared, clips, tmp_path):
    n = pack(prepared, tmp_path / "packed.npz")

    found = load_clips(tmp_path / "packed.npz", "train")

    assert n == len(read_index(prepared)["clips"]) == len(read_index(tmp_path / "packed.npz")["clips"])
    for a, b in zip(found, clips, strict=True):
        assert (a.name, a.style, a.split) == (b.name, b.style, b.split)
        np.testing.assert_allclose(a.features[:, :N_ROTATIONS], b.features[:, :N_ROTATIONS], atol=2e-4)
        np.testing.assert_array_equal(a.valid, b.valid)


def test_a_folder_packed_twice_is_the_same_file(prepared, tmp_path):
    for name in ("a", "b"):
        pack(prepared, tmp_path / f"{name}.npz")

    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
