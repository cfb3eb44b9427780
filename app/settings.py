"""What the user likes, kept between sessions: a small JSON file that is checked when it is read."""

from __future__ import annotations

import base64
import binascii
import json
import logging
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from editor.observable import Signal
from editor.playback.volume import VOLUMES_DB
from editor.theme import DARK, THEMES
from engine.formats.whole_file import replacing

log = logging.getLogger(__name__)

HOME_VARIABLE = "KINETOGRAPH_HOME"
FILE = "preferences.json"
DEVICES = ("auto", "cpu", "cuda")
SCALES = (0.8, 2.0)
MAX_RECENT = 12
_MAX_BYTES = 4 << 20
_MAX_TEXT, _MAX_ENTRIES = 4096, 500
_MAX_LATENCY_S = 2.0

Check = Callable[[Any], Any]  # takes a JSON value, gives the checked one; ValueError or TypeError where it is none


@dataclass(frozen=True)
class Preferences:
    """All of it, frozen; `PreferenceStore.change` makes another.

    Attributes:
        theme: A name in editor.theme.THEMES.
        ui_scale: Of the whole window, 0.8 to 2.
        key_preset: A name in app.keymap.PRESETS.
        key_overrides: Command -> keys instead of the preset's.
        geometry, dock_state: Of the main window, as Qt saves them.
        recent: Paths of projects, the last used first.
        audio_device: Name of the output; empty for the system's default.
        volume_db: Of everything that is heard, decibels re as recorded; the softest of VOLUMES_DB is silence.
        is_muted: Whether nothing is heard, whatever the volume.
        latency_s: Output's name -> seconds by which the picture is to be shown later, -2 to 2.
        engine_device: "auto", "cpu" or "cuda".
        beat_weights: Checkpoint of Beat This! by which songs are heard; empty for our own tracker.
        wheel_zooms: Whether the wheel alone zooms the timeline instead of moving it.
        reduce_motion: No fades.
        is_autosave_on: Whether edits are written to the journal.
        default_folder: Where file dialogs open; empty for the last one used.
        is_first_start_done: Whether the hint strip was seen.
        embeds_songs: Whether a project holds its song's file, or only its path and hash.
        export_options: Exporter's name -> its options as they were used last.
    """

    theme: str = DARK.name
    ui_scale: float = 1.0
    key_preset: str = "Editor"
    key_overrides: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    geometry: bytes = b""
    dock_state: bytes = b""
    recent: tuple[str, ...] = ()
    audio_device: str = ""
    volume_db: float = VOLUMES_DB[1]
    is_muted: bool = False
    latency_s: Mapping[str, float] = field(default_factory=dict)
    engine_device: str = "auto"
    beat_weights: str = ""
    wheel_zooms: bool = False
    reduce_motion: bool = False
    is_autosave_on: bool = True
    default_folder: str = ""
    is_first_start_done: bool = False
    embeds_songs: bool = True
    export_options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def config_folder() -> Path:
    """Where preferences lie: KINETOGRAPH_HOME, or the user's folder for such things."""
    home = os.environ.get(HOME_VARIABLE)
    return Path(home) if home else Path(platformdirs.user_config_dir("kinetograph"))


def state_folder() -> Path:
    """Where journals of unsaved pieces lie: KINETOGRAPH_HOME/state, or the user's folder for such things."""
    home = os.environ.get(HOME_VARIABLE)
    return Path(home) / "state" if home else Path(platformdirs.user_state_dir("kinetograph"))


def library_folder() -> Path:
    """Where the user's style material lies: KINETOGRAPH_HOME/style library, or the user's folder for such things."""
    home = os.environ.get(HOME_VARIABLE)
    return Path(home or platformdirs.user_data_dir("kinetograph")) / "style library"


