"""Beat This! as the tracker: a checkpoint of random weights goes the real way; its peaks are made by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.audio import Audio
from engine.errors import Cancelled, ModelError
from engine.music import analyse, analyse_file, bars, beat_network, beats
from engine.music.harmony import harmony
from engine.music.onsets import onsets
from engine.music.spectral import spectra
from tests.songs import RATE_HZ, band_song, f_measure

pytest.importorskip("beat_this", reason="the extra kinetograph[beats] is not installed")
torch = pytest.importorskip("torch")

# The smallest that the program of the network takes.
SIZES = {
    "transformer_dim": 32, "n_layers": 1, "stem_dim": 32, "ff_mult": 1,
    "dropout": {"frontend": 0.1, "transformer": 0.2},
}  # fmt: skip


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    """A checkpoint as its makers' training writes it, of a small network that has learned nothing."""
    from beat_this.model.beat_tracker import BeatThis

    torch.manual_seed(0)
    state = {f"model.{name}": value for name, value in BeatThis(**SIZES).state_dict().items()}
    path = tmp_path_factory.mktemp("weights") / "untaught.ckpt"
    torch.save({"state_dict": state, "hyper_parameters": {**SIZES, "lr": 0.001, "fps": 50}}, path)
    return path


@pytest.fixture(scope="module")
def song():
    return band_song(112, "rock", 6)


def logits_at(times_s: np.ndarray, n_rows: int):
    """Logits of a network that is sure of these times, [n_rows]."""
    out = torch.full((n_rows,), -6.0)
    out[np.round(times_s * beat_network.ROW_RATE_HZ).astype(int)] = 6.0
    return out


def test_a_checkpoint_is_read_and_gives_the_network_that_was_saved(weights):
    model = beat_network.load(weights)

    saved = torch.load(weights, weights_only=True)["state_dict"]
    assert all(torch.equal(value, saved[f"model.{name}"]) for name, value in model.state_dict().items())
    assert not model.training


def test_an_analysis_says_which_tracker_heard_the_beats(weights, song):
    assert analyse(song.audio, beat_weights=weights).tracker == "Beat This! (untaught)"
    assert analyse(song.audio).tracker == "kinetograph"


def test_analyses_by_different_trackers_are_kept_apart(weights, song, tmp_path):
    import soundfile

    soundfile.write(tmp_path / "song.wav", song.audio.samples.T, RATE_HZ)

    names = [
        analyse_file(tmp_path / "song.wav", cache_dir=tmp_path / "cache", beat_weights=chosen).tracker
        for chosen in (None, weights, None, weights)
    ]

    assert names == ["kinetograph", "Beat This! (untaught)"] * 2
    assert len(list((tmp_path / "cache").iterdir())) == 2


@pytest.mark.parametrize("broken", ["text", "half", "no weights", "too large", "other network", "code"])
def test_a_file_that_is_no_checkpoint_is_answered_with_a_sentence(weights, tmp_path, broken):
    path = tmp_path / "broken.ckpt"
    held = torch.load(weights, weights_only=True)
    if broken == "text":
        path.write_text("no weights at all")
    elif broken == "half":
        path.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])
    elif broken == "no weights":
        torch.save({"epoch": 3}, path)
    elif broken == "too large":
        torch.save(held | {"hyper_parameters": {**SIZES, "transformer_dim": 1 << 20}}, path)
    elif broken == "other network":
        torch.save(held | {"hyper_parameters": {**SIZES, "n_layers": 2}}, path)
    else:
        torch.save(held | {"hyper_parameters": Path}, path)  # a class: what is not a number is not built

    with pytest.raises(ModelError, match=r"^broken\.ckpt does not hold the weights of Beat This!"):
        beat_network.load(path)


def test_weights_that_are_gone_are_named(tmp_path):
    with pytest.raises(ModelError, match="choose the file again"):
        analyse(Audio(np.zeros((1, RATE_HZ), np.float32), RATE_HZ), beat_weights=tmp_path / "gone.ckpt")


