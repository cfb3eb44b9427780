"""Contestants dance and fill gaps as asked, whatever they have learned; the comparison of them is whole."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from app.contestants import MODEL, REAL, TWIN, TWIN_FOLDER, budgets, gathered
from app.evaluation_report import BY_HAND, Report, publish
from app.panel import clip_name, panel_clips, score, write_ballot, write_key
from app.piece_pictures import shades, similarity
from engine.baselines.joining import chained, fitted
from engine.baselines.learned import DANCERS, load_dancers, music_rows
from engine.baselines.patches import PatchMatching
from engine.baselines.registry import TRAINED
from engine.baselines.run import train
from engine.baselines.untrained import Interpolation, RealTakes, straight
from engine.errors import ModelError, RequestRefused
from engine.evaluation.charts import bars, lines
from engine.evaluation.clicks import click_song, click_times_s
from engine.evaluation.comparison import Budget
from engine.evaluation.dancer import Song, Take
from engine.evaluation.inbetween import gaps, seam_pops
from engine.evaluation.intervals import Estimate
from engine.evaluation.novelty import Library, movement_vectors
from engine.evaluation.page import Shown
from engine.evaluation.transitions import transitions
from engine.motion import quaternion
from engine.motion.motion import concatenate
from engine.music import analyse
from tests.dances import bobbing
from tests.tiny import dancing, prepared_folder, tiny_model

N_FRAMES = 150


def a_take(name, style, n_frames, seed):
    return Take(name, style, dancing(n_frames, seed), np.ones(n_frames, dtype=bool))


@pytest.fixture(scope="module")
def training():
    return [
        a_take("ballet_1", "ballet", 420, 1),
        a_take("ballet_2", "ballet", 300, 2),
        a_take("salsa_1", "salsa", 360, 3),
    ]


@pytest.fixture(scope="module")
def validation():
    return [a_take("ballet_9", "ballet", 200, 9), a_take("salsa_9", "salsa", 200, 8)]


@pytest.fixture(scope="module")
def song():
    return Song("clicks", "click", analyse(click_song(120.0, 8.0)), click_times_s(120.0, 8.0))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return prepared_folder(tmp_path_factory.mktemp("prepared") / "data")


@pytest.fixture(scope="module")
def weights(prepared, tmp_path_factory):
    """A folder with a judge and one trained baseline of each kind, after a step each."""
    out = tmp_path_factory.mktemp("baselines")
    patch = pytest.MonkeyPatch()
    patch.setattr("engine.baselines.inbetweener_training._BATCH", 16)
    for name in ("recogniser", "vq_gpt", "transformer", "gan_structure"):
        row = TRAINED[name]
        train(name, row.make, prepared, out, minutes=5.0, most_steps=1, dance_only=row.dance_only, device="cpu")
    patch.undo()
    return out


@pytest.fixture(scope="module")
def contestants(weights, training, validation):
    return [*load_dancers(weights), PatchMatching(training), Interpolation(training), RealTakes(validation)]


def is_sound(motion):
    return bool(np.isfinite(motion.root_positions_m).all()) and np.allclose(
        quaternion.length(motion.local_rotations), 1.0, atol=1e-6
    )


@pytest.mark.slow
def test_everyone_dances_as_long_as_asked_and_the_same_again(contestants, song):
    for contestant in contestants:
        motion = contestant.dance(song.analysis, N_FRAMES, 3, "salsa")

        again = contestant.dance(song.analysis, N_FRAMES, 3, "salsa")
        assert motion.n_frames == N_FRAMES, contestant.name
        assert is_sound(motion), contestant.name
        assert motion.local_rotations.tobytes() == again.local_rotations.tobytes(), contestant.name


def test_a_style_that_nobody_knows_is_any_style(contestants, song):
    for contestant in contestants:
        assert contestant.dance(song.analysis, 60, 0, "no such style").n_frames == 60


@pytest.mark.parametrize("n_frames", [1, 5, 30, 130])
def test_everyone_fills_gaps_of_any_length(contestants, validation, n_frames):
    take = validation[0].motion
    for contestant in contestants:
        made = contestant.fill(take.slice(0, 48), n_frames, take.slice(60, 108), "ballet", 1)

        assert made.n_frames == n_frames, contestant.name
        assert is_sound(made), contestant.name


def test_patches_of_the_take_itself_fill_its_gap_nearly_as_it_was(training):
    take = training[0].motion
    made = PatchMatching(training).fill(take.slice(100, 148), 30, take.slice(178, 226), "ballet", 0)

    apart = np.linalg.norm(made.positions_m() - take.slice(148, 178).positions_m(), axis=-1)
    assert apart.mean() < 0.04  # the foot lock, which the take has not been through, moves the legs


def test_patches_are_not_new(training, song):
    library = Library([take.motion for take in training])

    patched = PatchMatching(training).dance(song.analysis, N_FRAMES, 0, "ballet")
    posed = Interpolation(training).dance(song.analysis, N_FRAMES, 0, "ballet")

    assert (
        library.distances_m(movement_vectors(patched)).mean()
        < 0.6 * library.distances_m(movement_vectors(posed)).mean()
    )


def test_other_seeds_give_other_dances(contestants, song):
    for contestant in contestants:
        first, *others = (contestant.dance(song.analysis, 90, seed, "ballet") for seed in range(4))

        assert any(not np.allclose(first.local_rotations, m.local_rotations) for m in others), contestant.name


def test_a_fitted_middle_leaves_no_jump(training):
    take = training[0].motion
    before, after = take.slice(0, 48), take.slice(90, 138)
    whole = concatenate([before, fitted(before, take.slice(200, 242), after), after])

    _, jump = seam_pops(whole, 48, 90)

    assert jump < 0.01


def test_chained_parts_go_on_from_one_another(training):
    take = training[0].motion
    whole = chained([take.slice(0, 60), take.slice(200, 260)], 110)

    steps = np.linalg.norm(np.diff(whole.root_positions_m[:, [0, 2]], axis=0), axis=-1)
    assert whole.n_frames == 110
    assert steps.max() < 0.1


def test_the_straight_way_is_half_way_in_the_middle(training):
    take = training[0].motion
    made = straight(take.slice(0, 10), 9, take.slice(40, 50))

    np.testing.assert_allclose(
        made.root_positions_m[4], 0.5 * (take.root_positions_m[9] + take.root_positions_m[40]), atol=1e-9
    )


def test_music_beyond_the_songs_end_is_silence(song):
    rows = music_rows(song.analysis, 400)

    assert rows.shape == (400, 6)
    assert np.abs(rows[:240]).sum() > 0.0
    assert np.all(rows[245:] == 0.0)


def test_a_folder_without_baselines_says_how_to_train_them(tmp_path):
    with pytest.raises(ModelError, match="kinetograph baseline"):
        load_dancers(tmp_path)


def test_weights_in_a_file_dance_as_before_they_were_written(weights):
    assert {d.name for d in load_dancers(weights)} == {
        DANCERS[k][0] for k in ("vq_gpt", "transformer", "gan_structure")
    }


def test_gaps_of_each_length_have_a_row_for_all(training, validation):
    found = transitions([PatchMatching(training)], validation, training, (15, 30), 40)

    assert list(found) == [15, 30]
    for rows in found.values():
        assert [row.name for row in rows] == ["real take", "slerp interpolation", "zero velocity", "patch matching"]
        assert rows[0].l2p == 0.0
        assert rows[1].l2p < rows[2].l2p
    assert found[15][1].l2p < found[30][1].l2p


def test_longer_gaps_are_cut_from_longer_stretches(validation):
    assert all(gap.truth.n_frames == 45 for gap in gaps(validation, 20, 45))
    assert gaps(validation, 20, 200) == []


# --- the panel and the page ---


@pytest.fixture(scope="module")
def everyone(prepared, weights, training, validation):
    return gathered(tiny_model(prepared), validation, training, weights)


def test_a_panel_is_a_quarter_real_and_a_quarter_the_models(everyone, song):
    contestants, _ = everyone
    clips = panel_clips(contestants, [song], ["ballet", "salsa"], 12, 2.0, 5)

    who = [clip.who for clip in clips]
    assert [clip.number for clip in clips] == list(range(1, 13))
    assert (who.count(REAL), who.count(MODEL)) == (3, 3)
    assert "real, trained on" not in who
    assert all(np.allclose(clip.motion.root_positions_m[0, [0, 2]], 0.0, atol=1e-9) for clip in clips)


def test_a_model_trained_beside_the_baselines_is_a_contestant_with_its_own_budget(
    prepared, weights, training, validation, tmp_path
):
    from engine.generation.checkpoint import save_model

    (tmp_path / "recogniser.npz").write_bytes((weights / "recogniser.npz").read_bytes())
    model, twin = tiny_model(prepared), tiny_model(prepared)
    twin.card = {**twin.card, "training": {"minutes": 12.0, "device": "one CPU core"}, "steps": 99}
    save_model(twin, tmp_path / TWIN_FOLDER)

    contestants, judge = gathered(model, validation, training, tmp_path)

    assert [c.name for c in contestants][2:4] == [MODEL, TWIN]
    assert Budget(TWIN, 12.0, "one CPU core", 99) in budgets(contestants, judge)


def test_a_ballot_tells_nothing_and_is_scored_by_its_key(everyone, song, tmp_path):
    contestants, _ = everyone
    clips = panel_clips(contestants, [song], ["ballet"], 8, 1.0, 5)
    write_ballot(tmp_path, clips)
    write_key(tmp_path / "key", clips)
    text = (tmp_path / "ballot.csv").read_text()
    filled = text.replace("clip_01,,,", "clip_01,real,8,7").replace("clip_02,,,", "clip_02,made,3,4")
    (tmp_path / "filled.csv").write_text(filled)

    found = score(tmp_path / "filled.csv", tmp_path / "key" / "key.json")

    assert not any(clip.who in text for clip in clips)
    by_name = {clip_name(clip.number): clip.who for clip in clips}
    assert sum(row["clips"] for row in found.values()) == 2
    if by_name["clip_01"] != by_name["clip_02"]:
        assert found[by_name["clip_01"]] == {"taken for real": 1.0, "naturalness": 8.0, "style": 7.0, "clips": 1.0}
    with pytest.raises(RequestRefused, match="no line is filled in"):
        score(tmp_path / "ballot.csv", tmp_path / "key" / "key.json")


def test_alike_bars_are_dark_and_the_pictures_stand_side_by_side():
    apart = np.array([[0.0, 1.0, 0.1], [1.0, 0.0, 2.0], [0.1, 2.0, 0.0]])

    grey = shades(apart)

    assert (np.diag(grey) == 0).all()
    assert grey[0, 2] < grey[0, 1] < grey[1, 2] == 255
    assert similarity(apart, apart).startswith(b"\x89PNG")


def test_charts_are_sound_svg_and_show_every_name():
    chart = bars("FID & co", [("a < b", Estimate(2.0, 1.0, 3.0)), ("c", Estimate(0.5, 0.5, 0.5))], marked="c")
    curves = lines("L2P", [5.0, 15.0], {"one": [1.0, 2.0], "two": [1.0, 2.0]}, "frames")

    texts = [e.text for e in ElementTree.fromstring(chart).iter() if e.text]
    assert {"FID & co", "a < b", "c", "2.00"} <= set(texts)
    places = [float(e.get("y")) for e in ElementTree.fromstring(curves).iter() if e.text in ("one", "two")]
    assert abs(places[0] - places[1]) >= 13.0


@pytest.mark.gl
@pytest.mark.slow
def test_evaluate_compares_and_publishes(prepared, weights, tmp_path, capsys):
    from app.__main__ import main
    from engine.generation.checkpoint import save_model

    folder, page = tmp_path / "model", tmp_path / "docs" / "evaluation.md"
    page.parent.mkdir()
    page.write_text(f"old figures\n\n{BY_HAND}\n\nStiff wrists.\n")
    save_model(tiny_model(prepared), folder)

    code = main([
        "evaluate", str(folder), "--data", str(prepared), "--baselines", str(weights), "--quick", "-o",
        str(tmp_path / "report"), "--publish", str(page), "--device", "cpu",
    ])  # fmt: skip

    numbers = json.loads((tmp_path / "report" / "report.json").read_text())
    card = json.loads((folder / "card.json").read_text())
    html = (tmp_path / "report" / "report.html").read_text()
    assert code == 0
    assert {REAL, MODEL, "patch matching", "VQ-VAE + GPT", "Transformer"} <= set(numbers["comparison"]["contestants"])
    assert math.isfinite(card["evaluation"]["fid"]["model"])
    assert "Beside baselines" in capsys.readouterr().out
    published = page.read_text()
    assert "Beside baselines" in published
    assert "old figures" not in published
    assert published.endswith(f"\n{BY_HAND}\n\nStiff wrists.\n")  # what was written by hand stays
    assert "| Transformer | " in published[published.index("What each had to learn with") :]
    assert "<svg" in html
    assert 'src="http' not in html


def test_sync_alone_is_measured(prepared, tmp_path, capsys):
    from app.__main__ import main
    from engine.generation.checkpoint import save_model

    save_model(tiny_model(prepared), tmp_path / "model")

    assert (
        main(["evaluate", "sync", str(tmp_path / "model"), "--data", str(prepared), "--quick", "--device", "cpu"]) == 0
    )
    out = capsys.readouterr().out
    assert "Sync by tempo and by emotion" in out
    assert "chance %" in out


def test_replaced_songs_keep_their_beats(song):
    from app.comparison import shortened

    cut = shortened(song, 4.0)

    assert cut.analysis.duration_s == 4.0
    assert (cut.beats_s < 4.0).all()
    assert shortened(replace(song), 100.0).analysis is song.analysis
    assert bobbing(cut.beats_s, 4.0).n_frames > 0


def test_a_picture_with_a_name_lies_beside_the_published_page(tmp_path):
    (tmp_path / "card.json").write_text("{}")
    shown = tuple(Shown("what it shows", "image/png", name.encode(), name) for name in ("piece", ""))

    publish(tmp_path / "evaluation.md", tmp_path, Report("Evaluation", "of nothing", (), {}, shown=shown))

    assert [path.name for path in tmp_path.glob("*.png")] == ["evaluation-piece.png"]
    assert (tmp_path / "evaluation-piece.png").read_bytes() == b"piece"
