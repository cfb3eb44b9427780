"""A project file that is damaged or hostile only ever gives a sentence, and what can be read of it comes back."""

from __future__ import annotations

import contextlib
import io
import json
import random
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.document.document import Document
from editor.document.project_file import ProjectFileError, load_project, salvage, save_project
from tests.projects import a_piece, reopened, rewritten, takes_of


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Document]:
    """The piece and its file, which tests leave as it is."""
    path = tmp_path_factory.mktemp("saved") / "night.kino"
    save_project(path, a_piece())
    return path, load_project(path)


# --- hostile files --------------------------------------------------------------------------


def _clip(data: dict[str, Any]) -> dict[str, Any]:
    return data["document"]["tracks"][0]["clips"][0]


def _at(*keys: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    """A change of one value of the document."""

    def change(data: dict[str, Any]) -> None:
        part = data["document"]
        for key in keys[:-1]:
            part = part[key]
        part[keys[-1]] = value

    return change


_FIRST = ("tracks", 0, "clips", 0)
_MOTION = (*_FIRST, "takes", 0, "motion")


def _make_endless(data: dict[str, Any]) -> None:
    """Little to read, and much to lay out: many dancers who go round and round for hours."""
    track, clip = data["document"]["tracks"][0], _clip(data) | {"is_looped": True, "n_frames": 600_000}
    tracks = [track | {"id": f"t{i}", "clips": [clip | {"id": f"c{i}"}]} for i in range(5)]
    data["document"]["tracks"] = tracks


HOSTILE = {
    "an active take that is not there": _at(*_FIRST, "active", value=3),
    "a negative active take": _at(*_FIRST, "active", value=-1),
    "no takes": _at(*_FIRST, "takes", value=[]),
    "clips over each other": _at(*_FIRST, "n_frames", value=21),
    "a clip before the piece": _at(*_FIRST, "start_frame", value=-1),
    "a clip of years": _at(*_FIRST, "n_frames", value=10**12),
    "dancers without end": _make_endless,
    "a number beyond all": _at(*_FIRST, "start_frame", value=10**300),
    "a fraction of a frame": _at(*_FIRST, "start_frame", value=0.5),
    "yes for a number": _at(*_FIRST, "start_frame", value=True),
    "a number for yes": _at(*_FIRST, "is_looped", value=1),
    "no speed": _at(*_FIRST, "speed", value=0.0),
    "infinite speed": _at(*_FIRST, "speed", value=float("inf")),
    "not a number": _at("tracks", 0, "place", "x_m", value=float("nan")),
    "an id twice": _at("tracks", 1, "id", value="ann"),
    "a clip's id twice": _at("tracks", 1, "clips", 0, "id", value="clip 0"),
    "two takes of one id": _at(*_FIRST, "takes", 1, "id", value="third"),
    "a path out of the file": _at(*_MOTION, "root_positions_m", value="../../../etc/passwd"),
    "an absolute path": _at(*_MOTION, "root_positions_m", value="/etc/passwd"),
    "an entry that is not there": _at(*_MOTION, "root_positions_m", value=f"arrays/{'0' * 64}.npy"),
    "another entry's shape": _at(*_MOTION, "skeleton", value={"names": ["a"], "parents": "x", "offsets_m": "y"}),
    "no skeleton": _at(*_MOTION, "skeleton", value=7),
    "another frame rate": _at(*_MOTION, "frame_rate_hz", value=0),
    "a text for a motion": _at(*_MOTION[:-1], "motion", value="motion"),
    "tracks that are none": _at("tracks", value={"a": 1}),
    "a track that is none": _at("tracks", value=[None]),
    "a part of the body that is none": _at("settings", "locked_parts", value=["tail"]),
    "a curve without points": _at("settings", "joy", value={"times_s": [], "values": []}),
    "a curve that goes back": _at("settings", "joy", value={"times_s": [2, 1], "values": [0, 0]}),
    "a path of three numbers": _at("settings", "path_m", value=[[0, 0, 0]]),
    "a song of years": _at("song", "duration_s", value=1e9),
    "music without beats per bar": _at("analysis", "beats_per_bar", value=0),
    "music of another length": _at("analysis", "valence", value="arrays/" + "0" * 64 + ".npy"),
    "no document": lambda d: d.pop("document") and None,
    "a list of entries that is none": lambda d: d.update(entries=[1, 2]),
    "an entry of negative size": lambda d: [row.update(size=-1) for row in d["entries"].values()] and None,
    "an entry of another hash": lambda d: [row.update(sha256="0" * 64) for row in d["entries"].values()] and None,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_that_makes_no_sense_gives_a_sentence(saved, tmp_path, what):
    path = rewritten(saved[0], tmp_path / "night.kino", HOSTILE[what])

    with pytest.raises(ProjectFileError, match=r"^night\.kino: .*can be restored$"):
        load_project(path)
    try:
        rest = salvage(path)
    except ProjectFileError:
        return
    assert rest.lost or "id twice" in what  # parts get ids of their own, and nothing is lost
    assert reopened(rest.document, tmp_path) == rest.document


def _archive(**entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "."), content)
    return file.getvalue()


def _bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.json", b"0" * 50_000_000)
    return file.getvalue()


STRANGE = {
    "nothing": b"",
    "text": b"This is a letter.",
    "an empty zip": _archive(),
    "a zip of something else": _archive(letter__txt=b"Dear"),
    "a zip bomb": _bomb(),
    "JSON that is none": _archive(project__json=b"{"),
    "a list": _archive(project__json=b"[]"),
    "nested without end": _archive(project__json=b"[" * 200_000),
    "a number without end": _archive(project__json=b'{"schema":' + b"9" * 100_000 + b"}"),
    "an end of a zip that points anywhere": b"PK\x05\x06" + b"\xff" * 18,
    "names that are no text": _archive(project__json=b"{}").replace(b"project.json", b"proj\xff\xfe.json"),
}


@pytest.mark.parametrize("data", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("read", [load_project, salvage])
def test_a_strange_file_gives_a_sentence(tmp_path, data, read):
    (tmp_path / "a.kino").write_bytes(data)
    with pytest.raises(ProjectFileError, match=r"^a\.kino: "):
        read(tmp_path / "a.kino")


@pytest.mark.parametrize("read", [load_project, salvage])
def test_what_is_no_file_gives_a_sentence(tmp_path, read):
    for path in (tmp_path / "gone.kino", tmp_path):
        with pytest.raises(ProjectFileError, match="could not be"):
            read(path)


@pytest.mark.parametrize(
    "array",
    [
        np.array([print, len], dtype=object),
        np.zeros((4, 3), dtype=np.complex128),
        np.zeros((4, 3), order="F"),
        np.zeros(3, dtype=[("a", "<f8")]),
    ],
    ids=["pickled", "complex", "columns", "records"],
)
def test_an_array_of_another_kind_is_refused(saved, tmp_path, array):
    def change(data: dict[str, Any]) -> None:
        name = _clip(data)["takes"][0]["motion"]["root_positions_m"]
        buffer = io.BytesIO()
        np.save(buffer, array)
        entries[name] = buffer.getvalue()

    entries: dict[str, bytes] = {}
    path = rewritten(saved[0], tmp_path / "a.kino", change)
    path = rewritten(path, tmp_path / "b.kino", lambda d: None, **entries)
    with pytest.raises(ProjectFileError, match="motion of the take 'Take 1'"):
        load_project(path)


# --- damage ---------------------------------------------------------------------------------


def _damaged(data: bytes, seed: int) -> bytes:
    """Some bytes changed, a stretch overwritten or removed, or the end cut off."""
    rng = random.Random(seed)
    out = bytearray(data)
    kind = rng.randrange(4)
    at = rng.randrange(len(out))
    if kind == 0:
        for _ in range(rng.randrange(1, 9)):
            out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    elif kind == 1:
        out[at : at + rng.randrange(1, 600)] = rng.randbytes(rng.randrange(1, 600))
    elif kind == 2:
        del out[at:]
    else:
        out[at : at + rng.randrange(1, 5000)] = bytes(rng.randrange(1, 5000))
    return bytes(out)


@given(st.integers(0, 2**32))
def test_a_damaged_file_gives_a_sentence_or_the_piece_itself(saved, tmp_path_factory, seed):
    path = tmp_path_factory.getbasetemp() / "damaged.kino"
    path.write_bytes(_damaged(saved[0].read_bytes(), seed))

    with contextlib.suppress(ProjectFileError):
        assert load_project(path) == saved[1]
    try:
        rest = salvage(path)
    except ProjectFileError:
        return
    known = {t.id: t for t in takes_of(saved[1])}
    is_doubtful = any(sentence.startswith("The description of the piece is damaged") for sentence in rest.lost)
    assert is_doubtful or all(known.get(t.id) == t for t in takes_of(rest.document))
    assert reopened(rest.document, path.parent) == rest.document


@given(st.integers(0, 2**32))
def test_json_with_anything_in_it_gives_a_sentence_or_a_piece(saved, tmp_path_factory, seed):
    rng = random.Random(seed)
    odd = [None, True, -1, 0, 3, 10**20, 0.5, 1e300, "", "x", [], {}, [[]], {"a": 1}, "arrays/" + "0" * 64 + ".npy"]

    def change(data: dict[str, Any]) -> None:
        part: Any = data
        while True:
            keys = list(part) if isinstance(part, dict) else list(range(len(part)))
            key = rng.choice(keys)
            if not isinstance(part[key], dict | list) or not part[key] or rng.random() < 0.1:
                part[key] = rng.choice(odd)
                return
            part = part[key]

    folder = tmp_path_factory.getbasetemp()
    path = rewritten(saved[0], folder / "odd.kino", change)
    for read in (load_project, lambda p: salvage(p).document):
        try:
            document = read(path)
        except ProjectFileError:
            continue
        assert reopened(document, folder) == document


def _without(path: Path, target: Path, name: str) -> Path:
    """The file with the bytes of one entry spoilt where they lie."""
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(name)
    start = info.header_offset + 30 + len(name)
    for at in (start + info.file_size // 2, start + info.file_size - 1):
        data[at] ^= 0xFF
    target.write_bytes(bytes(data))
    return target


def _entry_of(path: Path, take_id: str) -> str:
    with zipfile.ZipFile(path) as archive:
        data = json.loads(archive.read("project.json"))
    takes = [t for track in data["document"]["tracks"] for clip in track["clips"] for t in clip["takes"]]
    return next(t["motion"]["local_rotations"] for t in takes if t["id"] == take_id)


def test_salvage_of_a_whole_file_loses_nothing(saved):
    rest = salvage(saved[0])
    assert rest.document == saved[1]
    assert rest.lost == ()


def test_a_take_that_is_spoilt_is_left_out_and_the_active_one_stays(saved, tmp_path):
    path = _without(saved[0], tmp_path / "a.kino", _entry_of(saved[0], "second"))

    with pytest.raises(ProjectFileError, match=r"'Take 2' of the clip at 0\.0 s of the dancer 'Ann' is damaged"):
        load_project(path)
    rest = salvage(path)

    clip = rest.document.tracks[0].clips[0]
    assert [t.name for t in clip.takes] == ["Take 1", "Take 3"]
    assert clip.take.name == "Take 3"
    assert len(rest.lost) == 1
    assert "the take 'Take 2' was left out" in rest.lost[0]


def test_a_clip_all_of_whose_takes_are_spoilt_is_left_out_wherever_it_is(saved, tmp_path):
    shared = saved[1].tracks[1].clips[0].take
    path = _without(saved[0], tmp_path / "a.kino", _entry_of(saved[0], shared.id))

    rest = salvage(path)

    assert [len(track.clips) for track in rest.document.tracks] == [1, 0]
    assert rest.document.tracks[0].clips[0] == saved[1].tracks[0].clips[0]


def test_a_song_that_is_spoilt_leaves_the_dance(saved, tmp_path):
    with zipfile.ZipFile(saved[0]) as archive:
        song = next(n for n in archive.namelist() if n.startswith("songs/"))
    rest = salvage(_without(saved[0], tmp_path / "a.kino", song))

    assert rest.document == replace(saved[1], song=replace(saved[1].song, data=None))
    assert len(rest.lost) == 1


@pytest.mark.parametrize("name", ["project.json", "project.copy.json"])
def test_one_spoilt_description_loses_nothing(saved, tmp_path, name):
    path = _without(saved[0], tmp_path / "a.kino", name)
    assert salvage(path).document == saved[1]
    assert salvage(path).lost == ()


def test_a_file_without_its_end_gives_what_lies_before(saved, tmp_path):
    data = saved[0].read_bytes()
    path = tmp_path / "a.kino"
    path.write_bytes(data[: data.index(b"songs/", data.index(b"PK", 10)) - 30])

    rest = salvage(path)

    assert rest.document.tracks == saved[1].tracks
    assert rest.document.song == replace(saved[1].song, data=None)
