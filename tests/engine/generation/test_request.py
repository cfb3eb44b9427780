import subprocess
import sys
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import RequestRefused
from engine.generation.request import (
    HEARD,
    LOUDNESS,
    GenerationRequest,
    SectionSpan,
    locked_closure,
    request_for_music,
)
from engine.motion.house import BODY_PARTS
from engine.music.analysis import CURVES, MusicAnalysis, Section
from tests.dances import improvised, shifted

N = 40
CURRENT = improvised(N, seed=1)


def request(**changes):
    values = {
        "n_frames": N, "beats_frame": np.array([5.0, 20.0, 35.0]), "strengths": np.array([1.0, 0.75, 0.75]),
        "loudness": np.full(N, 0.5), "music_emotion": np.zeros(N),
    }  # fmt: skip
    return GenerationRequest(**(values | changes))


# What else each attribute may be; the digest must tell it.
OTHERWISE = {
    "n_frames": {"n_frames": N + 1, "loudness": np.full(N + 1, 0.5), "music_emotion": np.zeros(N + 1)},
    "beats_frame": {"beats_frame": np.array([5.0, 20.0, 35.5])},
    "strengths": {"strengths": np.array([1.0, 0.75, 0.7])},
    "loudness": {"loudness": np.full(N, 0.6)},
    "music_emotion": {"music_emotion": np.full(N, 0.1)},
    "sections": {"sections": (SectionSpan(0, 20, "A", "introduction"),)},
    "style": {"style": {"ballet": 0.5}},
    "emotion": {"emotion": {"joy": 0.5}},
    "follow_music": {"follow_music": 0.5},
    "intensity": {"intensity": 0.5},
    "novelty": {"novelty": 0.5},
    "seed": {"seed": 1},
    "before": {"before": improvised(20)},
    "after": {"after": improvised(20)},
    "locked": {"locked": frozenset({"spine"}), "current": CURRENT},
    "current": {"current": CURRENT},
    "path_m": {"path_m": np.zeros((N, 2))},
    "keep_path": {"keep_path": True, "current": CURRENT},
    "avoid": {"avoid": frozenset({"jumps"})},
    "allow": {"allow": frozenset({"jumps"})},
    "mind_rules": {"mind_rules": frozenset({"movement"})},
    "best_of": {"best_of": 2},
    "heard": {"heard": np.zeros((N, len(HEARD)))},
}


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"n_frames": 0, "loudness": np.zeros(0), "music_emotion": np.zeros(0)}, "empty"),
        ({"locked": frozenset({"spine"})}, "Locking"),
        ({"keep_path": True}, "Locking"),
        ({"locked": frozenset({"spine"}), "current": improvised(N - 1)}, "frame for frame"),
        ({"locked": frozenset({"tail"}), "current": CURRENT}, "tail"),
        ({"emotion": {"envy": 1.0}}, "envy"),
        ({"emotion": {"joy": 1.5}}, "0 to 1"),
        ({"emotion": {"joy": -0.1}}, "0 to 1"),
        ({"emotion": {"joy": float("nan")}}, "0 to 1"),
        ({"emotion": {"joy": np.linspace(0.0, 2.0, N)}}, "0 to 1"),
        ({"style": {"ballet": -1.0}}, "weights"),
        ({"style": {"ballet": float("inf")}}, "weights"),
        ({"intensity": float("nan")}, "Intensity"),
        ({"intensity": -1.0}, "Intensity"),
        ({"novelty": 2.0}, "Novelty"),
        ({"follow_music": -0.5}, "Follow music"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_in_a_sentence(changes, word):
    with pytest.raises(RequestRefused, match=word) as refused:
        request(**changes)

    said = str(refused.value)
    assert said[0].isupper()
    assert said.endswith(".")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("loudness", np.zeros(N + 1)),
        ("music_emotion", np.full(N, np.nan)),
        ("path_m", np.zeros((N, 3))),
        ("path_m", np.full((N, 2), np.inf)),
        ("strengths", np.ones(2)),
        ("beats_frame", np.array([5.0, 3.0, 35.0])),
        ("beats_frame", np.array([5.0, np.nan, 35.0])),
        ("emotion", {"joy": np.zeros(N - 1)}),
    ],
)
def test_arrays_that_do_not_fit_are_a_programmers_mistake(name, value):
    with pytest.raises(ValueError, match=name if name != "emotion" else "joy"):
        request(**{name: value})


def test_a_request_cannot_be_changed_once_made():
    joy = np.full(N, 0.5)
    made = request(path_m=np.zeros((N, 2)), emotion={"joy": joy})

    for array in (made.beats_frame, made.strengths, made.loudness, made.music_emotion, made.path_m, joy):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0


# --- digest --------------------------------------------------------------------------------------


def test_every_attribute_has_another_value_in_the_table():
    assert set(OTHERWISE) == {f.name for f in fields(GenerationRequest)}


@pytest.mark.parametrize("name", OTHERWISE)
def test_the_digest_tells_every_attribute(name):
    assert request(**OTHERWISE[name]).digest() != request().digest()


def test_all_of_them_have_different_digests():
    digests = {request(**changes).digest() for changes in OTHERWISE.values()}

    assert len(digests) == len(OTHERWISE)


def test_equal_requests_have_equal_digests():
    one = request(style={"a": 1.0, "b": 2.0}, emotion={"joy": 0.5, "sorrow": 0.1}, intensity=1, seed=np.int64(3))
    other = request(style={"b": 2, "a": np.float32(1)}, emotion={"sorrow": 0.1, "joy": 0.5}, intensity=1.0, seed=3)

    assert one.digest() == other.digest()


