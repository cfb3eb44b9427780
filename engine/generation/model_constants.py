"""Sizes of the networks that code without torch needs too."""

from __future__ import annotations

CODE_STRIDE = 16  # frames a latent code stands for
ENTRY_STRIDE = 4  # frames between neighbouring codes of a clip in the bank, and between dense codes
# Dense codes stand every ENTRY_STRIDE frames, the first centred so far, less half a cell, before the first frame.
DENSE_LEAD = CODE_STRIDE + ENTRY_STRIDE
# They are made from, and make, frames from so far outside.
DENSE_REACH = DENSE_LEAD + CODE_STRIDE // 2
# Those among them that the generator takes.
ON_GRID = slice(DENSE_LEAD // ENTRY_STRIDE, -2, CODE_STRIDE // ENTRY_STRIDE)


def n_dense(n_frames: int) -> int:
    """How many dense codes belong to so many frames, a multiple of 16: all whose stretches reach into them."""
    return n_frames // ENTRY_STRIDE + 2 * CODE_STRIDE // ENTRY_STRIDE - 1