@pytest.mark.parametrize("n_samples", [0, 1, 500, RATE_HZ])
def test_the_shortest_sound_is_heard(weights, n_samples):
    heard = beat_network.hear(Audio(np.zeros((2, n_samples), np.float32), RATE_HZ), weights)

    assert np.isfinite(heard.times_s).all()
    assert np.isin(heard.downbeats_s, heard.times_s).all()


def test_a_long_sound_is_heard_in_pieces_that_join(weights):
    rows = np.random.default_rng(0).uniform(0.0, 5.0, (1600, beat_network.N_BANDS)).astype(np.float32)
    model = beat_network.load(weights)

    told: list[float] = []
    beat, _ = beat_network._logits(model, rows, told.append)

    with torch.inference_mode():  # the second piece by itself: it ends with the sound, and its rows 1376 on are new
        alone = model(torch.from_numpy(np.pad(rows[112 - 6 :], ((0, 6), (0, 0))))[None])["beat"][0, 6:-6]
    assert torch.equal(beat[1488:], alone[1376:])
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_listening_can_be_cancelled_between_pieces(weights):
    def stop(fraction: float) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        beat_network.hear(Audio(np.zeros((1, 2 * RATE_HZ), np.float32), RATE_HZ), weights, stop)


def test_its_spectrogram_is_the_one_that_the_network_learned_from():
    t = np.arange(RATE_HZ) / RATE_HZ
    rows = beat_network.spectrogram(Audio((0.5 * np.sin(2 * np.pi * 1000.0 * t))[None].astype(np.float32), RATE_HZ))

    # A window of 1024, normalised by its root, holds half of a sine's amplitude times half its length, shared by bands.
    assert rows.shape == (51, 128)
    stft = torch.stft(
        torch.tensor(0.5 * np.sin(2 * np.pi * 1000.0 * t)), 1024, 441, window=torch.hann_window(1024).double(),
        normalized=True, return_complex=True, center=True, pad_mode="reflect",
    ).abs()  # fmt: skip
    total = np.expm1(rows[25]).sum() / beat_network.GAIN
    assert total == pytest.approx(float(stft[:, 25].sum()), rel=0.01)  # triangles of height one share every bin


def test_peaks_become_beats_on_the_onsets_and_bars_as_the_network_says(song):
    heard = spectra(song.audio, lambda _: None)
    rise, tones = onsets(heard.bands, heard.band_hz), harmony(heard)
    n_rows = int(song.audio.duration_s * 50) + 1
    waltz_s = song.beat_times_s[::3]  # the network hears bars of three, whatever we would say

    times_s, downbeats_s = beat_network.picked(logits_at(song.beat_times_s, n_rows), logits_at(waltz_s, n_rows))
    found = beats.beats_of(times_s, rise, heard.power)
    sounds = bars.beat_sounds(found.times_s, rise, tones, heard)
    measure = bars.bars_of(downbeats_s, found.times_s, sounds)

    assert found.is_steady
    assert f_measure(found.times_s, song.beat_times_s, 0.02) >= 0.97
    assert (measure.beats_per_bar, measure.confidence) == (3, 1.0)
    assert f_measure(found.times_s[measure.beat_in_bar == 0], waltz_s, 0.03) >= 0.97


def test_a_downbeat_that_the_network_missed_is_put_back(song):
    heard = spectra(song.audio, lambda _: None)
    rise, tones = onsets(heard.bands, heard.band_hz), harmony(heard)
    sounds = bars.beat_sounds(song.beat_times_s, rise, tones, heard)

    measure = bars.bars_of(np.delete(song.downbeat_times_s, 4), song.beat_times_s, sounds)

    np.testing.assert_array_equal(measure.beat_in_bar, song.beat_in_bar)


def test_few_peaks_are_no_beats(song):
    heard = spectra(song.audio, lambda _: None)

    assert not len(beats.beats_of(np.array([1.0, 1.5]), onsets(heard.bands, heard.band_hz), heard.power).times_s)