class PreferenceStore:
    """The preferences, and the file that they are in.

    A file that cannot be understood is set aside as `preferences.broken.json` and `trouble` says so in a
    sentence; a single value that makes no sense is replaced by its default. Keys that this version does not
    know are kept.

    Args:
        folder: Where the file is, or will be.

    Signals:
        changed(old: Preferences, new: Preferences): After every change.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.changed = Signal()
        self.path = (folder or config_folder()) / FILE
        self.trouble = ""
        self._unknown: dict[str, Any] = {}
        self._values = self._read()

    @property
    def values(self) -> Preferences:
        """As they are now."""
        return self._values

    def change(self, **changes: Any) -> None:
        """Change some of them by name, tell everybody, and write the file; a disk that refuses is only logged.

        Raises:
            ValueError: A value makes no sense; nothing is changed.
        """
        checked = {name: _check(name, value) for name, value in changes.items()}
        old, self._values = self._values, replace(self._values, **checked)
        if self._values == old:
            return
        self.changed.emit(old, self._values)
        self.save()

    def save(self) -> bool:
        """Write the file beside its place and move it there; False where the disk refuses."""
        data = {**self._unknown, **as_json(self._values)}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self.path) as file:
                file.write(json.dumps(data, indent=1, ensure_ascii=False).encode())
        except OSError as error:
            log.warning("the preferences could not be written to %s: %s", self.path, error)
            return False
        return True

    def _read(self) -> Preferences:
        try:
            data = _parsed(self.path)
        except FileNotFoundError:
            return Preferences()
        except OSError as error:
            self.trouble = f"Your preferences could not be read ({error.strerror}); the usual ones are used."
            return Preferences()
        except ValueError as error:
            kept = self._set_aside()
            self.trouble = f"Your preferences could not be understood ({error}); the usual ones are used{kept}."
            return Preferences()
        known = {f.name for f in fields(Preferences)}
        self._unknown = {key: value for key, value in data.items() if key not in known}
        values = {}
        for name in known & set(data):
            try:
                values[name] = _check(name, data[name])
            except (ValueError, TypeError) as error:
                log.warning("%s: %s is left at its default: %s", self.path.name, name, error)
        return Preferences(**values)

    def _set_aside(self) -> str:
        aside = self.path.with_suffix(".broken.json")
        try:
            os.replace(self.path, aside)
        except OSError:
            return ""
        return f", and the old file is kept as {aside.name}"


def as_json(preferences: Preferences) -> dict[str, Any]:
    """The values as JSON can hold them; bytes as base64."""
    return {
        f.name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for f in fields(preferences)
        for value in (getattr(preferences, f.name),)
    }


def _parsed(path: Path) -> dict[str, Any]:
    if path.stat().st_size > _MAX_BYTES:
        raise ValueError("the file is far too large")
    try:
        data = json.loads(path.read_bytes())
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError("it is no JSON") from error
    if not isinstance(data, dict):
        raise ValueError("it holds no table")
    return data


def _check(name: str, value: Any) -> Any:
    if name not in _CHECKS:
        raise ValueError(f"there is no preference {name!r}")
    return _CHECKS[name](value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _MAX_TEXT or "\0" in value:
        raise ValueError("it is no text, or too long")
    return value


def _one_of(*choices: str) -> Check:
    def check(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"{value!r} is none of {', '.join(choices)}")
        return str(value)

    return check


def _number(low: float, high: float) -> Check:
    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{value!r} is no number")
        return min(max(float(value), low), high)

    return check


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("it is no base64") from error


def _list(item: Check, most: int = _MAX_ENTRIES) -> Check:
    def check(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise ValueError("it is no list")
        return tuple(item(entry) for entry in value[:most])

    return check


def _table(item: Check) -> Check:
    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValueError("it is no table")
        return {_text(key): item(entry) for key, entry in list(value.items())[:_MAX_ENTRIES]}

    return check


def _scalar(value: Any) -> bool | int | float | str:
    if isinstance(value, bool | int | str):
        return _text(value) if isinstance(value, str) else value
    return _number(-math.inf, math.inf)(value)


_CHECKS: dict[str, Check] = {
    "theme": _one_of(*THEMES),
    "ui_scale": _number(*SCALES),
    "key_preset": _text,  # KeyMap takes the first for one that it does not know
    "key_overrides": _table(_list(_text)),
    "geometry": _bytes,
    "dock_state": _bytes,
    "recent": _list(_text, MAX_RECENT),
    "audio_device": _text,
    "volume_db": _number(*VOLUMES_DB),
    "is_muted": _flag,
    "latency_s": _table(_number(-_MAX_LATENCY_S, _MAX_LATENCY_S)),
    "engine_device": _one_of(*DEVICES),
    "beat_weights": _text,
    "wheel_zooms": _flag,
    "reduce_motion": _flag,
    "is_autosave_on": _flag,
    "default_folder": _text,
    "is_first_start_done": _flag,
    "embeds_songs": _flag,
    "export_options": _table(_table(_scalar)),
}
