"""The import directions that ARCHITECTURE.md promises, and the absences it relies on. Each table row is a rule."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("app", "editor", "engine", "viewer3d")
ANYTHING = None

_BASE = {"numpy", "engine.errors", "engine.timebase"}
_MOTION = _BASE | {"engine.motion"}
_SOUND = _BASE | {"scipy", "soundfile", "soxr", "av", "engine.audio"}
_MUSIC = _SOUND | {"librosa", "platformdirs", "engine.music", "engine.formats.whole_file"}
_NETWORK = {"torch", "safetensors", "scipy", "engine.motion", "engine.music", "engine.generation"}
_DOCUMENT = _MOTION | {
    "editor.document", "editor.observable", "engine.character", "engine.music", "engine.generation.request",
    "engine.formats.whole_file", "engine.structure.finding",
}  # fmt: skip
_SESSION = _DOCUMENT | {"engine", "editor.session", "editor.jobs", "editor.playback", "editor.observable"}
_WIDGETS = _SESSION | {"PySide6", "shiboken6", "editor"}

# A package or module -> what its files may import beside the standard library. The longest name that fits counts.
MAY_IMPORT: dict[str, set[str] | None] = {
    "engine": set(),
    "engine.errors": set(),
    "engine.timebase": set(),
    "engine.motion": _MOTION,
    "engine.audio": _SOUND,
    "engine.music": _MUSIC,
    "engine.music.beat_network": _MUSIC | {"torch", "beat_this"},
    "engine.structure": _MOTION | {"engine.structure", "engine.music"},
    "engine.character": _MOTION | {"engine.character", "trimesh"},
    "engine.generation": _BASE | _NETWORK | {"engine.evaluation", "engine.structure"},
    "engine.generation.request": _MOTION | {"engine.music", "engine.structure", "engine.generation.request"},
    "engine.generation.training": _BASE
    | _NETWORK
    | {"engine.structure", "engine.evaluation", "engine.formats", "engine.audio", "PIL"},
    "engine.baselines": _BASE | _NETWORK | {"engine.baselines", "engine.evaluation", "engine.formats.whole_file"},
    "engine.evaluation": _MOTION
    | {"engine.evaluation", "engine.audio", "engine.music", "engine.structure", "scipy", "torch"},
    "engine.formats": _MOTION
    | {"engine.formats", "engine.character", "engine.evaluation.metrics", "engine.audio", "av", "PIL"},
    "engine.formats.fbx": _MOTION | {"engine.formats", "ufbx"},
    "engine.formats.gltf": _MOTION | {"engine.formats", "pygltflib"},
    "engine.formats.usd": _MOTION | {"engine.formats", "pxr"},
    "engine.formats.cue": _BASE | {"engine.formats", "mido", "opentimelineio"},
    "editor": set(),
    "editor.observable": set(),
    "editor.theme": set(),
    "editor.document": _DOCUMENT,
    "editor.session": _SESSION,
    "editor.audition": _SESSION | {"editor.audition"},
    "editor.findings": _SESSION | {"editor.findings"},
    "editor.jobs": _SESSION,
    "editor.playback": _SESSION | {"sounddevice"},
    "editor.timeline": _WIDGETS,
    "editor.panels": _WIDGETS,
    "viewer3d": _MOTION | {"viewer3d", "engine.character", "OpenGL", "PIL"},
    "viewer3d.viewport": _MOTION | {"viewer3d", "engine.character", "OpenGL", "PIL", "PySide6"},
    "viewer3d.viewport_input": _BASE | {"viewer3d", "PySide6"},
    "viewer3d.viewport_overlay": _MOTION | {"viewer3d", "PySide6"},
    "viewer3d.viewport_context": _BASE | {"viewer3d", "PySide6"},
    "viewer3d.viewport_format": {"PySide6"},
    "app": ANYTHING,
}

# What no room may import, and why.
NOWHERE = {
    **dict.fromkeys(("pickle", "cPickle", "dill", "joblib", "shelve", "marshal"), "no pickle is ever loaded"),
    **dict.fromkeys(
        ("socket", "http", "urllib.request", "ftplib", "smtplib", "requests", "httpx", "aiohttp", "huggingface_hub"),
        "the program uses no network",
    ),
}

# A statement -> the only packages that it may load, or those that it must not. Run in a process of its own.
LOADS_ONLY = {"engine.motion": {"engine", "numpy"}}
LOADS_NONE_OF = {
    "import editor.document": {"torch", "PySide6", "librosa"},
    "import engine.generation.request": {"torch", "PySide6", "librosa"},
    "import app.__main__; app.__main__.main(['--help'])": {"torch", "PySide6", "librosa", "scipy", "numpy"},
}

# What the window loads only when it is asked for: each costs a part of the second until the window is seen.
LATE = {
    "torch", "librosa", "scipy", "av", "OpenGL", "ufbx", "pxr", "pygltflib", "trimesh", "sounddevice", "app.dialogs",
    "engine.formats.exporters", "engine.formats.importers", "engine.formats.fbx", "engine.formats.gltf",
    "engine.structure.rules", "viewer3d.renderer",
}  # fmt: skip


def modules(root: Path) -> Iterator[tuple[str, Path]]:
    """Dotted name and path of every module in the rooms under `root`."""
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports_of(path: Path) -> set[str]:
    """Every module that a file imports, in functions too, as dotted names; a relative import begins with a dot."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names}
    return found


