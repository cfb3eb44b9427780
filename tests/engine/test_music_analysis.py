"""The type MusicAnalysis, and progress, cancelling and the cache of analyses."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.audio import Audio
from engine.errors import AudioFileError, Cancelled
from engine.music import MusicAnalysis, Section, analyse, analyse_file, cache
from engine.music.analysis import CURVES
from tests.songs import RATE_HZ, band_song

SONG = band_song(120, "rock", 6)


def an_analysis(n_beats: int = 8, beats_per_bar: int = 4, first: int = 0, n_hops: int = 31) -> MusicAnalysis:
    """An analysis by hand: beats every half second, the first being beat `first` of its bar."""
    curves = {name: np.linspace(0.0, 1.0, n_hops) for name in CURVES}
    return MusicAnalysis(
        duration_s=n_hops / 30.0,
        beat_times_s=0.5 * np.arange(n_beats),
        beat_in_bar=(np.arange(n_beats) + first) % beats_per_bar,
        beats_per_bar=beats_per_bar,
        tempo_bpm=120.0,
        beat_confidence=1.0,
        tempo_curve_bpm=np.full(n_beats, 120.0),
        sections=(Section(0.0, 1.0, "A", "development"),),
        curve_rate_hz=30.0,
        emotion_confidence=0.5,
        **curves,
    )


def same(a: MusicAnalysis, b: MusicAnalysis) -> bool:
    """Whether two analyses are equal in every value."""
    return all(np.array_equal(value, vars(b)[name]) for name, value in vars(a).items())


def printed_by(code: str) -> str:
    """What a fresh Python prints that runs the code."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(scope="module")
def found() -> MusicAnalysis:
    return analyse(SONG.audio)


@pytest.fixture
def song_file(tmp_path):
    soundfile.write(tmp_path / "song.wav", SONG.audio.samples.T, RATE_HZ)
    return tmp_path / "song.wav"


def test_counts_run_from_one_to_eight_over_two_bars_of_four():
    analysis = an_analysis(10)

    assert [analysis.count_of_eight(i) for i in range(10)] == [1, 2, 3, 4, 5, 6, 7, 8, 1, 2]


def test_a_pick_up_counts_up_to_eight():
    analysis = an_analysis(8, first=2)

    assert [analysis.count_of_eight(i) for i in range(8)] == [7, 8, 1, 2, 3, 4, 5, 6]
    assert analysis.bar_of_beat(0) == -1


def test_bars_of_three_are_counted_to_six():
    analysis = an_analysis(7, beats_per_bar=3)

    assert [analysis.count_of_eight(i) for i in range(7)] == [1, 2, 3, 4, 5, 6, 1]


def test_the_first_eight_may_begin_in_the_second_bar():
    analysis = replace(an_analysis(8), phrase_start_bar=1)

    assert [analysis.count_of_eight(i) for i in range(8)] == [5, 6, 7, 8, 1, 2, 3, 4]


@pytest.mark.parametrize("bar_one", [0, 2])
def test_counts_and_bars_of_all_beats_are_those_of_each(bar_one):
    in_bar = np.array([2, 3, 0, 1, 2, 3, 0, 1, 2, 0, 1, 2, 3, 0, 1, 2, 3, 0])  # one bar is short
    analysis = replace(an_analysis(18), beat_in_bar=in_bar, bar_one=bar_one)

    assert analysis.counts_of_eight().tolist() == [analysis.count_of_eight(i) for i in range(18)]
    assert analysis.bars_of_beats().tolist() == [analysis.bar_of_beat(i) for i in range(18)]
    assert set(analysis.counts_of_eight()[5:10].tolist()) <= set(range(1, 9))


def test_curves_are_interpolated_and_held_at_their_ends():
    analysis = an_analysis(n_hops=31)

    np.testing.assert_allclose(analysis.curve_at("joy", np.array([-1.0, 0.0, 0.51, 1.0, 9.0])), [0, 0, 0.51, 1, 1])
    with pytest.raises(ValueError, match="no curve 'anger'"):
        analysis.curve_at("anger", np.zeros(1))


def test_arrays_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="beat_in_bar"):
        replace(an_analysis(), beat_in_bar=np.zeros(3, dtype=np.int64))


def test_an_analysis_survives_json_exactly(found):
    again = MusicAnalysis.from_dict(json.loads(json.dumps(found.to_dict())))

    assert same(found, again)
    assert again.beat_in_bar.dtype == np.int64
    with pytest.raises(ValueError, match="read-only"):
        again.joy[0] = 1.0


