"""Imported motion in the piece: a dancer, a reference, a take; and where a reference does not count."""

from __future__ import annotations

import numpy as np
import pytest

from app.exports import performance_of
from editor.document.assemble import assemble_local, dance
from editor.document.document import Document, Settings, same_frames
from editor.document.edits import EditRefused
from editor.document.import_edits import (
    add_imported_dancer,
    fitted_to,
    from_the_middle,
    going_on,
    keep_imported_take,
)
from editor.document.project_file import load_project, save_project
from editor.document.requests import request_for
from editor.document.track_edits import set_track_flags
from engine.errors import RequestRefused
from engine.motion.blend import yaw_rad
from tests.documents import assert_sound, dancer, motion


def piece() -> Document:
    return Document(tracks=(dancer(60, 60),))


def test_an_imported_dancer_dances_the_motion_from_the_playhead_on():
    danced = motion(40, seed=7)

    document = add_imported_dancer(piece(), "Visitor", danced, 30)

    track = document.tracks[-1]
    assert (track.name, track.clips[0].start_frame, track.clips[0].take.kind) == ("Visitor", 30, "imported")
    assert same_frames(track.clips[0].take.motion, danced)
    assert_sound(document)


def test_a_reference_is_in_no_export_and_makes_the_piece_no_longer():
    document = add_imported_dancer(piece(), "Video", motion(300), 0, is_reference=True)

    assert document.n_frames == piece().n_frames
    assert [track.name for track in document.dancers] == [piece().tracks[0].name]
    assert len(performance_of(document).dancers) == 1
    assert dance(document, document.tracks[-1].id).n_frames == document.n_frames


def test_a_reference_alone_can_be_looked_at():
    document = add_imported_dancer(Document(), "Video", motion(90), 0, is_reference=True)

    assert document.n_frames == 90
    assert performance_of(document).dancers == ()


def test_a_reference_is_never_made_anew():
    document = add_imported_dancer(piece(), "Video", motion(60), 0, is_reference=True)

    with pytest.raises(RequestRefused, match="Video is a reference"):
        request_for(document, document.tracks[-1].id, 0, 60, Settings())
    with pytest.raises(EditRefused, match="Video is a reference"):
        keep_imported_take(document, document.tracks[-1].id, 0, 30, "a", motion(30), "trim")


def test_a_reference_can_become_a_dancer():
    document = add_imported_dancer(piece(), "Video", motion(60), 0, is_reference=True)

    document = set_track_flags(document, document.tracks[-1].id, is_reference=False)

    assert len(performance_of(document).dancers) == 2


def test_a_reference_is_saved(tmp_path):
    document = add_imported_dancer(piece(), "Video", motion(60), 0, is_reference=True)

    save_project(tmp_path / "a.kino", document)

    assert load_project(tmp_path / "a.kino") == document


@pytest.mark.parametrize("fit", ["trim", "stretch"])
@pytest.mark.parametrize("n_frames", [30, 60, 90])
def test_a_take_is_as_long_as_its_segment(fit, n_frames):
    fitted = fitted_to(motion(60, seed=4), n_frames, fit)

    assert fitted.n_frames == n_frames


def test_stretching_keeps_the_way_and_trimming_the_speed():
    danced = motion(60, seed=4)

    slow, cut, held = fitted_to(danced, 120, "stretch"), fitted_to(danced, 30, "trim"), fitted_to(danced, 80, "trim")

    np.testing.assert_allclose(slow.root_positions_m[2 * 30], danced.root_positions_m[30], atol=1e-12)
    np.testing.assert_array_equal(cut.root_positions_m, danced.root_positions_m[:30])
    np.testing.assert_array_equal(held.local_rotations[60:], np.tile(danced.local_rotations[-1:], (20, 1, 1)))


def test_a_take_that_would_race_is_refused_in_a_sentence():
    with pytest.raises(EditRefused, match="times as fast"):
        fitted_to(motion(200), 30, "stretch")


def test_a_take_goes_on_from_what_is_danced_before_and_leaves_the_rest_alone():
    document = piece()
    before = assemble_local(document.tracks[0], 120)
    visitor = motion(60, seed=9)

    kept = keep_imported_take(document, "ann", 60, 120, "Visitor", visitor, "trim")

    after = assemble_local(kept.tracks[0], 120)
    np.testing.assert_array_equal(after.root_positions_m[:60], before.root_positions_m[:60])
    np.testing.assert_array_equal(after.local_rotations[:60], before.local_rotations[:60])
    step_m = np.linalg.norm(np.diff(after.root_positions_m, axis=0), axis=-1)
    assert step_m[59] < 2.0 * step_m[50:58].max() + 0.02
    turn = yaw_rad(after.local_rotations[60, 0]) - yaw_rad(after.local_rotations[59, 0])
    assert abs((turn + np.pi) % (2 * np.pi) - np.pi) < 0.3
    clip = kept.tracks[0].clips_in(60, 61)[0]
    assert [take.name for take in clip.takes][-1] == "Visitor"
    assert same_frames(clip.takes[0].motion, document.tracks[0].clips[1].take.motion)
    assert_sound(kept)


def test_the_first_take_of_a_track_stays_as_it_is():
    danced = motion(60)

    assert going_on(dancer(track_id="bea"), 0, danced) is danced


def test_a_motion_can_begin_in_the_middle_of_the_stage():
    begun = from_the_middle(motion(30))

    np.testing.assert_allclose(begun.root_positions_m[0, [0, 2]], 0.0, atol=1e-12)
