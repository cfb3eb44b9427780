"""Tempo maps, read by mido's own clock and by our reader."""

from __future__ import annotations

from dataclasses import replace

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.formats.cue import CueError, midi
from engine.formats.scene import FilmScene
from tests.engine.formats.cue.shots import counted, shot
from tests.film_scenes import film_scene

MICROSECOND = 1e-6


def with_beats(times_s: list[float], **how: int) -> FilmScene:
    return replace(film_scene(n_frames=round(24 * max(times_s)) + 24), markers=counted(times_s, **how))


def by_mido(path) -> dict[str, float]:
    """When each marker comes, seconds, by mido's playing."""
    now, found = 0.0, {}
    for message in mido.MidiFile(str(path), charset="utf-8"):
        now += message.time
        if message.type == "marker":
            found[message.text] = now
    return found


def test_mido_plays_the_markers_when_they_are(tmp_path):
    path = tmp_path / "a.mid"
    midi.write(path, shot())

    found = by_mido(path)

    assert list(found) == ["A introduction", "Dröp, “all”", "B development"]
    np.testing.assert_allclose(list(found.values()), [0.0, 4.2, 5.0], atol=0.0005)  # a tick of 0.49 ms


steps_s = st.lists(st.floats(0.2, 2.0), min_size=2, max_size=60)


@given(steps_s, st.floats(0.0, 3.0), st.integers(2, 7), st.integers(0, 6))
def test_every_beat_is_where_it_was_to_a_microsecond(tmp_path_factory, steps, first, per_bar, first_in_bar):
    times = (first + np.cumsum([0.0, *steps])).tolist()
    path = tmp_path_factory.getbasetemp() / "law.mid"
    midi.write(path, with_beats(times, per_bar=per_bar, first_in_bar=first_in_bar))

    found = midi.read(path)

    near = np.abs(found.beat_times_s[:, np.newaxis] - np.array(times)).argmin(axis=0)
    np.testing.assert_allclose(found.beat_times_s[near], times, atol=2 * MICROSECOND if first > 0.0005 else 0.001)
    assert np.all(np.diff(near) == 1)


def test_bars_begin_on_the_downbeats(tmp_path):
    path = tmp_path / "a.mid"
    midi.write(path, with_beats([0.5 * i + 1.0 for i in range(17)], per_bar=3, first_in_bar=1))

    found = midi.read(path)

    assert found.beat_times_s[found.beat_in_bar == 0][:5].tolist() == pytest.approx([0.0, 2.0, 3.5, 5.0, 6.5])


def test_ten_minutes_of_rubato_do_not_drift(tmp_path):
    rng = np.random.default_rng(1)
    times = np.cumsum(rng.uniform(0.3, 0.9, 1000)).tolist()
    path = tmp_path / "a.mid"
    midi.write(path, with_beats(times))

    found = midi.read(path)

    np.testing.assert_allclose(found.beat_times_s[-len(times) - 2 :][: len(times)][-1], times[-1], atol=1.0)
    near = np.abs(found.beat_times_s - times[-1]).min()
    assert near < MICROSECOND


def test_the_same_scene_gives_the_same_bytes(tmp_path):
    for name in ("a.mid", "b.mid"):
        midi.write(tmp_path / name, shot())

    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()


def test_without_beats_there_is_no_tempo_map(tmp_path):
    with pytest.raises(CueError, match="needs at least two beats"):
        midi.write(tmp_path / "a.mid", replace(film_scene(), markers=()))


def test_a_beat_of_half_a_minute_is_refused(tmp_path):
    with pytest.raises(CueError, match="cannot hold a beat of 30 s"):
        midi.write(tmp_path / "a.mid", with_beats([0.0, 30.0]))


def test_a_file_that_says_nothing_counts_120_in_fours(tmp_path):
    path = tmp_path / "a.mid"
    track = mido.MidiTrack([mido.Message("note_on", note=60, time=0), mido.Message("note_off", note=60, time=480 * 6)])
    mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(str(path))

    found = midi.read(path)

    assert found.beat_times_s.tolist() == [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
    assert found.beat_in_bar.tolist() == [0, 1, 2, 3, 0, 1]


_WHOLE = b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x03\xc0MTrk\x00\x00\x00\x0b\x00\xff\x51\x03\x07\xa1\x20\x00\xff\x2f\x00"


@given(st.integers(0, len(_WHOLE)), st.binary(max_size=6), st.integers(0, 40))
def test_whatever_bytes_are_damaged_the_file_is_read_or_refused(tmp_path_factory, at, noise, length):
    path = tmp_path_factory.getbasetemp() / "damaged.mid"
    path.write_bytes((_WHOLE[:at] + noise + _WHOLE[at + len(noise) :])[: max(length, at)])

    try:
        found = midi.read(path)
    except CueError:
        return
    assert np.all(np.isfinite(found.beat_times_s))
