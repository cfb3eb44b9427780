"""The evaluation: what it says of dances whose truth is known, and that it runs whole on a tiny model."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from app.__main__ import main
from app.commands.evaluate import ModelDancer, songs_to_dance, takes
from engine.errors import Cancelled
from engine.evaluation import report
from engine.evaluation.beats import OVERALL, by_tempo_class, tempo_class
from engine.evaluation.clicks import click_song, click_times_s
from engine.evaluation.dancer import Song, Take
from engine.evaluation.experiments import Extent, measure
from engine.evaluation.inbetween import (
    CONTEXT_FRAMES,
    GAP_FRAMES,
    HOLD,
    MODEL,
    REAL,
    SLERP,
    gaps,
    inbetween_figures,
    seam_steps,
)
from engine.evaluation.quality import Quality, mean_quality, quality_of_takes, ratio, reference_speed_m_s
from engine.evaluation.segments import segment_figures
from engine.evaluation.sliders import slider_figures, spearman
from engine.generation.checkpoint import save_model
from engine.motion.blend import moved
from engine.motion.house import BODY_PARTS, JOINT
from engine.motion.motion import concatenate
from engine.music import analyse
from tests.dances import bobbing, improvised, shifted, standing, walk
from tests.tiny import prepared_folder, tiny_model

EXTENT = Extent(n_seeds=2, n_slider_seeds=2, gap_stride_frames=100)


class Puppet:
    """Bobs on every beat, lower and slower with sorrow; fills gaps by standing; redoes nothing but the arms."""

    def __init__(self, late_s: float = 0.0) -> None:
        self.late_s = late_s

    def dance(self, music, seed, emotion):
        sorrow = emotion.get("sorrow", 0.0) - emotion.get("joy", 0.0)
        motion = bobbing(music.beat_times_s + self.late_s, music.duration_s, rate_hz=30.0, drop_m=0.12 - 0.04 * sorrow)
        return shifted(motion, np.array([0.0, -0.02 * sorrow + 0.0001 * seed, 0.0]))

    def fill(self, before, n_frames, after, style, seed):
        return concatenate([before.slice(before.n_frames - 1, before.n_frames)] * n_frames)

    def again(self, music, dance, start_frame, end_frame, locked, seed):
        part = dance.slice(start_frame, end_frame)
        local = np.array(part.local_rotations)
        local[:, JOINT["LeftForeArm"]] = [np.cos(0.2), 0.0, np.sin(0.2), 0.0]
        return replace(part, local_rotations=local)


class Clumsy(Puppet):
    """Falls over every second seed, and lets nobody finish when told."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def dance(self, music, seed, emotion):
        if seed % 2:
            raise self.error
        return super().dance(music, seed, emotion)


@pytest.fixture(scope="module")
def clicks():
    return Song("clicks", "click", analyse(click_song(120.0, 12.0)), click_times_s(120.0, 12.0))


@pytest.fixture(scope="module")
def real_takes():
    motions = (walk(6.0)[0], improvised(220, seed=3))
    return [Take(f"take {i}", "walk", m, np.ones(m.n_frames, dtype=bool)) for i, m in enumerate(motions)]


def findings(dancer, clicks, real_takes):
    return measure(dancer, [clicks], clicks, real_takes, real_takes, EXTENT)


# --- songs -----------------------------------------------------------------------------------


@pytest.mark.parametrize("tempo", [90.0, 120.0, 150.0])
def test_the_analysis_finds_the_clicks_of_a_click_song(tempo):
    found = analyse(click_song(tempo, 15.0))
    true_s = click_times_s(tempo, 15.0)
    distance_s = np.abs(found.beat_times_s[:, np.newaxis] - true_s).min(axis=1)

    assert found.tempo_bpm == pytest.approx(tempo, rel=0.01)
    assert distance_s.max() < 0.02


