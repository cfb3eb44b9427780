"""Where the music of a piece is found, and what is said when it is not."""

from __future__ import annotations

import hashlib
from pathlib import Path

from editor.document.document import Document, Song
from editor.document.song_file import song_path, song_trouble

SONG = b"RIFF and so on" * 50


def _linked(link: Path | str, data: bytes = SONG) -> Document:
    return Document(song=Song("song.wav", hashlib.sha256(data).hexdigest(), 3.0, link=str(link)))


def test_an_embedded_song_is_no_trouble():
    assert song_trouble(Document(song=Song("song.wav", "ab", 3.0, data=SONG))) == ""


def test_a_linked_song_that_is_there_is_no_trouble(tmp_path):
    (tmp_path / "song.wav").write_bytes(SONG)
    assert song_trouble(_linked(tmp_path / "song.wav")) == ""
    assert song_trouble(Document()) == ""


def test_a_linked_song_is_also_found_beside_the_project(tmp_path):
    (tmp_path / "song.wav").write_bytes(SONG)
    document = _linked("/on/another/computer/song.wav")

    assert song_path(document.song, tmp_path / "a.kino") == tmp_path / "song.wav"
    assert song_trouble(document, tmp_path / "a.kino") == ""


def test_a_song_that_is_gone_or_changed_is_said(tmp_path):
    document = _linked(tmp_path / "song.wav")
    assert song_trouble(document).startswith("The song song.wav is not where it was")
    (tmp_path / "song.wav").write_bytes(b"another")
    assert song_trouble(document).startswith("song.wav is no longer the song")
    assert song_path(document.song) is None
