"""What the reading process left of a file, and what the numbers are in our terms: metres, y up, facing +z.

The process is started with the file and has bounded time, memory and number of samples. It may die; then the
file is at fault and is named in one sentence.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import MotionFileError
from engine.motion import quaternion, rotations

MOST_FILE_BYTES = 2 << 30
MOST_MEMORY_BYTES = 4 << 30
MOST_SAMPLES = 12_000_000  # a joint in a frame; ten minutes of five dancers at 120 frames a second
PATIENCE_S = 20.0  # for a file of any size, and then as long again for every so many bytes of it
_PATIENT_BYTES = 20 << 20
_MOST_PATIENCE_S = 120.0
_STILL = 1e-6  # what changes less, in the unit of the file, does not move
_CHILD = Path(__file__).with_name("child.py")


@dataclass(frozen=True, eq=False)
class Samples:
    """A file as ufbx sees it, in the file's own axes and units.

    Attributes:
        meta: What JSON holds: frame_rate_hz, unit_to_m, axes, version, creator, nodes, meshes, cameras, takes.
        arrays: local [N, 10], world and bind [N, 4, 3], is_bound [N]; take0_nodes [K], take0 [T, K, 10], ...; euler0
            [T, N, 3], and between0 [3 (T - 1), F, 3] of the F nodes between0_nodes that have keys between frames, ...
    """

    meta: dict[str, Any]
    arrays: dict[str, np.ndarray]

    @cached_property
    def parents(self) -> list[int]:
        """Of each node; -1 for the root, which is node 0. Parents come before children."""
        return [node["parent"] for node in self.meta["nodes"]]

    @cached_property
    def to_ours(self) -> np.ndarray:
        """What turns places of the file into ours, without the unit: rows are its right, up and front, [3, 3]."""
        rows = np.array([_axis(number) for number in self.meta["axes"]])
        return rows if abs(np.linalg.det(rows)) > 0.5 else np.eye(3)

    def worlds(self, nodes: list[int], take: int | None = None) -> np.ndarray:
        """Some nodes to world over time in the file's terms, [T, K, 3, 4]; as the file stands for None, T of 1."""
        needed: dict[int, np.ndarray] = {}
        at: dict[int, int] = {}
        n_frames = 1
        if take is not None:
            at = {int(node): i for i, node in enumerate(self.arrays[f"take{take}_nodes"])}
            n_frames = len(self.arrays[f"take{take}"])
        for node in sorted(self.with_ancestors(nodes)):
            local = self.arrays[f"take{take}"][:, at[node]] if node in at else self.arrays["local"][node]
            matrix, parent = _matrices(local), self.parents[node]
            needed[node] = matrix if parent < 0 else _product(needed[parent], matrix)
        return np.stack([np.broadcast_to(needed[node], (n_frames, 3, 4)) for node in nodes], axis=1)

    def moving(self, take: int) -> set[int]:
        """The nodes whose place, turn or scale in their parent changes during a take."""
        matrices = _matrices(self.arrays[f"take{take}"])
        changes = np.ptp(matrices, axis=0).max(axis=(-1, -2)) > _STILL
        return {int(node) for node in self.arrays[f"take{take}_nodes"][changes]}

    def with_ancestors(self, nodes: Iterable[int]) -> set[int]:
        """The nodes and all above them."""
        found: set[int] = set()
        for node in nodes:
            while node >= 0 and node not in found:
                found.add(node)
                node = self.parents[node]
        return found

    def ours(self, worlds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places in metres [..., 3] and turns [..., 4] in our terms, of matrices [..., 3, 4] in the file's.

        A left-handed file is mirrored, its joints' z axes too, so that turns stay turns.
        """
        matrices = self.to_ours @ worlds
        if np.linalg.det(self.to_ours) < 0.0:
            matrices = matrices * np.array([1.0, 1.0, -1.0, 1.0])
        return matrices[..., 3] * self.meta["unit_to_m"], _turns(matrices[..., :3])

    def binds(self) -> np.ndarray:
        """Node to world in the bind pose, in the file's terms, [N, 3, 4].

        A node that no bind pose mentions stands on its parent as the file stands.
        """
        bind, is_bound = np.moveaxis(self.arrays["bind"], -1, -2), self.arrays["is_bound"]
        matrices = _matrices(self.arrays["local"])
        out = np.array(matrices)
        for i, parent in enumerate(self.parents):
            if is_bound[i] and _is_sound(bind[i]):
                out[i] = bind[i]
            elif parent >= 0:
                out[i] = _product(out[parent], matrices[i])
        return out


def sampled(path: Path, wants: str, patience_s: float | None = None) -> Samples:
    """What a file holds.

    Args:
        path: Any FBX file.
        wants: "proof": all takes with their curves, and bodies; or "motion": all takes.
        patience_s: How long it may take; None lets large files take longer than small ones.

    Raises:
        MotionFileError: if it is missing, too large, damaged, or takes too long.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise MotionFileError(path, f"cannot be read ({error.strerror or error}).") from error
    if size > MOST_FILE_BYTES:
        raise MotionFileError(path, f"is {size / 1e9:.1f} GB, too large for a file of motion.")
    if patience_s is None:
        patience_s = min(PATIENCE_S * (1.0 + size / _PATIENT_BYTES), _MOST_PATIENCE_S)
    with tempfile.TemporaryDirectory(prefix="kinetograph-fbx-") as folder:
        out = Path(folder) / "out.npz"
        bounds = (str(MOST_MEMORY_BYTES), str(MOST_SAMPLES), wants)
        # -P: the modules beside the program, such as `names`, are not to be taken for others'.
        command = [sys.executable, "-P", str(_CHILD), str(path.absolute()), str(out), *bounds]
        try:
            subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                timeout=patience_s, check=True, cwd=folder, creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip
            with np.load(out, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except subprocess.TimeoutExpired as error:
            raise MotionFileError(
                path, f"could not be read within {patience_s:.0f} s: it is too large or damaged."
            ) from error
        except (subprocess.CalledProcessError, OSError, ValueError) as error:
            raise MotionFileError(path, "made the FBX reader stop: it is damaged, export it again.") from error
    meta = json.loads(arrays.pop("meta").tobytes())
    if "problem" in meta:
        raise MotionFileError(path, meta["problem"])
    return Samples(meta, arrays)


def _axis(number: int) -> np.ndarray:
    """ufbx's numbers of axes: +x, -x, +y, -y, +z, -z; zero for any other."""
    out = np.zeros(3)
    if 0 <= number < 6:
        out[number // 2] = 1.0 if number % 2 == 0 else -1.0
    return out


def _matrices(local: np.ndarray) -> np.ndarray:
    """Matrices [..., 3, 4] of places, turns (x, y, z, w) and scales [..., 10]."""
    out = np.empty((*local.shape[:-1], 3, 4))
    turned = quaternion.normalize(local[..., [6, 3, 4, 5]])
    out[..., :3] = rotations.matrix_from_quaternion(turned) * local[..., np.newaxis, 7:10]
    out[..., 3] = local[..., :3]
    return out


def _product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    out = a[..., :3] @ b
    out[..., 3] += a[..., 3]
    return out


def _turns(axes: np.ndarray) -> np.ndarray:
    """The rotation [..., 4] nearest in the manner of Gram and Schmidt to axes [..., 3, 3] that may be scaled."""
    x, y = axes[..., 0], axes[..., 1]
    return rotations.quaternion_from_six_d(np.concatenate([x * _over(x), y * _over(y)], axis=-1))


def _over(v: np.ndarray) -> np.ndarray:
    size = quaternion.length(v)[..., np.newaxis]
    return 1.0 / np.where(size > 0.0, size, 1.0)


def _is_sound(matrix: np.ndarray) -> bool:
    return bool(np.isfinite(matrix).all() and abs(np.linalg.det(matrix[:, :3])) > 1e-12)
