"""Settings of the piece and of clips, the song, the title, the notes."""

from __future__ import annotations

import pytest

from editor.document.clip_edits import set_clip_locked
from editor.document.document import Curve, Document, Settings, Song
from editor.document.edits import EditRefused
from editor.document.grid_edits import shift_downbeat
from editor.document.setting_edits import set_notes, set_settings, set_song, set_title
from tests.documents import an_analysis, dancer

SAD = Settings(sorrow=Curve((0.0, 4.0), (0.0, 1.0)))


def test_settings_of_the_piece_and_of_a_clip_are_apart():
    document = Document(tracks=(dancer(40, 40),))

    of_clip = set_settings(document, SAD, "clip 1")
    of_piece = set_settings(document, SAD)

    assert (of_clip.settings, of_clip.clip("clip 1")[1].settings) == (Settings(), SAD)
    assert (of_piece.settings, of_piece.clip("clip 1")[1].settings) == (SAD, None)


def test_no_settings_are_those_from_above():
    document = set_settings(set_settings(Document(tracks=(dancer(40),)), SAD), SAD, "clip 0")

    assert set_settings(document, None, "clip 0").clip("clip 0")[1].settings is None
    assert set_settings(document, None).settings == Settings()


def test_the_settings_of_a_locked_clip_stay():
    document = set_clip_locked(Document(tracks=(dancer(40),)), "clip 0", True)

    with pytest.raises(EditRefused, match="unlock it first"):
        set_settings(document, SAD, "clip 0")


def test_another_song_has_its_own_beats():
    document = shift_downbeat(Document(analysis=an_analysis()), 1)
    song, heard = Song("waltz.wav", "f" * 64, 8.0), an_analysis(beats_per_bar=3)

    document = set_song(document, song, heard)

    assert (document.song, document.analysis, document.corrected) == (song, heard, None)
    assert document.music is heard


def test_title_and_notes():
    document = set_notes(set_title(Document(), " Nocturne "), "slow\n")

    assert (document.title, document.notes) == ("Nocturne", "slow\n")
    with pytest.raises(EditRefused, match="needs a title"):
        set_title(document, " ")
