"""Which keys do what: three presets, her own changes on top, and a sentence where two commands want one key. No Qt."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.resources import resource_path

PRESETS = {"Editor": "editor", "Blender-like": "blender", "Maya-like": "maya"}  # name -> file in resources/keymaps
_MODIFIERS = ("Meta", "Ctrl", "Alt", "Shift", "Num")  # Qt's own order
_SPELLINGS = {"escape": "Esc", "enter": "Enter", "return": "Return", "delete": "Del", "insert": "Ins", "space": "Space",
              "pageup": "PgUp", "pagedown": "PgDown", "control": "Ctrl", "command": "Meta"}  # fmt: skip

Keys = dict[str, tuple[str, ...]]  # command -> its key sequences, the first is shown


@dataclass(frozen=True)
class Preset:
    """A key map as it ships.

    Attributes:
        name: Shown in the preferences.
        says: One line on whom it suits.
        keys: Of every command; a command without keys has an empty tuple.
    """

    name: str
    says: str
    keys: Keys


@functools.cache
def read_preset(name: str) -> Preset:
    """A preset by its name in PRESETS; what its file leaves out is as in the one it is based on."""
    data = tomllib.loads((resource_path("keymaps") / f"{PRESETS[name]}.toml").read_text("utf-8"))
    keys = dict(read_preset(data["base"]).keys) if "base" in data else {}
    keys |= {command: tuple(normal(keys) for keys in sequences) for command, sequences in data["keys"].items()}
    return Preset(data["name"], data["says"], keys)


def normal(keys: str) -> str:
    """A key sequence in Qt's portable spelling: modifiers in its order, letters large; "" where it is none."""
    text = keys.strip().replace(" ", "") if keys.strip() != "+" else "+"
    if not text:
        return ""
    *before, last = [*text[:-1].split("+"), "+"] if text.endswith("+") else text.split("+")
    before = [part for part in before if part]
    named = {m.lower(): m for m in _MODIFIERS}
    modifiers = [named.get(_SPELLINGS.get(part.lower(), part).lower(), "") for part in before]
    if not last or "" in modifiers:
        return ""
    key = _SPELLINGS.get(last.lower(), last[0].upper() + last[1:])
    return "+".join([m for m in _MODIFIERS if m in modifiers] + [key])


class KeyMap:
    """A preset with her own changes.

    Args:
        preset: A name in PRESETS; one that is unknown gives the first.
        overrides: Command -> its keys instead of the preset's; commands that no preset knows are kept too.
    """

    def __init__(self, preset: str = "Editor", overrides: Mapping[str, Iterable[str]] | None = None) -> None:
        self.preset = preset if preset in PRESETS else next(iter(PRESETS))
        self._overrides: Keys = {}
        for command, keys in (overrides or {}).items():
            self.set_keys(command, keys)

    @property
    def overrides(self) -> Keys:
        """Only what differs from the preset."""
        return dict(self._overrides)

    @property
    def commands(self) -> tuple[str, ...]:
        """Every command that has, or could have, a key."""
        return tuple(dict.fromkeys([*read_preset(self.preset).keys, *self._overrides]))

    def keys(self, command: str) -> tuple[str, ...]:
        """The key sequences of a command, the first is the one to show; empty where it has none."""
        return self._overrides.get(command, read_preset(self.preset).keys.get(command, ()))

    def command_for(self, keys: str) -> str:
        """The command that a key sequence calls; "" for none."""
        wanted = normal(keys)
        return next((c for c in self.commands if wanted in self.keys(c)), "") if wanted else ""

    def is_changed(self, command: str) -> bool:
        """Whether its keys differ from the preset's."""
        return command in self._overrides

    def set_keys(self, command: str, keys: Iterable[str]) -> None:
        """Give a command these keys and no others. Whether another one has them too, `trouble` says."""
        wanted = tuple(dict.fromkeys(k for k in map(normal, keys) if k))
        if wanted == read_preset(self.preset).keys.get(command, ()):
            self._overrides.pop(command, None)
        else:
            self._overrides[command] = wanted

    def take_keys(self, command: str, keys: str) -> None:
        """Add a key sequence to a command, taking it from whichever has it now."""
        wanted = normal(keys)
        while (other := self.command_for(wanted)) and other != command:
            self.set_keys(other, [k for k in self.keys(other) if k != wanted])
        self.set_keys(command, [*self.keys(command), wanted])

    def reset(self, command: str) -> None:
        """Give a command the preset's keys again."""
        self._overrides.pop(command, None)

    def reset_all(self) -> None:
        """Give up all changes."""
        self._overrides.clear()

    def use_preset(self, name: str) -> None:
        """Take another preset; her own changes go, for they were changes to the old one."""
        if name not in PRESETS:
            raise ValueError(f"there is no key preset {name!r}; there are {', '.join(PRESETS)}")
        self.preset = name
        self._overrides.clear()

    def trouble(self, command: str, keys: str, names: Mapping[str, str] | None = None) -> str:
        """Why a command should not have a key sequence, as a sentence; "" where it may.

        Args:
            command: That would have it.
            keys: The sequence.
            names: What each command is called to the user.
        """
        wanted = normal(keys)
        if not wanted:
            return "That is no key that can be used; press one key, alone or with Ctrl, Alt or Shift."
        taken = next((c for c in self.commands if c != command and wanted in self.keys(c)), "")
        return f"{wanted} already does “{(names or {}).get(taken, plain(taken))}”." if taken else ""

    def conflicts(self, names: Mapping[str, str] | None = None) -> tuple[str, ...]:
        """A sentence for every key sequence that two commands or more have."""
        holders: dict[str, list[str]] = {}
        for command in self.commands:
            for keys in self.keys(command):
                holders.setdefault(keys, []).append((names or {}).get(command, plain(command)))
        return tuple(
            f"{keys} is used by {' and '.join(f'“{name}”' for name in who)}; only one of them can have it."
            for keys, who in holders.items()
            if len(who) > 1
        )


def plain(command: str) -> str:
    """A command's name in words, for where nothing better is known."""
    return command.replace("_", " ").capitalize()
