"""Motion files brought into the piece through the dialog: preview, report, and what becomes of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QComboBox

from app.dialogs.import_motion import DANCER, REFERENCE, STYLE, TAKE, ImportDialog
from app.rigs import own_maps_folder
from app.screen import has_screen
from app.settings import library_folder
from app.window.files import MOTION_ENDINGS
from app.window.main_window import EditorWindow
from editor.document.assemble import assemble_local
from editor.timeline.heads import DancerHead
from engine.formats import bvh, importers
from engine.generation.training.corpus.library import clips, remove
from engine.generation.training.dataset import load_motion
from tests.app.window.windows import editor_window, wait_for
from tests.engine.import_samples import aist_motion, bent_elbow_poses, danced

pytestmark = [pytest.mark.gl, pytest.mark.skipif(not has_screen(), reason="no screen to open a window on")]


@pytest.fixture(scope="module")
def shared(qapp, tmp_path_factory) -> Iterator[EditorWindow]:
    with editor_window(tmp_path_factory.mktemp("home"), reduce_motion=True) as window:
        window.begin(None, opens_demo=True)
        yield window


@pytest.fixture
def window(shared, qtbot) -> EditorWindow:
    shared.desk.transport.pause()
    shared.desk.piece.open_demo()
    shared.messages.clear()
    return shared


@pytest.fixture
def walk(tmp_path) -> Path:
    bvh.write(tmp_path / "walk.bvh", danced(90))
    return tmp_path / "walk.bvh"


def in_dialog(do: Callable[[ImportDialog], None]) -> None:
    """Do something in the import dialog once it has read its file, or says why not."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        is_there = isinstance(dialog, ImportDialog) and dialog._job is None and not dialog._settling.isActive()
        if is_there:
            do(dialog)
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(0, look)


def choose(combo: QComboBox, data: str) -> None:
    combo.setCurrentIndex(combo.findData(data))


Act = Callable[[ImportDialog], None]


def pressing_import(use: str, more: Act = lambda dialog: None) -> Act:
    def do(dialog: ImportDialog) -> None:
        choose(dialog.uses, use)
        more(dialog)
        assert dialog.import_button.isEnabled()
        dialog.import_button.click()

    return do


def test_the_endings_that_are_offered_are_those_that_are_read():
    assert set(MOTION_ENDINGS) == set(importers.endings())


def test_a_dropped_motion_becomes_a_dancer_in_one_step(window, walk):
    n = len(window.desk.session.document.tracks)
    before = window.desk.session.document
    in_dialog(pressing_import(DANCER))
    data, nothing = QMimeData(), Qt.KeyboardModifier.NoModifier
    data.setUrls([QUrl.fromLocalFile(str(walk))])
    place, actions, button = QPointF(400, 300), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    QApplication.sendEvent(window, QDragEnterEvent(place.toPoint(), actions, data, button, nothing))
    QApplication.sendEvent(window, QDropEvent(place, actions, data, button, nothing))
    wait_for(lambda: len(window.desk.session.document.tracks) == n + 1)

    track = window.desk.session.document.tracks[-1]
    assert (track.name, track.clips[0].take.kind) == ("walk", "imported")
    assert not track.is_reference
    assert window.desk.session.active_track_id == track.id
    assert window.desk.session.history.undo_labels[0] == "import walk"
    window.desk.session.history.undo()
    assert window.desk.session.document is before


def test_a_reference_is_a_ghost_on_the_stage_and_in_no_export(window, walk):
    from app.exports import performance_of

    n_dancers = len(window.desk.session.document.dancers)
    in_dialog(pressing_import(REFERENCE))
    window.wiring.files.open_path(walk)

    document = window.desk.session.document
    view = window.desk.stage.view_at(1.0)
    assert document.tracks[-1].is_reference
    assert [ghost.label for ghost in view.ghosts if ghost.kind == "preview"] == ["walk"]
    assert "walk" not in [figure.name for figure in view.figures]
    assert len(performance_of(document).dancers) == len(document.dancers) == n_dancers
    heads = window.timeline.findChildren(DancerHead)
    head = next(h for h in heads if h.track_id == document.tracks[-1].id)
    assert "reference" in head.accessibleDescription()