@pytest.mark.parametrize(
    ("tempo", "name"), [(89.2, "slow"), (89.9, "medium"), (120.02, "medium"), (121.0, "fast"), (0.0, "no beat")]
)
def test_a_tempo_belongs_to_one_class(tempo, name):
    assert tempo_class(tempo).startswith(name)


@pytest.mark.slow
def test_a_loop_is_repeated_to_half_a_minute_and_a_long_track_is_not(tmp_path):
    import soundfile

    for name, duration_s in (("loop", 4.0), ("track", 22.0)):
        sound = click_song(120.0, duration_s)
        soundfile.write(tmp_path / f"{name}.wav", sound.samples.T, sound.sample_rate_hz)
    (tmp_path / "notes.txt").write_text("no song")

    found = {song.name: song for song in songs_to_dance(tmp_path)}

    assert found["loop"].kind == "loop"
    assert found["loop"].analysis.duration_s == pytest.approx(32.0)
    assert found["track"].kind == "track"
    assert found["track"].analysis.duration_s == pytest.approx(22.0)
    assert [name for name, song in found.items() if song.kind == "click"] == [
        "clicks at 90", "clicks at 120", "clicks at 150"
    ]  # fmt: skip


# --- figures of known dances -----------------------------------------------------------------


def test_a_dancer_on_every_click_is_far_above_chance(clicks, real_takes):
    overall = next(row for row in findings(Puppet(), clicks, real_takes).beats if row.name == OVERALL)

    assert overall.within > 0.95
    assert overall.recall > 0.8
    assert overall.lift == pytest.approx(overall.within - overall.chance)
    assert 0.3 < overall.chance < 0.5  # 0.2 s of every half second


def test_a_dancer_between_the_clicks_is_below_chance(clicks, real_takes):
    overall = next(row for row in findings(Puppet(late_s=0.25), clicks, real_takes).beats if row.name == OVERALL)

    assert overall.within < 0.1
    assert overall.lift < -0.2


def test_songs_without_a_beat_are_left_out_of_the_beats(clicks):
    silence = analyse(replace(click_song(120.0, 3.0), samples=np.zeros((1, 66150), dtype=np.float32)))
    song = Song("silence", "track", silence)

    assert by_tempo_class([(song, 3.0, None)])[0].n_dances == 0


def test_sliders_that_act_are_monotone_and_those_that_do_not_are_called_so(clicks, real_takes):
    found = {row.name: row for row in findings(Puppet(), clicks, real_takes).sliders}

    for name in ("energy", "quickness", "hips", "hands"):
        assert found[name].is_monotone
        assert found[name].median_spearman == pytest.approx(-1.0)
        assert found[name].spearman < -0.9
        assert found[name].seeds_lowered == 1.0
    assert not found["gestures"].is_monotone  # one stop a beat, glad or sad
    assert found["gestures"].spearman == 0.0


def test_spearman_is_that_of_the_textbook():
    # Kendall & Gibbons, "Rank correlation methods": without ties 1 - 6 sum d^2 / (n^3 - n).
    x, y = np.arange(8.0), np.array([2.0, 1.0, 4.0, 3.0, 7.0, 5.0, 8.0, 6.0])
    d = x + 1 - y

    assert spearman(x, y) == pytest.approx(1.0 - 6.0 * np.sum(d**2) / (8**3 - 8))
    assert spearman([1, 1, 2, 2], [5, 5, 9, 9]) == pytest.approx(1.0)
    assert spearman([1, 2, 3], [4, 4, 4]) == 0.0


def test_a_median_that_rises_once_is_not_monotone():
    values = np.array([[5.0, 4.0, 4.5, 2.0, 1.0]])

    found = slider_figures({"energy": values})[0]

    assert not found.is_monotone
    assert found.median_spearman == pytest.approx(-0.9)


def test_real_takes_against_themselves_are_at_one(real_takes):
    real = quality_of_takes(real_takes, reference_speed_m_s(real_takes))

    assert all(value is None or value == pytest.approx(1.0) for value in ratio(real, real).values())