@pytest.mark.parametrize(
    "damage", [lambda d: d.pop("joy"), lambda d: d.update(joy=[1.0]), lambda d: d.update(sections=[{}])]
)
def test_a_damaged_dict_is_refused(found, damage):
    data = found.to_dict()
    damage(data)

    with pytest.raises(ValueError):
        MusicAnalysis.from_dict(data)


@given(
    arrays(np.float32, st.tuples(st.integers(1, 3), st.integers(0, 5000)), elements=st.floats(-2, 2, width=32)),
    st.sampled_from([8000, 11025, 44100, 192000]),
)
@settings(max_examples=40)
def test_any_sound_is_analysed_and_survives_json(samples, rate_hz):
    analysis = analyse(Audio(samples, rate_hz))

    assert same(analysis, MusicAnalysis.from_dict(json.loads(json.dumps(analysis.to_dict()))))


def test_the_same_sound_gives_the_same_analysis(found):
    assert same(found, analyse(SONG.audio))


def test_progress_rises_from_nothing_to_all():
    seen: list[float] = []

    analyse(SONG.audio, seen.append)

    assert seen == sorted(seen)
    assert seen[0] <= 0.2
    assert seen[-1] == 1.0
    assert len(seen) >= 5


def test_cancelling_stops_the_work_and_keeps_nothing(song_file, tmp_path):
    def cancel(fraction: float) -> None:
        if fraction > 0.5:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        analyse_file(song_file, cancel, tmp_path / "cache")

    assert not list((tmp_path / "cache").glob("*")) if (tmp_path / "cache").exists() else True


def test_a_kept_analysis_is_the_same_and_needs_no_listening(song_file, tmp_path, monkeypatch):
    first = analyse_file(song_file, cache_dir=tmp_path / "cache")
    monkeypatch.setattr(cache, "read_audio", lambda path: pytest.fail("it was read again"))

    assert same(first, analyse_file(song_file, cache_dir=tmp_path / "cache"))


def test_the_cache_knows_content_not_names(song_file, tmp_path):
    analyse_file(song_file, cache_dir=tmp_path / "cache")
    song_file.rename(tmp_path / "renamed.wav")
    analyse_file(tmp_path / "renamed.wav", cache_dir=tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == 1

    soundfile.write(song_file, 0.5 * SONG.audio.samples.T, RATE_HZ)
    analyse_file(song_file, cache_dir=tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == 2


@given(damage=st.sampled_from([b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"duration_s": 1}', b"[" * 3000]))
def test_a_damaged_cache_is_made_anew(tmp_path_factory, damage):
    folder = tmp_path_factory.mktemp("cache")
    soundfile.write(folder / "s.wav", SONG.audio.samples.T[: 2 * RATE_HZ], RATE_HZ)
    first = analyse_file(folder / "s.wav", cache_dir=folder / "kept")
    [kept] = (folder / "kept").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage)

    assert same(first, analyse_file(folder / "s.wav", cache_dir=folder / "kept"))
    assert kept.read_bytes() == whole


def test_a_cache_that_cannot_be_written_is_done_without(song_file, tmp_path):
    (tmp_path / "file").write_text("not a folder")

    assert analyse_file(song_file, cache_dir=tmp_path / "file").n_beats > 0


def test_a_missing_song_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(AudioFileError, match=r"^gone\.wav: there is no such file"):
        analyse_file(tmp_path / "gone.wav", cache_dir=tmp_path)


def test_the_cache_of_a_user_is_in_the_users_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert cache.default_cache_dir().name == "music"
    assert "kinetograph" in str(cache.default_cache_dir())


def test_the_types_load_without_scipy_librosa_or_any_reader_of_files():
    code = (
        "import sys, engine.music\n"
        "print([m for m in ('scipy', 'librosa', 'numba', 'soundfile', 'soxr', 'av', 'torch') if m in sys.modules])"
    )

    assert printed_by(code) == "[]"


def test_an_analysis_never_loads_librosa():
    code = (
        "import sys, numpy as np\n"
        "from engine.audio import Audio\n"
        "from engine.music import analyse\n"
        "analyse(Audio(np.zeros((1, 44100), np.float32), 44100))\n"
        "print([m for m in ('librosa', 'numba') if m in sys.modules])"
    )

    assert printed_by(code) == "[]"
