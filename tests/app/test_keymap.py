"""Key maps: the presets, her own changes, and sentences about keys that two commands want."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QKeySequence

from app.keymap import PRESETS, KeyMap, normal, read_preset
from app.window.commands import BY_NAME, COMMANDS

presets = pytest.mark.parametrize("preset", PRESETS)
COMMAND = st.sampled_from([command.name for command in COMMANDS])
KEY = st.sampled_from(["A", "Ctrl+A", "Shift+F9", "Num+5", "Alt+Left", "S", "Ctrl+Shift+Z"])


@presets
def test_a_preset_has_no_conflicts(preset):
    assert KeyMap(preset).conflicts() == ()


@presets
def test_a_preset_is_spelled_as_qt_spells_it(preset):
    for keys in read_preset(preset).keys.values():
        for key in keys:
            assert QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText) == key
            assert normal(key) == key


@presets
def test_what_has_a_key_by_default_is_a_command(preset):
    unknown = {name for name, keys in read_preset(preset).keys.items() if keys} - set(BY_NAME)

    assert unknown == set()


@pytest.mark.parametrize(
    ("command", "keys"),
    [
        ("play_pause", ("Space",)), ("jog_back", ("J",)), ("frame_forward", ("Right", ".")), ("regenerate", ("R",)),
        ("four_takes", ("Shift+R",)), ("audition_3", ("3",)), ("split", ("S", "Ctrl+K", "Ctrl+B")),
        ("view_front", ("Alt+1", "Num+1")), ("redo", ("Ctrl+Shift+Z", "Ctrl+Y")), ("demo_mode", ("F11",)),
    ],
)  # fmt: skip
def test_the_editor_s_keys_are_those_of_video_editors(command, keys):
    assert KeyMap().keys(command) == keys


def test_blender_and_maya_people_find_their_keys():
    assert KeyMap("Blender-like").command_for("X") == "remove_clip"
    assert KeyMap("Blender-like").command_for("A") == "select_all"
    assert KeyMap("Maya-like").command_for("Alt+V") == "play_pause"
    assert KeyMap("Maya-like").command_for("S") == "marker"


def test_an_unknown_preset_gives_the_first():
    assert KeyMap("Wordstar").preset == "Editor"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("shift+ctrl+z", "Ctrl+Shift+Z"), ("escape", "Esc"), ("Ctrl++", "Ctrl++"), ("+", "+"), (" ctrl + s ", "Ctrl+S"),
        ("Delete", "Del"), ("num+1", "Num+1"), ("", ""), ("Hyper+A", ""), ("Ctrl+", "Ctrl++"),
    ],
)  # fmt: skip
def test_keys_are_written_in_one_way(written, meant):
    assert normal(written) == meant


def test_a_taken_key_is_told_by_the_command_s_name():
    keymap = KeyMap()

    assert keymap.trouble("split", "R", {"regenerate": "Regenerate"}) == "R already does \u201cRegenerate\u201d."
    assert keymap.trouble("split", "S") == ""
    assert keymap.trouble("split", "F7") == ""
    assert "no key" in keymap.trouble("split", "Hyper+A")


def test_taking_a_key_takes_it_from_the_other_command():
    keymap = KeyMap()

    keymap.take_keys("split", "R")

    assert keymap.keys("split") == ("S", "Ctrl+K", "Ctrl+B", "R")
    assert keymap.keys("regenerate") == ()
    assert keymap.conflicts() == ()


def test_a_conflict_in_a_kept_map_is_a_sentence():
    keymap = KeyMap("Editor", {"split": ["R"]})

    assert keymap.conflicts({"split": "Split", "regenerate": "Regenerate"}) == (
        "R is used by \u201cSplit\u201d and \u201cRegenerate\u201d; only one of them can have it.",
    )


def test_only_what_differs_is_an_override():
    keymap = KeyMap()
    keymap.set_keys("split", ["F6"])
    keymap.set_keys("loop", ["Ctrl+L", "Shift+L"])

    assert keymap.overrides == {"split": ("F6",)}
    keymap.set_keys("split", ["S", "Ctrl+K", "Ctrl+B"])
    assert keymap.overrides == {}


def test_another_preset_gives_up_the_changes():
    keymap = KeyMap("Editor", {"split": ["F6"]})

    keymap.use_preset("Maya-like")

    assert keymap.overrides == {}
    assert keymap.keys("split") == ("Ctrl+K", "Ctrl+B")


@settings(max_examples=40)
@given(st.lists(st.tuples(COMMAND, KEY), max_size=12), st.sampled_from(list(PRESETS)))
def test_keys_that_are_taken_over_never_conflict_and_come_back_from_the_overrides(changes, preset):
    keymap = KeyMap(preset)

    for command, key in changes:
        keymap.take_keys(command, key)
        assert keymap.command_for(key) == command
    again = KeyMap(preset, keymap.overrides)

    assert keymap.conflicts() == ()
    assert {c: again.keys(c) for c in keymap.commands} == {c: keymap.keys(c) for c in keymap.commands}
    keymap.reset_all()
    assert keymap.overrides == {}