def test_long_takes_weigh_more():
    rows = [Quality(*[0.0] * 8), Quality(*[1.0] * 8)]

    assert mean_quality(rows, [30.0, 10.0]) == Quality(*[0.25] * 8)
    assert mean_quality([], []) == Quality(*[0.0] * 8)


# --- crashes ---------------------------------------------------------------------------------


def test_a_crash_is_a_row_and_the_rest_is_measured(clicks, real_takes):
    row = measure(
        Clumsy(ValueError("no such pose")), [clicks], clicks, real_takes, real_takes, Extent(2, 1, 400)
    ).songs[0]

    assert row.failures == ("seed 1: ValueError: no such pose",)
    assert len(row.alignments) == 1


def test_who_cancels_is_obeyed(clicks, real_takes):
    with pytest.raises(Cancelled):
        findings(Clumsy(Cancelled()), clicks, real_takes)


def test_progress_grows_to_one(clicks, real_takes):
    told: list[float] = []
    measure(Puppet(), [clicks], clicks, real_takes, real_takes, EXTENT, told.append)

    assert told == sorted(told)
    assert told[-1] == 1.0


# --- gaps ------------------------------------------------------------------------------------


def test_gaps_lie_over_the_origin_and_face_ahead(real_takes):
    turned = moved(real_takes[0].motion, 20, np.array([3.0, 0.0, -2.0]), 2.0)
    hole = gaps([replace(real_takes[0], motion=turned)])[0]

    assert hole.before.n_frames == hole.after.n_frames == CONTEXT_FRAMES
    assert hole.truth.n_frames == GAP_FRAMES
    np.testing.assert_allclose(hole.before.root_positions_m[-1, [0, 2]], 0.0, atol=1e-9)
    np.testing.assert_allclose(hole.before.local_rotations[-1, 0], [1.0, 0.0, 0.0, 0.0], atol=1e-9)


def test_gaps_keep_off_frames_that_are_not_sound(real_takes):
    valid = np.ones(real_takes[0].motion.n_frames, dtype=bool)
    valid[100] = False

    assert gaps([replace(real_takes[0], valid=valid)], stride_frames=1000) == []


def test_the_truth_is_at_no_distance_and_the_baselines_are_in_order(real_takes):
    found = inbetween_figures(Puppet(), gaps(real_takes[:1], 20), [], 0, lambda: None)
    rows = {row.name: row for row in found}

    assert (rows[REAL].l2p, rows[REAL].l2q, rows[REAL].npss, rows[REAL].joint_error_m) == pytest.approx((0, 0, 0, 0))
    # Of a walk the straight line knows where it goes; standing still, which the puppet does too, does not.
    assert 0.0 < rows[SLERP].l2p < rows[HOLD].l2p
    assert rows[MODEL].l2p == pytest.approx(rows[HOLD].l2p)
    assert rows[HOLD].seam_step_m > 5 * rows[REAL].seam_step_m


def test_a_step_at_a_seam_is_as_long_as_it_is():
    still = standing(20)
    apart = concatenate([still, shifted(still, np.array([0.3, 0.0, 0.0])), still])

    step_m, velocity_m_s = seam_steps(apart, 20, 40)

    assert step_m == pytest.approx(0.3)
    assert velocity_m_s == pytest.approx(0.3 * 30.0)
    assert seam_steps(still, 0, 20) == (0.0, 0.0)


# --- segments --------------------------------------------------------------------------------


def test_a_segment_made_anew_is_measured(clicks):
    dance = Puppet().dance(clicks.analysis, 0, {})
    free, locked = segment_figures(Puppet(), clicks.analysis, dance, 1)

    assert (free.name, locked.name) == ("nothing", "left leg and right leg")
    assert free.is_outside_identical
    assert locked.is_outside_identical
    assert locked.locked_error_m == 0.0
    assert locked.free_change_m > 0.001


class Careless(Puppet):
    """Moves everything by 2 mm, what is locked too, and what it was given as well."""

    def again(self, music, dance, start_frame, end_frame, locked, seed):
        part = shifted(dance.slice(start_frame, end_frame), np.array([0.002, 0.0, 0.0]))
        dance.root_positions_m.flags.writeable = True
        dance.root_positions_m[0] += 1e-12
        return part


