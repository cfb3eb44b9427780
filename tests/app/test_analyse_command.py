"""`kinetograph analyse`: what it prints, and how it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from app.__main__ import main
from app.commands.analyse import JSON_HELP, clock
from engine.music import MusicAnalysis
from tests.songs import RATE_HZ, band_song


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setattr("engine.music.cache.default_cache_dir", lambda: tmp_path / "cache")


@pytest.fixture
def song_file(tmp_path):
    soundfile.write(tmp_path / "my song.wav", band_song(120, "rock", 8).audio.samples.T, RATE_HZ)
    return tmp_path / "my song.wav"


def test_the_summary_tells_tempo_meter_sections_and_emotion(song_file, capsys):
    assert main(["analyse", str(song_file)]) == 0

    out, err = capsys.readouterr()
    assert "my song.wav" in out
    assert "120.0 BPM, steady" in out
    assert "4/4" in out
    assert "A   development" in out
    assert all(name in out for name in ("joy", "sorrow", "tension", "serenity"))
    assert err == ""


def test_json_is_one_object_with_every_field_that_the_help_names(song_file, capsys):
    assert main(["analyse", str(song_file), "--json"]) == 0

    data = json.loads(capsys.readouterr().out)
    assert data["song"] == str(song_file)
    assert data["count_of_eight"][:9] == [1, 2, 3, 4, 5, 6, 7, 8, 1]
    assert len(data["downbeat_times_s"]) == 8
    assert all(name in JSON_HELP for name in data)
    assert MusicAnalysis.from_dict(data).tempo_bpm == pytest.approx(120, rel=0.01)


def test_the_grid_can_be_heard_seen_and_handed_on(song_file, tmp_path, capsys):
    from PIL import Image

    clicks, picture, beats = (tmp_path / name for name in ("out.wav", "out.png", "out.csv"))

    given = ["--clicks", str(clicks), "--picture", str(picture), "--beats", str(beats)]
    assert main(["analyse", str(song_file), *given]) == 0

    sound, rate_hz = soundfile.read(clicks)
    first = round(float(beats.read_text().split(",")[0]) * rate_hz)
    assert np.abs(sound[first : first + 400]).max() > 0.4
    with Image.open(picture) as seen:
        assert seen.size[0] == 1600
    assert beats.read_text().splitlines()[4].endswith(",2.1")
    assert "120.0 BPM" in capsys.readouterr().out


def test_a_sound_without_beats_is_told_as_such(tmp_path, capsys):
    soundfile.write(tmp_path / "silence.wav", np.zeros(RATE_HZ * 3), RATE_HZ)

    assert main(["analyse", str(tmp_path / "silence.wav"), "--picture", str(tmp_path / "silence.png")]) == 0

    assert "none to be found" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "content"), [("gone.wav", None), ("words.wav", b"no sound"), ("empty.wav", b"")])
def test_what_is_no_song_is_refused_in_one_line(tmp_path, capsys, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content)

    assert main(["analyse", str(tmp_path / name), "--json"]) == 1

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"kinetograph: {name}: ")
    assert err.count("\n") == 1


def test_a_call_without_a_song_is_a_mistake_in_the_call():
    with pytest.raises(SystemExit) as left:
        main(["analyse"])

    assert left.value.code == 2


def test_times_are_written_as_minutes_and_seconds():
    assert [clock(t) for t in (0.0, 59.96, 67.5, 600.0)] == ["0:00.0", "1:00.0", "1:07.5", "10:00.0"]
