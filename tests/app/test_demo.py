from __future__ import annotations

import av
import pytest
from PIL import Image

from app.commands.demo import write_demo
from app.screen import has_screen
from engine.formats import bvh
from tests.app.demos import short_demo
from tests.poses import swinging


@pytest.mark.gl
def test_the_demo_is_written_as_dance_sheet_and_video(tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()

    write_demo(out, short_demo(tmp_path, swinging(30)), size=(96, 64))

    assert bvh.read(out / "dance.bvh").n_frames == 30
    with Image.open(out / "contact-sheet.png") as sheet:
        assert sheet.size[0] > 500
    with av.open(out / "dance.mp4") as container:
        assert sum(1 for _ in container.decode(video=0)) == 30
        assert len(container.streams.audio) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[-1] for line in lines] == [
        str(out / name) for name in ("dance.bvh", "contact-sheet.png", "dance.mp4")
    ]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False), ({"DISPLAY": "far:10.0"}, True), ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"DISPLAY": "far:10.0", "QT_QPA_PLATFORM": "offscreen"}, False), ({"DISPLAY": ":4711"}, False),
        ({"DISPLAY": "unix:4711.0", "QT_QPA_PLATFORM": "xcb"}, False),
    ],
)  # fmt: skip
def test_a_screen_is_known_by_the_environment(monkeypatch, environment, expected):
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert has_screen() is expected
