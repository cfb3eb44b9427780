"""Sound files and sound in memory. What is written comes from libsndfile and FFmpeg, not from our own code."""

from __future__ import annotations

import contextlib
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.audio import Audio, read_audio
from engine.errors import AudioFileError

RATE_HZ = 44100


def tone(n_channels: int = 2, duration_s: float = 1.0, rate_hz: int = RATE_HZ) -> np.ndarray:
    """A 440 Hz sine, [C, N], each channel half as loud as the one before."""
    wave = 0.5 * np.sin(2 * np.pi * 440.0 * np.arange(round(duration_s * rate_hz)) / rate_hz)
    return np.stack([wave / 2**c for c in range(n_channels)]).astype(np.float32)


def write_with_av(path: Path, codec: str, with_sound: bool = True, with_pictures: bool = False) -> None:
    """A second of sound, of small grey pictures, or of both."""
    with av.open(str(path), "w") as container:
        pictures = container.add_stream("mpeg4", rate=10) if with_pictures else None
        sound = container.add_stream(codec, rate=RATE_HZ, layout="stereo") if with_sound else None
        if pictures is not None:
            pictures.width, pictures.height, pictures.pix_fmt = 32, 32, "yuv420p"
            for _ in range(10):
                frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 128, np.uint8), format="rgb24")
                container.mux(pictures.encode(frame))
            container.mux(pictures.encode())
        if sound is not None:
            for start in range(0, RATE_HZ - 1024, 1024):
                block = np.ascontiguousarray(tone()[:, start : start + 1024])
                frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
                frame.sample_rate, frame.pts = RATE_HZ, start
                container.mux(sound.encode(frame))
            container.mux(sound.encode())


def loudest_hz(audio: Audio) -> float:
    """Frequency of the strongest partial of the first channel."""
    spectrum = np.abs(np.fft.rfft(audio.samples[0] * np.hanning(audio.n_samples)))
    return float(spectrum.argmax() * audio.sample_rate_hz / audio.n_samples)


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3", "aiff"])
def test_a_tone_is_read_from_every_format_of_libsndfile(tmp_path, ending):
    soundfile.write(tmp_path / f"a.{ending}", tone().T, RATE_HZ)

    audio = read_audio(tmp_path / f"a.{ending}")

    assert (audio.n_channels, audio.sample_rate_hz) == (2, RATE_HZ)
    assert audio.duration_s == pytest.approx(1.0, abs=0.06)
    assert loudest_hz(audio) == pytest.approx(440.0, abs=2.0)
    assert np.abs(audio.samples[0]).max() == pytest.approx(2 * np.abs(audio.samples[1]).max(), rel=0.1)


@pytest.mark.parametrize(("name", "pictures"), [("a.m4a", False), ("a.mp4", True), ("a.mov", True)])
def test_a_tone_is_read_from_aac_and_from_the_sound_of_a_video(tmp_path, name, pictures):
    write_with_av(tmp_path / name, "aac", with_pictures=pictures)

    audio = read_audio(tmp_path / name)

    assert audio.n_channels == 2
    assert audio.duration_s == pytest.approx(1.0, abs=0.1)
    assert loudest_hz(audio) == pytest.approx(440.0, abs=2.0)


