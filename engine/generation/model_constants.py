"""Sizes of the networks that code without torch needs too."""

from __future__ import annotations

CODE_STRIDE = 16  # frames a latent code stands for