def is_within(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def rule_for(module: str) -> str | None:
    """The longest name in MAY_IMPORT that is the module or holds it; a room alone only rules its own __init__."""
    fitting = [rule for rule in MAY_IMPORT if is_within(module, {rule})]
    rule = max(fitting, key=len, default=None)
    return None if rule in ("engine", "editor") and module != rule else rule


def broken_rules(root: Path) -> list[str]:
    """One sentence for each import that points the wrong way."""
    problems = []
    for module, path in modules(root):
        where, rule = path.relative_to(root).as_posix(), rule_for(module)
        if rule is None:
            problems.append(f"{where}: MAY_IMPORT has no rule for {module}")
            continue
        for name in sorted(imports_of(path)):
            top = name.split(".")[0]
            if is_within(name, set(NOWHERE)):
                problems.append(f"{where} imports {name}: {next(NOWHERE[n] for n in NOWHERE if is_within(name, {n}))}")
            elif top == "app" and not is_within(module, {"app"}):
                problems.append(f"{where} imports {name}: nothing imports app")
            elif top in sys.stdlib_module_names or MAY_IMPORT[rule] is ANYTHING:
                continue
            elif not is_within(name, MAY_IMPORT[rule] or set()):
                problems.append(f"{where} imports {name}: {rule} may not")
    return problems


def loaded_by(statements: str, root: Path) -> set[str]:
    """The modules, without the standard library's, that a fresh interpreter loads for some statements."""
    program = (
        "import contextlib, io, json, sys\n"
        f"sys.path.insert(0, {str(root)!r})\n"
        "before = set(sys.modules)\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        f"    {statements}\n"
        "loaded = {name for name in set(sys.modules) - before if name.split('.')[0] not in sys.stdlib_module_names}\n"
        "print(json.dumps(sorted(loaded)))\n"
    )
    # Without PYTHONPATH: that would put another checkout's packages before those of `root`.
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(
        [sys.executable, "-P", "-c", program],
        capture_output=True, text=True, check=False, timeout=120, cwd=root, env=clean,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stdout))


def packages(names: set[str]) -> set[str]:
    """The top-level packages of modules."""
    return {name.split(".")[0] for name in names}


def all_of(package: str, root: Path) -> str:
    """A statement that imports every module of a package."""
    return "import " + ", ".join(name for name, _ in modules(root) if is_within(name, {package}))


def test_imports_point_the_right_way():
    assert broken_rules(ROOT) == []


