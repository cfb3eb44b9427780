"""`kinetograph check`: exit codes, JSON, page."""

from __future__ import annotations

import base64
import json
import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from app.__main__ import main
from app.check_page import MARKS
from engine.formats import bvh
from tests.benchmarks.bench_structure import demo_dances
from tests.dances import walk
from tests.engine.structure.planted import KINDS


@pytest.fixture
def broken(tmp_path):
    path = tmp_path / "broken.bvh"
    dance = demo_dances()[0].slice(300, 660)
    bvh.write(path, KINDS["head like an owl's"][1](dance, np.random.default_rng(3)).motion)
    return path


def test_a_clean_motion_ends_with_0(tmp_path, capsys):
    path = tmp_path / "walk.bvh"
    bvh.write(path, walk(6.0)[0])

    assert main(["check", str(path)]) == 0
    assert "clean" in capsys.readouterr().out


def test_findings_end_with_3_and_are_told_in_sentences(broken, capsys):
    assert main(["check", str(broken)]) == 3
    assert "head is turned by" in capsys.readouterr().out.lower()


def test_json_holds_every_finding(broken, capsys):
    assert main(["check", str(broken), "--json"]) == 3
    told = json.loads(capsys.readouterr().out)

    finding = next(f for f in told["findings"] if f["rule"] == "neck_turn")
    assert finding["joints"] == ["Head"]
    assert abs(finding["measured"]) > abs(finding["limit"])


def test_the_page_stands_alone_and_names_the_rule(broken, tmp_path):
    page = tmp_path / "report.html"

    assert main(["check", str(broken), "--html", str(page)]) == 3
    text = page.read_text("utf-8")
    assert "Head turned too far" in text
    assert "http" not in text


def test_the_page_has_a_picture_of_every_finding_with_its_joints_ringed(broken, tmp_path):
    page = tmp_path / "report.html"
    main(["check", str(broken), "--html", str(page)])

    text = page.read_text("utf-8")
    pictures = re.findall(r"base64,([A-Za-z0-9+/=]+)", text)

    assert len(pictures) == text.count("<section") > 0
    assert all(_ringed(picture) > 30 for picture in pictures)


def _ringed(picture: str) -> int:
    """How many pixels of a picture have the colour of a ring."""
    pixels = np.asarray(Image.open(BytesIO(base64.b64decode(picture))).convert("RGB")).astype(int)
    colours = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in MARKS.values()])
    return int((np.abs(pixels[:, :, np.newaxis] - colours).max(axis=-1) < 30).any(axis=-1).sum())


def test_a_slide_that_is_meant_is_not_told(tmp_path, capsys):
    path = tmp_path / "slide.bvh"
    planted = KINDS["standing foot slides"][1](demo_dances()[0].slice(300, 660), np.random.default_rng(3))
    bvh.write(path, planted.motion)
    span = f"{planted.start_frame / 30.0 - 0.5}-{planted.end_frame / 30.0 + 0.5}"

    main(["check", str(path), "--json"])
    found = json.loads(capsys.readouterr().out)["findings"]
    main(["check", str(path), "--json", "--slide", span])
    left = json.loads(capsys.readouterr().out)["findings"]

    assert [f for f in found if f["rule"] != "foot_skating"] == left
    assert len(left) < len(found)


@pytest.mark.parametrize("span", ["3", "5-2", "a-b"])
def test_a_span_that_is_none_is_refused(broken, span):
    with pytest.raises(SystemExit) as left:
        main(["check", str(broken), "--slide", span])
    assert left.value.code == 2


def test_what_is_no_motion_is_refused(tmp_path, capsys):
    path = tmp_path / "empty.bvh"
    path.write_text("nothing")

    assert main(["check", str(path)]) == 1
    assert "empty.bvh" in capsys.readouterr().err


def test_a_style_without_rules_is_refused(broken, capsys):
    assert main(["check", str(broken), "--style", "curling"]) == 1
    assert "curling" in capsys.readouterr().err


@pytest.mark.shared_data
def test_a_foreign_file_that_begins_in_a_t_pose_is_not_blamed_for_it(shared_data, capsys):
    path = next(shared_data.rglob("07_12.bvh"))

    assert main(["check", str(path)]) == 0
    assert "clean" in capsys.readouterr().out