def test_a_take_takes_the_length_of_the_selection(window, walk):
    session = window.desk.session
    track = session.document.tracks[0]
    session.select(track.id, 60, 120)
    before = assemble_local(track, session.document.n_frames)
    in_dialog(pressing_import(TAKE, lambda dialog: choose(dialog.fit, "stretch")))

    window.wiring.files.open_path(walk)

    changed = session.document.track(track.id)
    clip = changed.clips_in(60, 61)[0]
    after = assemble_local(changed, session.document.n_frames)
    assert (clip.start_frame, clip.end_frame, clip.take.name) == (60, 120, "walk")
    assert np.array_equal(after.local_rotations[:60], before.local_rotations[:60])
    assert np.array_equal(after.root_positions_m[:60], before.root_positions_m[:60])


def test_without_a_selection_no_take_is_offered(window, walk):
    window.desk.session.select_nothing()
    offered: list[str] = []

    def look(dialog: ImportDialog) -> None:
        offered.extend(str(dialog.uses.itemData(i)) for i in range(dialog.uses.count()))
        dialog.reject()

    in_dialog(look)
    assert not window.wiring.files.open_path(walk)
    assert offered == [DANCER, REFERENCE, STYLE]


def test_the_dialog_shows_the_joint_map_the_report_and_the_motion(window, tmp_path):
    aist_motion(tmp_path / "gBR_sBM_cAll.pkl")
    seen: dict[str, object] = {}

    def look(dialog: ImportDialog) -> None:
        seen["report"] = dialog.report.toPlainText()
        seen["joints"] = {ours: choice.currentText() for ours, choice in dialog.joints.choices.items()}
        seen["frames"] = dialog.preview.slider.maximum() + 1
        dialog.reject()

    in_dialog(look)
    window.wiring.files.open_path(tmp_path / "gBR_sBM_cAll.pkl")

    assert "60 frames a second" in str(seen["report"])
    assert seen["joints"]["LeftForeArm"] == "left_elbow"
    assert seen["frames"] == 30


def odd_walk(tmp_path: Path) -> Path:
    """A body whose joints have numbers for names, which only their shape tells."""
    motion = danced(60)
    names = tuple(f"b{i:02d}" for i in range(motion.skeleton.n_joints))
    odd = replace(motion, skeleton=replace(motion.skeleton, names=names))
    bvh.write(tmp_path / "odd.bvh", odd)
    return tmp_path / "odd.bvh"


def test_a_joint_that_is_chosen_by_hand_is_read_at_once_and_the_map_is_kept_for_the_next_such_file(window, tmp_path):
    path, seen = odd_walk(tmp_path), {}

    def swap(dialog: ImportDialog) -> None:
        dialog.tabs.setCurrentWidget(dialog.joints)
        seen["guess"] = dialog.fitted.report.rig_how
        hand = dialog.joints.choices["LeftFingerBase"]
        hand.setCurrentIndex(0)
        hand.activated.emit(0)
        in_dialog(keep)

    def keep(dialog: ImportDialog) -> None:
        seen["by hand"] = dialog.fitted.report.invented
        assert dialog.rig.currentText() == "by hand"
        dialog.joints.name.setText("Odd suit")
        dialog.joints.keep_button.click()
        in_dialog(leave)

    def leave(dialog: ImportDialog) -> None:
        seen["kept"] = dialog.rig.currentText()
        dialog.reject()

    def again(dialog: ImportDialog) -> None:
        seen["again"] = (dialog.fitted.report.rig, dialog.fitted.report.rig_how, dialog.fitted.report.invented)
        dialog.reject()

    in_dialog(swap)
    window.wiring.files.open_path(path)
    in_dialog(again)
    window.wiring.files.open_path(path)

    assert seen["guess"] == "by shape"
    assert "LeftFingerBase" in seen["by hand"]
    assert seen["kept"] == "Odd suit (yours)"
    assert seen["again"] == ("Odd suit", "known", seen["by hand"])
    (own_maps_folder() / "odd_suit.toml").unlink()