@pytest.mark.parametrize("n_channels", [1, 2, 8])
@pytest.mark.parametrize("rate_hz", [8000, 22050, 96000, 192000])
def test_channels_and_sample_rates_are_kept_and_resampling_keeps_the_pitch(tmp_path, n_channels, rate_hz):
    soundfile.write(tmp_path / "a.wav", tone(n_channels, 0.5, rate_hz).T, rate_hz)

    audio = read_audio(tmp_path / "a.wav")
    other = audio.resampled(22050)

    assert audio.samples.shape == (n_channels, rate_hz // 2)
    assert other.samples.shape == (n_channels, 11025)
    assert loudest_hz(other) == pytest.approx(440.0, abs=3.0)


@given(arrays(np.float32, st.tuples(st.integers(1, 3), st.integers(1, 300)), elements=st.floats(-1, 1, width=32)))
def test_float_wav_is_read_bit_by_bit(tmp_path_factory, samples):
    path = tmp_path_factory.mktemp("wav") / "a.wav"
    soundfile.write(path, samples.T, 8000, subtype="FLOAT")

    np.testing.assert_array_equal(read_audio(path).samples, samples)


def test_samples_cannot_be_written_to(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone().T, RATE_HZ)

    audio = read_audio(tmp_path / "a.wav")

    for sound in (audio, audio.mono(), audio.resampled(22050), audio.slice(10, 20)):
        with pytest.raises(ValueError, match="read-only"):
            sound.samples[0, 0] = 1.0


def test_mono_is_the_mean_of_the_channels():
    audio = Audio(np.array([[1.0, 0.0, -0.5], [0.0, 0.5, 0.5]], np.float32), 8000)

    np.testing.assert_allclose(audio.mono().samples, [[0.5, 0.25, 0.0]])


def test_resampling_does_not_move_a_click():
    samples = np.zeros((1, 96000), np.float32)
    samples[0, 48000] = 1.0

    moved = Audio(samples, 96000).resampled(22050)

    assert abs(int(moved.samples[0].argmax()) / 22050 - 0.5) < 1 / 22050


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "ogg", "aiff"])
def test_a_file_that_breaks_off_is_refused(tmp_path, ending):
    soundfile.write(tmp_path / f"whole.{ending}", tone(2, 6.0).T, RATE_HZ)
    whole = (tmp_path / f"whole.{ending}").read_bytes()
    (tmp_path / f"half.{ending}").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(AudioFileError, match=rf"^half\.{ending}: breaks off after .* s.*; copy or export it again$"):
        read_audio(tmp_path / f"half.{ending}")


def test_a_wav_of_unknown_length_as_pipes_write_it_is_read(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone().T, RATE_HZ, subtype="PCM_16")
    data = bytearray((tmp_path / "a.wav").read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = b"\xff\xff\xff\xff"
    (tmp_path / "a.wav").write_bytes(data)

    assert read_audio(tmp_path / "a.wav").duration_s == pytest.approx(1.0)


def refusals(folder: Path) -> dict[str, str]:
    """Files that cannot be read as sound, and what is said of each."""
    (folder / "empty.wav").touch()
    (folder / "words.mp3").write_text("This is no sound at all. " * 40)
    (folder / "folder.wav").mkdir()
    soundfile.write(folder / "nothing.wav", np.zeros((0, 2)), RATE_HZ)
    soundfile.write(folder / "nan.wav", np.array([0.1, np.nan, 0.2]), RATE_HZ, subtype="FLOAT")
    soundfile.write(folder / "infinite.wav", np.array([0.1, np.inf, 0.2]), RATE_HZ, subtype="FLOAT")
    write_with_av(folder / "mute.mp4", "aac", with_sound=False, with_pictures=True)
    return {
        "missing.wav": "there is no such file in",
        "empty.wav": "is empty",
        "words.mp3": "is not a sound file that can be read",
        "folder.wav": "is a folder",
        "nothing.wav": "holds no sound",
        "nan.wav": "not numbers",
        "infinite.wav": "not numbers",
        "mute.mp4": "has no sound track",
    }


def test_what_is_no_sound_is_refused_in_one_sentence_that_names_the_file(tmp_path):
    for name, words in refusals(tmp_path).items():
        with pytest.raises(AudioFileError) as refused:
            read_audio(tmp_path / name)

        sentence = str(refused.value)
        assert sentence.startswith(f"{name}: "), sentence
        assert words in sentence, sentence
        assert "\n" not in sentence


@given(st.binary(max_size=400))
def test_no_bytes_make_reading_crash(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / "a.wav"
    path.write_bytes(b"RIFF\x90\x01\x00\x00WAVEfmt " + data)

    with contextlib.suppress(AudioFileError):  # anything else is a bug
        read_audio(path)


def test_a_header_that_promises_too_much_allocates_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.audio.read.MAX_VALUES", 1000)
    soundfile.write(tmp_path / "long.wav", tone().T, RATE_HZ)
    write_with_av(tmp_path / "long.m4a", "aac")

    for name in ("long.wav", "long.m4a"):
        with pytest.raises(AudioFileError, match="too long"):
            read_audio(tmp_path / name)
