"""The projects that were used last."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.settings import MAX_RECENT, PreferenceStore


@dataclass(frozen=True)
class Recent:
    """A project that was used, which may since have been moved away.

    Attributes:
        path: Absolute.
        name: Without ending.
        folder: Its folder, the home folder as ~.
        is_there: Whether the file still is.
    """

    path: Path
    name: str
    folder: str
    is_there: bool


class RecentFiles:
    """The list, the last used first, in the preferences.

    Args:
        store: Where it is kept.
    """

    def __init__(self, store: PreferenceStore) -> None:
        self._store = store

    def add(self, path: Path) -> None:
        """Put a project to the front."""
        first = str(path.resolve())
        rest = [entry for entry in self._store.values.recent if entry != first]
        self._store.change(recent=[first, *rest][:MAX_RECENT])

    def remove(self, path: Path) -> None:
        """Forget a project, such as one that is gone."""
        gone = {str(path), str(path.resolve())}
        self._store.change(recent=[entry for entry in self._store.values.recent if entry not in gone])

    def clear(self) -> None:
        """Forget them all."""
        self._store.change(recent=[])

    def entries(self) -> tuple[Recent, ...]:
        """All of them; looks at the disk."""
        return tuple(_entry(Path(path)) for path in self._store.values.recent)


def _entry(path: Path) -> Recent:
    folder = path.parent
    try:
        shown = "~" if folder == Path.home() else f"~/{folder.relative_to(Path.home()).as_posix()}"
    except ValueError:
        shown = str(folder)
    try:
        is_there = path.is_file()
    except OSError:
        is_there = False
    return Recent(path, path.stem, shown, is_there)
