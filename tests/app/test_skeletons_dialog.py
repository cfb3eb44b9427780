"""Skeletons of one's own: copied, renamed, kept as TOML, offered in dialogs and on the command line, deleted."""

from __future__ import annotations

import argparse

import pytest
from PySide6.QtWidgets import QMessageBox

from app.commands import export as export_command
from app.dialogs.export import ExportDialog
from app.dialogs.skeletons import SkeletonsDialog
from app.exports import EXPORTERS, Dancer, Performance, export
from app.rigs import own_targets_folder, target_rigs
from app.settings import HOME_VARIABLE, PreferenceStore
from editor.theme import DARK
from engine.formats.exporters import RIGS
from engine.formats.target_rigs import read_target_rig
from tests.poses import swinging


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Her folder, empty; what is offered is as before afterwards."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    yield tmp_path / "home"
    monkeypatch.undo()
    target_rigs()


@pytest.fixture
def dialog(qtbot):
    made = SkeletonsDialog(None, DARK, "ue5")
    qtbot.addWidget(made)
    made.show()
    return made


def written(dialog, title: str, names: dict[int, str]) -> None:
    dialog.copy_button.click()
    dialog.title.setText(title)
    dialog.title.textEdited.emit(title)
    for row, name in names.items():
        dialog.table.item(row, 1).setText(name)


def test_what_comes_along_can_only_be_looked_at_and_copied(dialog):
    assert not dialog.keep_button.isEnabled()
    assert not dialog.delete_button.isEnabled()
    assert not dialog.title.isEnabled()


def test_a_renamed_copy_is_kept_offered_everywhere_and_written(dialog, tmp_path):
    written(dialog, "Our puppet", {0: "hip_main", 5: "skull"})
    dialog.keep_button.click()

    path = own_targets_folder() / "unreal_engine_5_mannequin_mine.toml"
    rig = read_target_rig(path)
    assert (rig.title, rig.joints["Hips"], rig.joints["Head"]) == ("Our puppet", "hip_main", "skull")
    assert rig.arms_down_deg == 45.0
    assert dialog.chosen == rig.name
    assert RIGS[rig.name] == "Our puppet"
    performance = Performance("Night", (Dancer("Ana", swinging(6)),), duration_s=0.2)
    made = export("FBX", performance, tmp_path / "a.fbx", EXPORTERS["FBX"].options(rig=rig.name), lambda _: None)
    assert made.receipts[0].is_passed
    assert b"hip_main" in (tmp_path / "a.fbx").read_bytes()


def test_the_command_line_offers_it_by_its_name(dialog):
    written(dialog, "Our puppet", {0: "hip_main"})
    dialog.keep_button.click()
    parser = argparse.ArgumentParser()

    export_command.add_arguments(parser)

    assert parser.parse_args(["a.bvh", "-o", "a.fbx", "--rig", dialog.chosen]).rig == dialog.chosen


@pytest.mark.parametrize(
    ("names", "words"),
    [({0: ""}, "lacks Hips"), ({0: "a b"}, "is no name for a joint"), ({0: "head"}, "Two joints are called 'head'")],
)
def test_what_cannot_be_is_said_in_a_sentence_and_not_kept(dialog, names, words):
    written(dialog, "Odd", names)

    assert words in dialog.note.text()
    assert not dialog.keep_button.isEnabled()


def test_root_and_rest_pose_are_chosen(dialog):
    written(dialog, "Standing", {})
    dialog.root.setCurrentIndex(dialog.root.findData("none"))
    dialog.root.activated.emit(dialog.root.currentIndex())
    dialog.rest.setCurrentIndex(0)
    dialog.rest.activated.emit(0)
    dialog.legs.setValue(0.0)
    dialog.keep_button.click()

    rig = target_rigs()[dialog.chosen]
    assert rig.root is None
    assert rig.is_t_pose


def test_a_deleted_one_is_offered_no_more(dialog, monkeypatch):
    written(dialog, "Our puppet", {0: "hip_main"})
    dialog.keep_button.click()
    name = dialog.chosen
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)

    dialog.delete_button.click()

    assert name not in target_rigs()
    assert name not in RIGS
    assert not list(own_targets_folder().iterdir())


def test_a_damaged_file_is_said_in_a_sentence_here_and_on_the_command_line(home, qtbot, capsys):
    own_targets_folder().mkdir(parents=True)
    (own_targets_folder() / "broken.toml").write_text("[joints]\nHips = 3", "utf-8")
    made = SkeletonsDialog(None, DARK)
    qtbot.addWidget(made)

    export_command.add_arguments(argparse.ArgumentParser())

    assert "broken.toml" in made.note.text()
    assert capsys.readouterr().err.startswith("kinetograph: broken.toml: ")


def test_the_export_dialog_chooses_the_one_that_was_made(dialog, qtbot, tmp_path):
    shown = ExportDialog(None, DARK, PreferenceStore(tmp_path / "store"), Performance(
        "Night", (Dancer("Ana", swinging(6)),), duration_s=0.2), lambda _: None)  # fmt: skip
    qtbot.addWidget(shown)
    shown.choose("glTF")
    written(dialog, "Our puppet", {0: "hip_main"})
    dialog.keep_button.click()

    shown._choose_rig(dialog.chosen)

    assert shown.order.options.rig == dialog.chosen
    assert shown.forms["FBX"].options.rig == "plain"
