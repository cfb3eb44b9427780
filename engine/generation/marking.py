"""Marks for a model's bank: every learned take danced once by the model and looked at by the rules of structure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.generation.bank import ENTRY_STRIDE
from engine.generation.checkpoint import TrainedModel
from engine.generation.conditioning import music_channels
from engine.generation.features import MASK_PARTS, N_FEATURES, from_features
from engine.generation.marks import SEVERITY_COST, Marks, entries_of
from engine.generation.model_constants import CODE_STRIDE
from engine.generation.plan import Phrase, planned_codes
from engine.generation.sampler import DENSE_LEAD, ON_GRID, Decoding, decode, n_dense
from engine.motion.foot_lock import lock_feet
from engine.motion.motion import Motion
from engine.structure.body import Body
from engine.structure.book import RuleBook
from engine.structure.rules import RULES
from engine.structure.vocabulary import VOCABULARY, marked


def bank_marks(model: TrainedModel, book: RuleBook, progress: Callable[[float], None] = lambda _: None) -> Marks:
    """The marks of a model's bank. Mirrored takes have those of their originals.

    Feet are locked as in generation; joins between phrases are made later, and nothing is said about them here.
    """
    bank = model.bank
    texts = book.of(None)
    rules = [name for name in RULES if name in texts]
    has = np.zeros((bank.n_entries, len(VOCABULARY) + len(rules)), dtype=bool)
    for clip in range(len(bank.clip_style)):
        progress(clip / len(bank.clip_style))
        own = slice(int(bank.clip_start[clip]), int(bank.clip_start[clip + 1]))
        other = int(bank.clip_mirror[clip])
        if other < clip:
            has[own] = has[int(bank.clip_start[other]) : int(bank.clip_start[other + 1])]
            continue
        body = Body(danced(model, clip))
        rows = [marked(body), *(_broken(body, name, book) for name in rules)]
        has[own] = entries_of(np.concatenate(rows, axis=1), bank, clip)
    severity = np.array([0.0] * len(VOCABULARY) + [SEVERITY_COST[texts[name].severity] for name in rules])
    return Marks((*VOCABULARY, *rules), has, severity, model.digest)


def danced(model: TrainedModel, clip: int) -> Motion:
    """One take of the bank as the model dances it, in silence, feet locked."""
    bank = model.bank
    first, last = int(bank.clip_start[clip]), int(bank.clip_start[clip + 1])
    n_frames = (last - first) * ENTRY_STRIDE
    total = -(-n_frames // CODE_STRIDE) * CODE_STRIDE
    phrases = [Phrase(0, total, first, 1.0)]
    dense, effort = planned_codes(bank, phrases, n_dense(total), -DENSE_LEAD, ENTRY_STRIDE)
    style = np.zeros(len(model.styles))
    style[bank.clip_style[clip]] = 1.0
    music = music_channels(total, np.zeros(0), np.zeros(0), np.full(total, 0.5))
    job = Decoding(
        dense[ON_GRID], np.zeros((total, N_FEATURES)), np.zeros((total, len(MASK_PARTS))), music,
        np.repeat(effort[ON_GRID], CODE_STRIDE, axis=0), style, dense,
    )  # fmt: skip
    return lock_feet(from_features(decode(model, job, 0, lambda _: None)[:n_frames]))


def _broken(body: Body, rule: str, book: RuleBook) -> np.ndarray:
    """Where a general rule is broken, bool [T, 1]."""
    out = np.zeros((body.n, 1), dtype=bool)
    for hit in RULES[rule].find(body, book.of(None)[rule].limits):
        out[hit.start_frame : hit.end_frame] = True
    return out
