"""The codes of the dancing that the network has learned from: the prior that generation draws on.

Every fourth frame of every training clip has one entry: the code of the 16 frames around it, and
the few facts that planning needs. Codes are not motion; only the generator turns them into any.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from engine.generation.body_state import STATE_SIZE
from engine.generation.conditioning import EFFORTS
from engine.generation.model_constants import ENTRY_STRIDE

# States are kept in bytes: a sixteenth of a fair fault is less than two looks at one pose differ by.
_STATE_STEPS, _MOST_STATE_STEPS = 16.0, 127.0


@dataclass(frozen=True, eq=False)
class CodeBank:
    """N entries of M clips, clip after clip.

    Attributes:
        codes: Mean codes, [N, code_size].
        clip: Which clip each entry belongs to, int [N].
        clip_start: First entry of each clip, and N at the end, int [M + 1].
        clip_style: Index of each clip's style, int [M].
        clip_mirror: The clip that is each clip's mirror image, int [M].
        accent: How marked the movement's accent is at every frame, 0 to 1, [N * 4].
        state: What the body is like at each entry, for judging transitions, normalised, [N, S].
        travel: Where the hips are over the floor (x, z in metres) and the heading (radians), [N, 3].
        effort: Effort in standard deviations, [N, 6].
        usable: Whether an entry's code saw sound data only, bool [N].
    """

    codes: np.ndarray
    clip: np.ndarray
    clip_start: np.ndarray
    clip_style: np.ndarray
    clip_mirror: np.ndarray
    accent: np.ndarray
    state: np.ndarray
    travel: np.ndarray
    effort: np.ndarray
    usable: np.ndarray

    @property
    def n_entries(self) -> int:
        """How many entries there are."""
        return len(self.codes)

    def mirrored_entry(self, entry: int) -> int:
        """The same moment in the mirror image of the entry's clip."""
        clip = int(self.clip[entry])
        other = int(self.clip_mirror[clip])
        return int(self.clip_start[other]) + entry - int(self.clip_start[clip])

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Compact arrays for the checkpoint: codes and effort in half precision, states and accents in bytes.

        What has been read from them once gives the same bytes again.
        """
        out = {f.name: getattr(self, f.name) for f in fields(self)}
        for name in ("codes", "effort"):
            out[name] = out[name].astype(np.float16)
        steps = np.clip(np.round(self.state * _STATE_STEPS), -_MOST_STATE_STEPS, _MOST_STATE_STEPS)
        out["state"] = steps.astype(np.int8)
        out["accent"] = np.round(self.accent * 255).astype(np.uint8)
        out["travel"] = out["travel"].astype(np.float32)
        for name in ("clip", "clip_start", "clip_style", "clip_mirror"):
            out[name] = out[name].astype(np.int32)
        out["usable"] = out["usable"].astype(np.uint8)
        return {"bank." + name: value for name, value in out.items()}

    @staticmethod
    def from_arrays(arrays: dict[str, np.ndarray]) -> CodeBank:
        """The inverse of `to_arrays`, up to its rounding; KeyError or ValueError for arrays that do not fit.

        Older checkpoints hold states in half precision; these are taken as they are.
        """
        plain = {f.name: arrays["bank." + f.name] for f in fields(CodeBank)}
        if plain["state"].dtype == np.int8:
            plain["state"] = plain["state"] / np.float32(_STATE_STEPS)
        for name in ("codes", "state", "effort"):
            plain[name] = plain[name].astype(np.float32)
        plain["accent"] = plain["accent"].astype(np.float32) / 255.0
        plain["usable"] = plain["usable"].astype(bool)
        bank = CodeBank(**plain)
        bank.check()
        return bank

    def check(self) -> None:
        """ValueError with the name of the first array whose shape or indices do not fit the others'."""
        n, m = len(self.codes), len(self.clip_style)
        shapes = {
            "codes": (n, self.codes.shape[-1]), "clip": (n,), "clip_start": (m + 1,), "clip_style": (m,),
            "clip_mirror": (m,), "accent": (n * ENTRY_STRIDE,), "state": (n, STATE_SIZE), "travel": (n, 3),
            "effort": (n, len(EFFORTS)), "usable": (n,),
        }  # fmt: skip
        wrong = [name for name, shape in shapes.items() if getattr(self, name).shape != shape]
        if n == 0 or wrong:
            raise ValueError(f"the bank's {(wrong or ['codes'])[0]} is of a wrong shape")
        sizes = np.diff(self.clip_start)
        ends_fit = self.clip_start[0] == 0 and self.clip_start[-1] == n and (sizes > 0).all()
        if not ends_fit or not np.array_equal(self.clip, np.repeat(np.arange(m), sizes)):
            raise ValueError("the bank's clips do not follow each other")
        mirrors = self.clip_mirror
        if not ((mirrors >= 0) & (mirrors < m)).all() or not np.array_equal(sizes[mirrors], sizes):
            raise ValueError("the bank's clip_mirror points at other clips")
        if (self.clip_style < 0).any():
            raise ValueError("the bank's clip_style is negative")


__all__ = ["ENTRY_STRIDE", "CodeBank"]
