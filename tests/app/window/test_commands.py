"""The table of commands: whole, told apart, and in step with key maps, icons and handlers."""

from __future__ import annotations

import pytest

from app.keymap import PRESETS, KeyMap, read_preset
from app.resources import resource_path
from app.window.actions import tooltip
from app.window.commands import BY_NAME, COMMANDS, MENUS
from app.window.editing import Editing
from app.window.playing import Playing
from editor.playback.transport import Transport
from editor.session import Session

# In the key maps for those who want a key for it, but in no menu.
WITHOUT_ROW = {"lock_segment"}


def test_names_are_told_apart_and_texts_within_a_menu_too():
    assert len(BY_NAME) == len(COMMANDS)
    for menu in MENUS:
        texts = [c.text for c in COMMANDS if c.group == menu]
        assert len(set(texts)) == len(texts) > 0


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_a_row_says_what_it_is_and_why(command):
    assert command.group in MENUS
    assert command.text[0].isupper()
    assert command.why[0].isupper() or command.why[0].isdigit()
    assert not command.text.endswith(".")
    assert not command.why.endswith(".")
    assert command.name.isidentifier()


def test_every_icon_is_there():
    icons = {path.stem for path in resource_path("icons").glob("*.svg")}

    assert {c.icon for c in COMMANDS if c.icon} <= icons


@pytest.mark.parametrize("preset", PRESETS)
def test_key_maps_know_no_other_commands(preset):
    assert set(read_preset(preset).keys) - set(BY_NAME) <= WITHOUT_ROW


def test_the_first_menu_row_has_no_line_above_it():
    for menu in MENUS:
        assert not next(c for c in COMMANDS if c.group == menu).menu.startswith("-")


def test_a_tooltip_names_action_key_and_why():
    keys = KeyMap()

    assert tooltip(BY_NAME["split"], keys.keys("split")).split("\n") == [
        "Split at the playhead  (S)", "Two clips where there was one; the dance stays as it is",
    ]  # fmt: skip
    assert tooltip(BY_NAME["open"], ()).startswith("Open\n")


def test_what_editing_and_playing_can_do_is_in_the_table():
    session = Session()
    transport = Transport()
    handlers = {
        **Editing(session, lambda *a, **k: True, lambda *a: None).commands, **Playing(session, transport).commands,
    }  # fmt: skip
    transport.close()

    assert set(handlers) - set(BY_NAME) <= WITHOUT_ROW