@pytest.mark.parametrize("package", LOADS_ONLY)
def test_package_loads_with_little(package):
    assert packages(loaded_by(all_of(package, ROOT), ROOT)) <= LOADS_ONLY[package]


@pytest.mark.parametrize("statements", LOADS_NONE_OF)
def test_light_parts_load_nothing_heavy(statements):
    module = statements.split(";")[0].removeprefix("import ")
    if not any(name == module for name, _ in modules(ROOT)):
        pytest.skip(f"{module} does not exist yet")

    assert not packages(loaded_by(statements, ROOT)) & LOADS_NONE_OF[statements]


def test_the_window_loads_late_what_it_does_not_show_at_once():
    loaded = loaded_by("import app.window.main_window", ROOT)

    assert {name for name in loaded if is_within(name, LATE)} == set()
    assert "editor.timeline.timeline" in loaded


def test_no_module_is_a_drawer_for_everything():
    assert [name for name, _ in modules(ROOT) if name.split(".")[-1] in ("utils", "util", "helpers", "misc")] == []


def test_every_package_is_installed():
    found = {".".join(path.relative_to(ROOT).parent.parts) for _, path in modules(ROOT)}
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]

    assert sorted(found - set(listed)) == []


# path of a planted file, what it says, what must be found
PLANTED = [
    ("engine/motion/a.py", "import scipy.signal", "engine.motion may not"),
    ("engine/motion/a.py", "def f():\n    import torch", "engine.motion may not"),
    ("engine/motion/a.py", "from engine.music import beats", "engine.motion may not"),
    ("engine/motion/a.py", "from engine import formats", "engine.motion may not"),
    ("engine/audio/a.py", "from engine.motion import Motion", "engine.audio may not"),
    ("engine/music/a.py", "from PySide6.QtCore import QTimer", "engine.music may not"),
    ("engine/generation/request.py", "import torch", "engine.generation.request may not"),
    ("engine/evaluation/a.py", "from editor.document import Document", "engine.evaluation may not"),
    ("editor/document/a.py", "from engine.generation.model import Generator", "editor.document may not"),
    ("editor/document/a.py", "from PySide6 import QtCore", "editor.document may not"),
    ("editor/session.py", "import PySide6", "editor.session may not"),
    ("editor/panels/a.py", "import viewer3d", "editor.panels may not"),
    ("viewer3d/scene.py", "from PySide6.QtOpenGLWidgets import QOpenGLWidget", "viewer3d may not"),
    ("viewer3d/scene.py", "from engine.music import MusicAnalysis", "viewer3d may not"),
    ("engine/audio/a.py", "from app.resources import resource_path", "nothing imports app"),
    ("engine/audio/a.py", "from . import read", "engine.audio may not"),
    ("engine/formats/a.py", "import pickle", "no pickle"),
    ("app/a.py", "from urllib.request import urlopen", "no network"),
    ("engine/weather/a.py", "", "no rule"),
    ("editor/other.py", "", "no rule"),
]


@pytest.mark.parametrize(("path", "text", "problem"), PLANTED)
def test_a_planted_wrong_import_is_found(tmp_path, path, text, problem):
    planted = tmp_path / path
    planted.parent.mkdir(parents=True)
    planted.write_text(text)

    found = broken_rules(tmp_path)

    assert len(found) == 1
    assert found[0].startswith(path)
    assert problem in found[0]


def test_right_imports_are_not_found(tmp_path):
    planted = tmp_path / "viewer3d" / "viewport.py"
    planted.parent.mkdir()
    planted.write_text("import os\nimport numpy\nfrom PySide6 import QtGui\nfrom engine.motion.motion import Motion")

    assert broken_rules(tmp_path) == []


def test_a_planted_heavy_load_is_found(tmp_path):
    planted = tmp_path / "engine" / "motion" / "a.py"
    planted.parent.mkdir(parents=True)
    planted.write_text("import os\nimport numpy\nimport PIL")

    assert packages(loaded_by(all_of("engine.motion", tmp_path), tmp_path)) == {"engine", "numpy", "PIL"}
