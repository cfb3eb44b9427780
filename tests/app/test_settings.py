"""Preferences: kept, checked, and never in the way of a start."""

from __future__ import annotations

import json
import logging
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.recent import RecentFiles
from app.settings import MAX_RECENT, Preferences, PreferenceStore, config_folder, state_folder

CHANGED = Preferences(
    theme="light", ui_scale=1.5, key_preset="Maya-like", key_overrides={"split": ("F9",)}, geometry=b"\x00\xff",
    dock_state=b"dock", recent=("/a.kino",), audio_device="pulse", latency_s={"pulse": 0.12}, engine_device="cpu",
    wheel_zooms=True, reduce_motion=True, is_autosave_on=False, default_folder="/b", is_first_start_done=True,
    embeds_songs=False, volume_db=-12.0, is_muted=True, beat_weights="/small0.ckpt",
    export_options={"Video": {"size": "1280x720", "rate_hz": 24.0, "has_sound": False}},
)  # fmt: skip
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def written(folder: Path) -> dict:
    return json.loads((folder / "preferences.json").read_text("utf-8"))


def test_every_preference_comes_back(tmp_path):
    PreferenceStore(tmp_path).change(**{f.name: getattr(CHANGED, f.name) for f in fields(CHANGED)})

    assert PreferenceStore(tmp_path).values == CHANGED
    assert all(getattr(CHANGED, f.name) != getattr(Preferences(), f.name) for f in fields(CHANGED))


def test_the_first_start_finds_defaults_and_writes_nothing(tmp_path):
    store = PreferenceStore(tmp_path / "new")

    assert store.values == Preferences()
    assert store.trouble == ""
    assert not (tmp_path / "new").exists()


def test_a_change_is_told_once_with_old_and_new(tmp_path):
    store, told = PreferenceStore(tmp_path), []
    store.changed.connect(lambda old, new: told.append((old.ui_scale, new.ui_scale)))

    store.change(ui_scale=1.25)
    store.change(ui_scale=1.25)

    assert told == [(1.0, 1.25)]


def test_a_value_that_makes_no_sense_is_refused_and_nothing_changes(tmp_path):
    store = PreferenceStore(tmp_path)

    with pytest.raises(ValueError, match="pink"):
        store.change(wheel_zooms=True, theme="pink")
    with pytest.raises(ValueError, match="no preference"):
        store.change(colour="red")

    assert store.values == Preferences()


def test_the_scale_stays_within_its_bounds(tmp_path):
    store = PreferenceStore(tmp_path)

    store.change(ui_scale=7)

    assert store.values.ui_scale == 2.0


@pytest.mark.parametrize("text", ["{", "[]", "", "\x00\x01", '"a"', "[" * 100_000])
def test_a_broken_file_is_set_aside_and_said(tmp_path, text):
    (tmp_path / "preferences.json").write_text(text)

    store = PreferenceStore(tmp_path)

    assert store.values == Preferences()
    assert "preferences.broken.json" in store.trouble
    assert (tmp_path / "preferences.broken.json").read_text() == text


def test_one_wrong_value_costs_only_itself(tmp_path, caplog):
    (tmp_path / "preferences.json").write_text(json.dumps({"theme": "pink", "ui_scale": 1.5, "recent": 3}))

    with caplog.at_level(logging.WARNING):
        store = PreferenceStore(tmp_path)

    assert store.values == replace(Preferences(), ui_scale=1.5)
    assert len(caplog.records) == 2


def test_what_a_newer_version_keeps_there_stays(tmp_path):
    (tmp_path / "preferences.json").write_text(json.dumps({"language": "cs", "theme": "light"}))

    PreferenceStore(tmp_path).change(ui_scale=1.5)

    assert written(tmp_path)["language"] == "cs"
    assert written(tmp_path)["theme"] == "light"


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    store = PreferenceStore(tmp_path / "file")

    with caplog.at_level(logging.WARNING):
        store.change(theme="light")

    assert store.values.theme == "light"
    assert "could not be written" in caplog.text


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from([f.name for f in fields(Preferences)]), ANY_JSON))
def test_no_file_keeps_the_program_from_starting(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("home")
    (folder / "preferences.json").write_text(json.dumps(data))

    store = PreferenceStore(folder)

    store.change(is_first_start_done=not store.values.is_first_start_done)
    assert PreferenceStore(folder).values == store.values


def test_a_home_of_its_own_keeps_everything_together(tmp_path, monkeypatch):
    monkeypatch.setenv("KINETOGRAPH_HOME", str(tmp_path))

    assert config_folder() == tmp_path
    assert state_folder() == tmp_path / "state"
    assert PreferenceStore().path == tmp_path / "preferences.json"


def test_recent_files_have_the_last_one_first_and_each_once(tmp_path):
    recent = RecentFiles(PreferenceStore(tmp_path))
    a, b = tmp_path / "a.kino", tmp_path / "b.kino"
    a.write_text("")

    for path in (a, b, a):
        recent.add(path)

    assert [(entry.name, entry.is_there) for entry in recent.entries()] == [("a", True), ("b", False)]
    recent.remove(b)
    assert [entry.path for entry in recent.entries()] == [a]
    recent.clear()
    assert recent.entries() == ()


def test_recent_files_are_not_endless(tmp_path):
    recent = RecentFiles(PreferenceStore(tmp_path))

    for number in range(MAX_RECENT + 5):
        recent.add(tmp_path / f"{number}.kino")

    assert len(recent.entries()) == MAX_RECENT
