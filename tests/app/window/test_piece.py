"""Where a piece meets files: opened, saved, given a song and motion; nothing is mixed up, and nothing is lost."""

from __future__ import annotations

import os
import queue
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.window.piece import Piece, SongMissing, song_file
from editor.document.document import Song
from editor.document.grid_edits import halve_tempo
from editor.document.project_file import load_project, save_project
from editor.document.setting_edits import set_title
from editor.jobs.worker import Worker
from tests.app.window.studio import Studio, studio, write_song
from tests.projects import SONG, a_piece
from tests.songs import RATE_HZ, band_song, click_track

Posted = queue.Queue[Callable[[], None]]


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Iterator[tuple[Worker, Posted]]:
    posted: Posted = queue.Queue()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        worker = Worker(posted.put, "test")
        yield worker, posted
        worker.close()


@pytest.fixture
def desk(shared, tmp_path) -> Iterator[Studio]:
    with studio(*shared, tmp_path / "songs") as made:
        yield made


@pytest.fixture(scope="module")
def songs(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("music")
    beats, band = click_track(120.0, 4.0), band_song(100.0, "rock", 2)
    return {
        "beats": write_song(folder / "beats.wav", beats.audio.samples, RATE_HZ),
        "band": write_song(folder / "band.wav", band.audio.samples, RATE_HZ),
    }


@pytest.fixture
def file(tmp_path) -> Path:
    save_project(tmp_path / "night.kino", a_piece())
    return tmp_path / "night.kino"


# Opening and saving


def test_a_new_piece_has_one_dancer_and_nothing_to_save(desk):
    desk.piece.new()

    assert [track.name for track in desk.document.tracks] == ["Ana"]
    assert desk.piece.is_saved
    assert (desk.piece.path, desk.piece.title) == (None, "Untitled")


def test_what_is_saved_and_opened_again_is_equal(desk, tmp_path):
    desk.piece.new()
    desk.edit("title", lambda d: set_title(d, "Morning"))
    done: list[bool] = []

    desk.piece.save(tmp_path / "piece", lambda: done.append(True))
    assert desk.piece.is_saving
    desk.wait_for(lambda: bool(done))

    assert desk.piece.path == tmp_path / "piece.kino"
    assert desk.piece.is_saved
    saved = desk.document
    assert desk.piece.open(tmp_path / "piece.kino")
    assert desk.document == saved
    assert desk.session.history.undo_labels == ()


def test_an_edit_while_it_is_being_saved_stays_unsaved(desk, tmp_path):
    desk.piece.new()
    desk.edit("title", lambda d: set_title(d, "Morning"))
    desk.piece.save(tmp_path / "piece.kino")
    desk.edit("title", lambda d: set_title(d, "Evening"))

    desk.piece.finish_saving()

    assert not desk.piece.is_saved
    assert load_project(tmp_path / "piece.kino").title == "Morning"
    desk.session.history.undo()
    assert desk.piece.is_saved


def test_a_piece_that_is_left_while_it_is_being_saved_does_not_name_the_next_one(desk, file, tmp_path):
    desk.piece.new()
    desk.edit("title", lambda d: set_title(d, "Morning"))
    desk.piece.save(tmp_path / "morning.kino")

    desk.piece.open(file)

    assert load_project(tmp_path / "morning.kino").title == "Morning"
    assert (desk.piece.path, desk.piece.is_saved) == (file, True)
    assert desk.document.title == "Night"


def test_what_has_just_been_saved_is_what_is_opened(desk, file):
    desk.piece.open(file)
    desk.edit("title", lambda d: set_title(d, "Evening"))
    desk.piece.save(file)

    desk.piece.open(file)

    assert desk.document.title == "Evening"


def test_a_save_that_fails_says_so_and_the_piece_stays_unsaved(desk, tmp_path):
    desk.piece.new()
    desk.edit("title", lambda d: set_title(d, "Morning"))
    (tmp_path / "taken.kino").mkdir()

    desk.piece.save(tmp_path / "taken.kino")
    desk.piece.finish_saving()

    [(sentence, severity)] = desk.said
    assert severity == "error"
    assert "taken.kino" in sentence
    assert (desk.piece.is_saved, desk.piece.is_saving, desk.piece.path) == (False, False, None)


@pytest.mark.parametrize("content", [b"", b"PK no more", None])
def test_a_file_that_is_damaged_or_gone_is_refused_and_the_open_piece_stays(desk, tmp_path, content):
    desk.piece.new()
    before = desk.document
    if content is not None:
        (tmp_path / "broken.kino").write_bytes(content)

    assert not desk.piece.open(tmp_path / "broken.kino")

    assert desk.document is before
    assert desk.said[0][0].startswith("broken.kino")
    assert desk.said[0][1] == "error"


def test_a_large_piece_is_read_beside_the_window_which_says_so(desk, file):
    large = replace(a_piece(), song=Song("song.wav", "d" * 64, 8.0, data=os.urandom(1 << 20) * 24))
    save_project(file, large)

    assert desk.piece.open(file)

    assert desk.document.song.data == large.song.data
    texts = [text for text, _ in desk.working]
    assert texts[0] == "Opening night.kino"
    assert "" in texts
    assert not desk.piece.is_opening
    desk.wait_for(lambda: bool(desk.said))
    assert [text for text, _ in desk.working][-1] == ""  # its song is no sound, and nothing late is shown


def test_while_one_piece_is_being_read_no_other_is_opened(desk, file):
    answers: list[bool] = []
    desk.piece.working.connect(lambda text, _: answers.append(desk.piece.open(file)) if text else None)

    desk.piece.read_meanwhile("Reading", lambda _: None)

    assert answers == [False]


def test_leaving_is_told_before_the_piece_changes_and_opening_after(desk, file):
    heard: list[tuple[str, str]] = []
    for name in ("leaving", "opened"):
        getattr(desk.piece, name).connect(lambda name=name: heard.append((name, desk.document.title)))

    desk.piece.open(file)

    assert heard == [("leaving", "Untitled"), ("opened", "Night")]


def test_the_demo_piece_opens_as_an_unnamed_copy_with_its_sound(desk):
    assert desk.piece.open_demo()
    desk.wait_for(lambda: desk.piece.audio is not None)

    assert (desk.piece.path, desk.piece.is_saved) == (None, True)
    assert len(desk.document.tracks) == 2
    assert desk.piece.audio.duration_s == pytest.approx(desk.document.song.duration_s, abs=0.01)
    assert desk.said == []


# Songs


def choose(desk: Studio, path: Path) -> None:
    done: list[bool] = []
    desk.piece.choose_song(path, lambda: done.append(True))
    desk.wait_for(lambda: bool(done))


def test_a_song_is_read_and_heard_and_becomes_the_piece_s_in_one_step(desk, songs):
    desk.piece.new()
    choose(desk, songs["beats"])

    document = desk.document
    assert document.title == "beats"
    assert document.music.tempo_bpm == pytest.approx(120.0, rel=0.02)
    assert document.song.data == songs["beats"].read_bytes()
    assert desk.session.history.undo_labels == ("dance to beats.wav",)
    assert desk.piece.audio.duration_s == pytest.approx(4.0)
    assert desk.working[-1] == ("", None)
    desk.session.history.undo()
    assert desk.piece.audio is None
    desk.session.history.redo()
    assert desk.piece.audio is not None


def test_of_two_songs_the_one_chosen_last_counts(desk, songs):
    desk.piece.new()
    desk.piece.choose_song(songs["band"])

    choose(desk, songs["beats"])
    desk.background.result_of(lambda: None)

    assert desk.document.song.name == "beats.wav"
    assert len(desk.session.history.undo_labels) == 1


def test_a_song_chosen_for_one_piece_does_not_come_to_another(desk, songs, file):
    desk.piece.new()
    desk.piece.choose_song(songs["band"])
    desk.piece.new()
    choose(desk, songs["beats"])

    assert desk.document.song.name == "beats.wav"
    assert len(desk.session.history.undo_labels) == 1


def test_listening_again_is_one_step_in_which_the_dance_goes_to_the_new_beats(desk, songs):
    desk.piece.new()
    choose(desk, songs["band"])
    heard = desk.document.analysis
    desk.edit("half tempo", halve_tempo)
    halved = desk.document

    desk.piece.listen_again()
    desk.wait_for(lambda: desk.document is not halved)

    assert desk.document.analysis.beat_times_s.tolist() == heard.beat_times_s.tolist()
    assert desk.document.corrected is None
    assert desk.session.history.undo_labels[0] == "listen again"
    assert desk.said[-1][0].startswith("Heard by Kinetograph's own tracker: 100")
    desk.session.history.undo()
    assert desk.document is halved


def test_weights_that_are_none_are_told_and_the_piece_stays_as_it_is(desk, songs, tmp_path):
    pytest.importorskip("beat_this", reason="the extra kinetograph[beats] is not installed")
    desk.piece.new()
    choose(desk, songs["band"])
    before = desk.document
    desk.piece.beat_weights = str(songs["band"])

    desk.piece.listen_again()
    desk.wait_for(lambda: bool(desk.said))

    assert desk.said[0][0].startswith("band.wav does not hold the weights of Beat This!")
    assert desk.document is before


def test_without_a_song_there_is_nothing_to_listen_to_again(desk):
    desk.piece.new()
    desk.piece.listen_again()

    assert "choose one first" in desk.said[0][0]


def test_a_song_is_linked_or_embedded_as_she_likes(desk, songs, tmp_path):
    linked = tmp_path / "my beats.wav"
    linked.write_bytes(songs["beats"].read_bytes())
    desk.piece.new()
    desk.piece.embeds_songs = False
    choose(desk, linked)
    assert (desk.document.song.data, desk.document.song.link) == (None, str(linked))

    desk.piece.embed_song(True)
    assert desk.document.song.data == linked.read_bytes()
    desk.piece.embed_song(False)
    assert desk.document.song.data is None
    assert desk.session.history.undo_labels[:2] == ("link the song", "embed the song")


def test_a_song_that_lies_nowhere_else_stays_embedded(desk, songs, tmp_path):
    moved = tmp_path / "beats.wav"
    moved.write_bytes(songs["beats"].read_bytes())
    desk.piece.new()
    choose(desk, moved)
    moved.unlink()

    desk.piece.embed_song(False)

    assert desk.document.song.data is not None
    assert "nowhere else" in desk.said[0][0]


def test_a_song_that_has_become_another_is_neither_embedded_nor_played(desk, songs, tmp_path):
    linked = tmp_path / "beats.wav"
    linked.write_bytes(songs["beats"].read_bytes())
    desk.piece.new()
    desk.piece.embeds_songs = False
    choose(desk, linked)
    desk.piece.save(tmp_path / "piece.kino")
    desk.piece.finish_saving()
    linked.write_bytes(songs["band"].read_bytes())

    desk.piece.embed_song(True)

    assert desk.document.song.data is None
    assert "no longer the song" in desk.said[0][0]
    with pytest.raises(SongMissing):
        song_file(desk.document.song, desk.piece.path, tmp_path)


def test_a_piece_whose_song_is_missing_opens_silent_and_says_it_once(desk, songs, tmp_path):
    link = str(tmp_path / "gone.wav")
    save_project(tmp_path / "piece.kino", replace(a_piece(), song=Song("gone.wav", "e" * 64, 8.0, link)))
    desk.piece.new()
    choose(desk, songs["beats"])
    heard: list[object] = []
    desk.piece.audio_changed.connect(heard.append)

    desk.piece.open(tmp_path / "piece.kino")
    desk.wait_for(lambda: bool(desk.said))
    desk.edit("title", lambda d: set_title(d, "Silent"))
    desk.background.result_of(lambda: None)

    assert heard == [None]  # the song of the piece before is not heard any more
    assert desk.said == [
        ("The song gone.wav is not where it was; put it beside the project, or link it again in the piece panel.",
         "warning")
    ]  # fmt: skip


def test_a_song_that_was_missing_is_heard_when_it_is_chosen_again(desk, songs, tmp_path):
    linked = tmp_path / "beats.wav"
    linked.write_bytes(songs["beats"].read_bytes())
    desk.piece.new()
    desk.piece.embeds_songs = False
    choose(desk, linked)
    desk.piece.save(tmp_path / "piece.kino")
    desk.piece.finish_saving()
    linked.unlink()
    other = Piece(desk.session, desk.piece._worker, desk.background, tmp_path / "songs")  # has heard nothing yet
    other.open(tmp_path / "piece.kino")
    desk.wait_for(lambda: bool(desk.said))
    assert other.audio is None

    linked.write_bytes(songs["beats"].read_bytes())
    other.embeds_songs = False
    other.choose_song(linked)
    desk.wait_for(lambda: other.audio is not None)


@pytest.mark.parametrize(("name", "content"), [("noise.wav", b"RIFF and so on"), ("gone.wav", None)])
def test_a_song_that_cannot_be_read_is_a_sentence_and_no_step(desk, tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    desk.piece.new()

    desk.piece.choose_song(tmp_path / name)
    desk.wait_for(lambda: bool(desk.said))

    [(sentence, severity)] = desk.said
    assert sentence.startswith(name)
    assert severity == "warning"
    assert desk.session.history.undo_labels == ()
    assert desk.working[-1] == ("", None)


def test_only_the_songs_heard_last_are_kept_in_memory(desk, songs, tmp_path):
    desk.piece.new()
    for number in range(3):
        path = write_song(tmp_path / f"{number}.wav", click_track(120.0, 2.0 + number).audio.samples, RATE_HZ)
        choose(desk, path)

    assert len(desk.piece._heard) == 2
    assert desk.piece.audio is desk.piece._heard[desk.document.song.sha256]


def test_an_embedded_song_is_copied_once_for_those_who_need_a_file(tmp_path):
    song = Song("song.WAV", "f" * 64, 1.0, data=SONG)

    path = song_file(song, None, tmp_path / "songs")

    assert path.read_bytes() == SONG
    assert path.suffix == ".wav"
    assert song_file(song, None, tmp_path / "songs") == path
