"""Dancers on their own bodies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from editor.document.assemble import dance
from editor.document.bodies import character_of, dressed_dance, dressed_motion
from editor.document.document import Document, Track
from editor.document.edits import EditRefused
from editor.document.project_file import load_project, save_project
from editor.document.track_edits import add_track, set_track_flags
from engine.character.dressing import dressed
from engine.motion.motion import Motion
from tests.dances import walk
from tests.documents import dancer
from tests.projects import rewritten

ANN = Track("ann", "Ann", body="woman", height_m=1.60)


def piece() -> Document:
    return Document(tracks=(dancer(40, 40),))


def longer_walk() -> Motion:
    return walk(30.0)[0]


def test_without_a_body_of_her_own_a_dancer_is_the_house_dancer():
    document = piece()

    assert dressed_dance(document, "ann") is dance(document, "ann")


def test_what_is_handed_on_is_on_the_dancers_own_lengths():
    document = set_track_flags(piece(), "ann", body="man", height_m=1.85)

    motion = dressed_dance(document, "ann")

    assert motion.skeleton is character_of(document.track("ann")).skeleton
    assert motion.n_frames == document.n_frames


def test_the_same_motion_is_dressed_once():
    motion = longer_walk()

    assert dressed_motion(motion, ANN) is dressed_motion(motion, ANN)


def test_where_little_changed_the_result_is_that_of_dressing_all():
    motion = longer_walk()
    local = motion.local_rotations.copy()
    local[400:430, 7] = local[400, 7]
    root = motion.root_positions_m.copy()
    root[400:430, 1] -= 0.02
    changed = Motion(motion.skeleton, motion.frame_rate_hz, root, local)
    track = replace(ANN, id="someone else")
    dressed_motion(motion, track)

    seen, expected = dressed_motion(changed, track), dressed(changed, character_of(track))

    np.testing.assert_allclose(seen.positions_m(), expected.positions_m(), atol=1e-6)


@pytest.mark.parametrize("wanted", [{"body": "giant"}, {"height_m": 1.39}, {"height_m": 2.11}])
def test_a_body_that_there_is_not_is_refused(wanted):
    with pytest.raises(EditRefused):
        set_track_flags(piece(), "ann", **wanted)


def test_body_and_height_are_saved_and_opened(tmp_path):
    document = set_track_flags(add_track(Document(), "Ann", "ann"), "ann", body="man", height_m=1.91)
    save_project(tmp_path / "piece.kino", document)

    assert load_project(tmp_path / "piece.kino").track("ann") == document.track("ann")


def test_a_file_from_before_dancers_had_heights_opens(tmp_path):
    def without_height(data):
        for track in data["document"]["tracks"]:
            del track["height_m"]

    document = add_track(Document(), "Ann", "ann")
    save_project(tmp_path / "piece.kino", document)

    old = rewritten(tmp_path / "piece.kino", tmp_path / "old.kino", without_height)

    assert load_project(old) == document