def test_a_joint_plays_one_of_ours_and_a_map_without_limbs_says_so_and_can_be_mended(window, tmp_path):
    seen = {}

    def take_away(dialog: ImportDialog) -> None:
        joints = dialog.joints
        at = joints.choices["LeftForeArm"].findData(joints.choices["RightForeArm"].currentData())
        joints.choices["LeftForeArm"].setCurrentIndex(at)
        joints.choices["LeftForeArm"].activated.emit(at)
        in_dialog(look)

    def look(dialog: ImportDialog) -> None:
        seen["said"], seen["other"] = dialog.note.text(), dialog.joints.choices["RightForeArm"].currentData()
        assert not dialog.import_button.isEnabled()
        dialog.joints.guess_button.click()
        in_dialog(mended)

    def mended(dialog: ImportDialog) -> None:
        seen["mended"] = dialog.joints.choices["RightForeArm"].currentData()
        assert dialog.import_button.isEnabled()
        dialog.reject()

    in_dialog(take_away)
    window.wiring.files.open_path(odd_walk(tmp_path))

    assert "RightForeArm" in seen["said"]
    assert seen["other"] == ""
    assert seen["mended"]


def test_a_map_of_hers_that_is_damaged_is_left_out_in_a_sentence(window, walk):
    folder = own_maps_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "broken.toml").write_text("name = ", "utf-8")
    said = []
    window.desk.session.said.connect(lambda text, severity: said.append(text))
    in_dialog(lambda dialog: dialog.reject())

    window.wiring.files.open_path(walk)

    (folder / "broken.toml").unlink()
    assert any("broken.toml" in text for text in said)


def test_an_option_that_changes_is_read_again(window, walk):
    frames: list[int] = []

    def slower(dialog: ImportDialog) -> None:
        frames.append(dialog.preview.slider.maximum() + 1)
        dialog.options.controls["rate_hz"].setValue(15.0)
        in_dialog(after)

    def after(dialog: ImportDialog) -> None:
        frames.append(dialog.preview.slider.maximum() + 1)
        dialog.reject()

    in_dialog(slower)
    window.wiring.files.open_path(walk)

    assert frames == [90, 180]


@pytest.mark.parametrize(("name", "content"), [("leap.bvh", b"HIERARCHY of nothing"), ("gone.fbx", None)])
def test_a_file_that_cannot_be_read_is_a_sentence_in_the_dialog(window, tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    said: list[str] = []

    def look(dialog: ImportDialog) -> None:
        said.append(dialog.note.text())
        assert not dialog.import_button.isEnabled()
        dialog.reject()

    in_dialog(look)
    window.wiring.files.open_path(tmp_path / name)

    assert said[0].startswith(name)


def test_style_material_needs_consent_and_is_kept_with_it(window, tmp_path):
    bvh.write(tmp_path / "phrase.bvh", danced(120))

    def fill(dialog: ImportDialog) -> None:
        choose(dialog.uses, STYLE)
        assert not dialog.import_button.isEnabled()
        assert "consent" in dialog.note.text()
        assert "command line" in dialog._says.text()
        dialog.style_name.setText("contemporary")
        dialog.consent.setText("danced by Ana, who agreed")
        dialog.import_button.click()

    before = window.desk.session.document
    in_dialog(fill)
    window.wiring.files.open_path(tmp_path / "phrase.bvh")
    wait_for(lambda: bool(clips(library_folder())))

    [entry] = clips(library_folder())
    motion, _, _, observed = load_motion(library_folder(), entry["name"])
    assert (entry["style"], entry["consent"], entry["source"]) == (
        "contemporary", "danced by Ana, who agreed", "phrase.bvh"
    )  # fmt: skip
    assert motion.n_frames == entry["n_frames"]
    assert observed.all()
    assert window.desk.session.document is before
    wait_for(lambda: window.messages.message is not None and "style library" in window.messages.message.sentence)
    remove(library_folder(), entry["name"])
    assert clips(library_folder()) == []


def test_the_library_is_listed_on_the_command_line(tmp_path, monkeypatch, capsys):
    from app.__main__ import main
    from engine.formats.importers import ImportOptions, read
    from engine.generation.training.corpus.library import add

    monkeypatch.setenv("KINETOGRAPH_HOME", str(tmp_path))
    poses = bent_elbow_poses(n_frames=180)
    imported, options = read(aist_motion(tmp_path / "a.pkl", poses)), ImportOptions()
    for _ in range(2):
        add(library_folder(), imported, 0, (), options, rig=None, style="mine", consent="I agree", made_at="now")

    assert main(["data", "library"]) == 0
    told = capsys.readouterr().out
    assert "a_2" in told
    assert "mine: I agree" in told
    assert main(["data", "library", "--remove", "a"]) == 0
    assert [e["name"] for e in json.loads((library_folder() / "index.json").read_text())["clips"]] == ["a_2"]
    assert main(["data", "library", "--remove", "a"]) == 1