def test_a_digest_is_the_same_in_another_process():
    code = (
        "import numpy as np; from engine.generation.request import GenerationRequest as R;"
        "print(R(2, np.array([1.0]), np.array([1.0]), np.ones(2), np.zeros(2), locked=frozenset()).digest())"
    )
    here = GenerationRequest(2, np.array([1.0]), np.array([1.0]), np.ones(2), np.zeros(2)).digest()

    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert there.stdout.strip() == here


def test_numbers_do_not_pass_from_one_array_to_the_next():
    a, b = np.array([0.1, 0.2, 0.3]), 0.4
    flat = {"beats_frame": np.zeros(0), "strengths": np.zeros(0), "loudness": np.zeros(3), "music_emotion": np.zeros(3)}

    one = GenerationRequest(3, **flat, emotion={"joy": a, "sorrow": b})
    other = GenerationRequest(3, **flat, emotion={"joy": 0.1, "sorrow": np.array([0.2, 0.3, 0.4])})

    assert one.digest() != other.digest()


@given(st.integers(0, N - 1), st.integers(0, 2))
def test_a_hair_of_the_context_changes_the_digest(frame, axis):
    step = np.zeros((N, 3))
    step[frame, axis] = 1e-12

    assert request(before=shifted(CURRENT, step)).digest() != request(before=CURRENT).digest()


# --- locks ---------------------------------------------------------------------------------------


@given(st.frozensets(st.sampled_from(sorted(BODY_PARTS))))
def test_what_carries_a_locked_part_is_locked_too(locked):
    closed = locked_closure(locked)

    assert locked <= closed
    assert closed == locked_closure(closed)
    assert not locked or "hips" in closed
    assert not locked & {"left_arm", "right_arm"} or "spine" in closed
    assert locked or not closed


# --- from music ----------------------------------------------------------------------------------


def song(duration_s=20.0, n_beats=39):
    """Beats each half second from 0.5 s on, two sections, and loudness and arousal that grow."""
    grows = np.linspace(0.0, 1.0, round(duration_s * 10))
    return MusicAnalysis(
        duration_s=duration_s, beat_times_s=0.5 + 0.5 * np.arange(n_beats), beat_in_bar=np.arange(n_beats) % 4,
        beats_per_bar=4, tempo_bpm=120.0, beat_confidence=1.0, tempo_curve_bpm=np.full(n_beats, 120.0),
        sections=(Section(0.0, 8.0, "A", "introduction"), Section(8.0, duration_s, "B", "development")),
        curve_rate_hz=10.0, emotion_confidence=0.0,
        **{name: grows.copy() for name in CURVES} | {"arousal": 2.0 * grows - 1.0},
    )  # fmt: skip


def test_a_whole_song_has_a_frame_for_every_thirtieth_of_a_second():
    made = request_for_music(song())

    assert made.n_frames == 600
    np.testing.assert_allclose(made.beats_frame[:3], [15.0, 30.0, 45.0])
    np.testing.assert_allclose(made.strengths[:5], [1.0, 0.75, 0.75, 0.75, 1.0])
    assert [(s.start_frame, s.end_frame, s.label) for s in made.sections] == [(0, 240, "A"), (240, 600, "B")]
    assert made.loudness[0] < 0.01 < 0.99 < made.loudness[-1] <= 1.0


def test_a_part_of_a_song_is_told_in_its_own_frames():
    made = request_for_music(song(), 4.0, 10.0, seed=7, style={"ballet": 1.0})

    assert (made.n_frames, made.seed) == (180, 7)
    assert made.beats_frame[0] == pytest.approx(-105.0)  # beats before it count for the phase
    assert [(s.start_frame, s.end_frame) for s in made.sections] == [(-120, 120), (120, 480)]
    whole = request_for_music(song())
    np.testing.assert_allclose(made.music_emotion, whole.music_emotion[120:300], atol=1e-9)


def test_a_part_of_a_song_sounds_as_it_does_beside_the_whole_song():
    part, whole = request_for_music(song(), 4.0, 10.0), request_for_music(song())

    np.testing.assert_allclose(part.heard, whole.heard[120:300], atol=1e-9)
    assert whole.heard[:, LOUDNESS].mean() == pytest.approx(0.0, abs=0.02)
    assert whole.heard[-1, LOUDNESS] > 1.0 > -1.0 > whole.heard[0, LOUDNESS]


def test_a_song_that_hardly_changes_is_not_read_as_if_it_did():
    steady = replace(song(), loudness=0.5 + 0.001 * np.sin(np.arange(len(song().loudness))))

    assert np.abs(request_for_music(steady).heard[:, LOUDNESS]).max() < 0.05


def test_two_neighbouring_parts_of_a_song_share_its_frames_without_gap():
    edge = 3.0333
    first, second = request_for_music(song(), 0.0, edge), request_for_music(song(), edge, 20.0)

    assert first.n_frames + second.n_frames == 600


@pytest.mark.parametrize("span", [(3.0, 3.0), (5.0, 2.0), (3.0, 3.01)])
def test_no_part_of_a_song_is_refused(span):
    with pytest.raises(RequestRefused, match="empty"):
        request_for_music(song(), *span)


def test_music_without_beats_gives_a_request_without():
    made = request_for_music(song(n_beats=0))

    assert made.n_frames == 600
    assert len(made.beats_frame) == len(made.strengths) == 0


def test_the_request_module_loads_no_torch_and_no_librosa():
    code = "import sys, engine.generation.request; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert not {"torch", "librosa", "scipy", "safetensors"} & set(loaded)
