"""`kinetograph deliver`: the bundle without a window, a version after the other."""

from __future__ import annotations

import pytest

from app.__main__ import main
from app.deliver import DeliverOptions, DeliverOrder, deliver
from app.exports import Dancer, Performance
from engine.formats import bvh
from tests.engine.import_samples import danced
from tests.poses import swinging

BARE = ["--no-video", "--no-cue-sheet", "--no-usd", "--no-bvh", "--no-mesh"]


@pytest.fixture
def capture(tmp_path):
    bvh.write(tmp_path / "walk.bvh", danced(60))
    return tmp_path / "walk.bvh"


def test_a_capture_is_delivered_and_never_over_an_older_version(capture, tmp_path, capsys):
    call = ["deliver", str(capture), "-o", str(tmp_path), "--show", "NIGHT", "--shot", "0040", "--fps", "25", *BARE]

    assert main(call) == 0
    assert main(call) == 0

    names = sorted(path.name for path in tmp_path.iterdir() if path.is_dir())
    assert names == ["NIGHT_010_0040_dance_tk01_v001", "NIGHT_010_0040_dance_tk01_v002"]
    assert (tmp_path / names[1] / f"{names[1].replace('_tk', '_walk_tk')}.fbx").is_file()
    said = capsys.readouterr().out
    assert "[PASS] NIGHT_010_0040_dance_walk_tk01_v002.fbx" in said


@pytest.mark.parametrize(
    ("more", "words"),
    [(["--no-fbx", "--no-lists", "--no-song"], "Nothing is chosen"), (["--template", "{shot}"], "needs {version}")],
)
def test_what_cannot_be_delivered_is_a_sentence(capture, tmp_path, capsys, more, words):
    assert main(["deliver", str(capture), "-o", str(tmp_path), *BARE, *more]) == 1

    assert words in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["walk.bvh"]


@pytest.mark.gl
def test_the_film_goes_along_as_numbered_pictures_where_that_is_wanted(tmp_path):
    performance = Performance("Demo", (Dancer("Ana", swinging(6)),), duration_s=0.2)
    options = DeliverOptions(
        show="N", has_fbx=False, has_bvh=False, has_usd=False, has_video=False, has_cue_sheet=False, has_lists=False,
        has_frames=True, has_safe_frame=True, handles=0, size="1280x720",
    )  # fmt: skip

    made = deliver(DeliverOrder(performance, tmp_path, options), lambda _: None)

    frames = sorted(path.name for path in (made.folder / f"{made.folder.name}_frames").iterdir())
    assert frames == [f"{made.folder.name}_{number}.png" for number in range(1001, 1006)]
    assert f"{made.folder.name}_frames" in (made.folder / "RECEIPT.txt").read_text("utf-8")
