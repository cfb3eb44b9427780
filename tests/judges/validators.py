"""Validators as judges of files: the Khronos validator of glTF, and all validators of usd-core."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_SCRIPT = _ROOT / "tests" / "engine" / "formats" / "gltf" / "validate.js"
_PATIENCE_S = 600.0


def khronos(paths: Sequence[Path]) -> list[tuple[str, ...]] | None:
    """What the Khronos validator says of each .glb; None where it is not installed."""
    node = shutil.which("node")
    if node is None:
        return None
    found = [str(_ROOT / "node_modules"), os.environ.get("NODE_PATH", "")]
    if npm := shutil.which("npm"):
        found.append(subprocess.run([npm, "root", "-g"], capture_output=True, text=True, check=False).stdout.strip())
    environment = {**os.environ, "NODE_PATH": os.pathsep.join(filter(None, found))}
    ran = subprocess.run(
        [node, str(_SCRIPT), *map(str, paths)],
        capture_output=True, text=True, check=False, timeout=_PATIENCE_S, env=environment,
    )  # fmt: skip
    if "Cannot find module 'gltf-validator'" in ran.stderr:
        return None
    if ran.returncode != 0:
        raise RuntimeError(f"the Khronos validator stopped: {ran.stderr[-2000:]}")
    return [tuple(str(message["code"]) for message in said["messages"]) for said in json.loads(ran.stdout)]


def usd(path: Path) -> tuple[str, ...]:
    """What the validators that come with usd-core say of a file."""
    from pxr import Sdf, Usd, UsdValidation

    registry = UsdValidation.ValidationRegistry()
    context = UsdValidation.ValidationContext(registry.GetOrLoadAllValidators())
    stage = Usd.Stage.Open(Sdf.Layer.OpenAsAnonymous(str(path)))
    return tuple(f"{error.GetName()}: {error.GetMessage()}" for error in context.Validate(stage))
