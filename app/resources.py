"""Where the program's own data lies: the only place that knows."""

from __future__ import annotations

from pathlib import Path

_HOME = Path(__file__).resolve().parent.parent
# In a checkout, then in an installed copy, where the folder stands beside the packages under a name of its own.
_FOLDERS = (_HOME / "resources", _HOME / "kinetograph_resources")


def resource_path(name: str = "") -> Path:
    """The path of a file or folder under `resources/`, such as "models/kinetograph", whether or not it exists.

    Args:
        name: Relative, with forward slashes; empty for the folder itself.
    """
    home = next((folder for folder in _FOLDERS if folder.is_dir()), _FOLDERS[0])
    return home / name
