"""The two chunks of a .glb: a JSON text and the numbers that it points into (glTF 2.0 specification, section 4)."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np

MAGIC, VERSION = b"glTF", 2
JSON_CHUNK, BINARY_CHUNK = b"JSON", b"BIN\0"
MOST_BYTES = 2**32 - 1  # lengths have 32 bits

BYTE, UNSIGNED_BYTE, SHORT, UNSIGNED_SHORT, UNSIGNED_INT, FLOAT = 5120, 5121, 5122, 5123, 5125, 5126
COMPONENT_TYPES: dict[int, np.dtype] = {
    BYTE: np.dtype("i1"),
    UNSIGNED_BYTE: np.dtype("u1"),
    SHORT: np.dtype("<i2"),
    UNSIGNED_SHORT: np.dtype("<u2"),
    UNSIGNED_INT: np.dtype("<u4"),
    FLOAT: np.dtype("<f4"),
}
TYPES = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963


@dataclass
class Numbers:
    """The binary chunk as it grows, and the accessors and views that say what is where."""

    accessors: list[dict[str, Any]] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)
    _blocks: list[bytes] = field(default_factory=list)
    n_bytes: int = 0

    def add(
        self,
        values: np.ndarray,
        kind: str,
        component: int = FLOAT,
        *,
        target: int | None = None,
        bounds: bool = False,
        normalized: bool = False,
    ) -> int:
        """Append an array [N] or [N, TYPES[kind]] and return the number of its accessor.

        Args:
            values: Converted to the component type; floats are rounded to 32 bits.
            kind: A name from TYPES.
            component: A number from COMPONENT_TYPES.
            target: ARRAY_BUFFER for what vertices have, ELEMENT_ARRAY_BUFFER for indices.
            bounds: Say the least and greatest value, as key times and vertex positions must.
            normalized: Whether integers stand for 0 to 1.
        """
        flat = np.ascontiguousarray(values, dtype=COMPONENT_TYPES[component]).reshape(len(values), TYPES[kind])
        block = flat.tobytes()
        view: dict[str, Any] = {"buffer": 0, "byteOffset": self.n_bytes, "byteLength": len(block)}
        accessor: dict[str, Any] = {
            "bufferView": len(self.views), "componentType": component, "count": len(flat), "type": kind
        }  # fmt: skip
        if target is not None:
            view["target"] = target
        if normalized:
            accessor["normalized"] = True
        if bounds:
            accessor["min"], accessor["max"] = flat.min(axis=0).tolist(), flat.max(axis=0).tolist()
        self.views.append(view)
        self.accessors.append(accessor)
        self._append(block)
        return len(self.accessors) - 1

    def _append(self, block: bytes) -> None:
        padding = -len(block) % 4  # every accessor begins at a multiple of its component's size
        self._blocks += [block, b"\0" * padding]
        self.n_bytes += len(block) + padding

    def blocks(self) -> list[bytes]:
        """What the binary chunk is made of, in order."""
        return self._blocks


def glb_blocks(document: dict[str, Any], numbers: Numbers) -> list[bytes]:
    """The bytes of a .glb file in pieces. `document` is complete but for its buffers.

    Raises:
        OverflowError: if it would not fit in 4 GiB.
        ValueError: if a number is not finite.
    """
    whole = {**document, "accessors": numbers.accessors, "bufferViews": numbers.views}
    whole["buffers"] = [{"byteLength": numbers.n_bytes}]
    text = json.dumps(whole, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 4)
    total = 12 + 8 + len(text) + 8 + numbers.n_bytes
    if total > MOST_BYTES:
        raise OverflowError(total)
    head = struct.pack("<4sII", MAGIC, VERSION, total) + struct.pack("<I4s", len(text), JSON_CHUNK)
    return [head, text, struct.pack("<I4s", numbers.n_bytes, BINARY_CHUNK), *numbers.blocks()]