def test_broken_segment_laws_are_found(clicks):
    dance = Puppet().dance(clicks.analysis, 0, {})
    dance = replace(dance, root_positions_m=np.array(dance.root_positions_m))

    locked = segment_figures(Careless(), clicks.analysis, dance, 1)[1]

    assert not locked.is_outside_identical
    assert locked.locked_error_m == pytest.approx(0.002)


# --- the whole -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return prepared_folder(tmp_path_factory.mktemp("evaluated") / "prepared")


@pytest.fixture(scope="module")
def model(prepared):
    made = tiny_model(prepared)
    made.card = {"name": "tiny", "steps": 0, "validation": {"val_coded_m": 0.25}, "validation_units": "metres"}
    return made


def test_the_command_prints_every_table_and_writes_them(prepared, model, tmp_path, capsys):
    save_model(model, tmp_path / "model")
    out = tmp_path / "report"

    assert main(["evaluate", str(tmp_path / "model"), "--data", str(prepared), "--quick", "-o", str(out)]) == 0

    printed = capsys.readouterr().out
    numbers = json.loads((out / "report.json").read_text("utf-8"))
    written = (out / "report.md").read_text("utf-8")
    for title in (
        "No crash", "How the dances move", "Beats of the dance", "Sliders from joy to sorrow", "Joy against sorrow",
        "Gaps filled", "The middle made anew", "The model's own validation figures",
    ):  # fmt: skip
        assert title in printed
        assert title in written
    assert all(song["failures"] == [] for song in numbers["songs"])
    assert [song["name"] for song in numbers["songs"]] == ["clicks at 90", "clicks at 120", "clicks at 150"]
    assert all(row["is_outside_identical"] for row in numbers["segments"]["rows"])
    assert numbers["segments"]["rows"][1]["locked_error_m"] < 1e-4
    assert numbers["card_validation"] == {"val_coded_m": 0.25}
    assert sorted(path.name for path in out.iterdir()) == ["report.html", "report.json", "report.md"]


@pytest.mark.slow
def test_the_same_seeds_give_the_same_report(prepared, model, clicks):
    validation = takes(prepared, "validation")
    both = [
        measure(ModelDancer(model), [clicks], clicks, validation, [], Extent(1, 1, 1000)) for _ in range(2)
    ]

    assert report.as_text(both[0], {}) == report.as_text(both[1], {})


def test_the_model_fills_a_gap_with_as_many_frames_and_keeps_locked_legs(prepared, model, clicks):
    dancer = ModelDancer(model)
    hole = gaps(takes(prepared, "validation"))[0]
    dance = dancer.dance(clicks.analysis, 0, {})
    again = dancer.again(clicks.analysis, dance, 100, 160, frozenset({"left_leg"}), 5)
    legs = list(BODY_PARTS["left_leg"])

    assert dancer.fill(hole.before, GAP_FRAMES, hole.after, "no such style", 0).n_frames == GAP_FRAMES
    np.testing.assert_allclose(again.positions_m()[:, legs], dance.positions_m()[100:160, legs], atol=1e-4)


@pytest.mark.gl
def test_a_contact_sheet_of_each_song_can_be_drawn(tmp_path, clicks, real_takes):
    from app.evaluation_report import drawer

    drawer(tmp_path)(clicks, real_takes[0].motion)

    assert (tmp_path / "sheets" / "clicks.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["--data", "nowhere"], "nowhere"), (["--data", ".", "--music", "no-songs"], "no folder no-songs")],
)
def test_what_is_missing_is_told_in_a_sentence(prepared, model, tmp_path, capsys, arguments, told):
    save_model(model, tmp_path / "model")

    assert main(["evaluate", str(tmp_path / "model"), *arguments, "-o", str(tmp_path / "out")]) == 1

    assert told in capsys.readouterr().err
