"""Faults planted in the demo's dance are mended: gone, nothing else worse, and every other frame as it was."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from app.resources import resource_path
from engine.motion.motion import Motion
from engine.structure.book import read_rules
from engine.structure.checker import check
from engine.structure.integrity import PIECE_RULES
from engine.structure.repairs import REPAIRS, repair
from engine.structure.rules import RULES
from tests.benchmarks.bench_structure import demo_dances
from tests.dances import walk
from tests.documents import an_analysis
from tests.engine.structure.planted import KINDS

BOOK = read_rules(resource_path("rules"))
# Every repair at least once.
MENDED = (
    "knee bent forwards", "elbow bent too far", "head like an owl's", "back wrung", "leg through the chest",
    "body in the floor", "foot in the floor", "standing foot slides", "hovers", "jump pulled down", "stiff landing",
    "leg through leg", "limb pops", "frames cut out", "elsewhere at once", "arm trembles", "picture stands",
    "body spun",
)  # fmt: skip


@cache
def dance() -> Motion:
    return demo_dances()[0].slice(300, 660)


@pytest.mark.parametrize("kind", MENDED)
def test_a_fault_is_mended_and_every_other_frame_is_as_it_was(kind):
    rules, plant = KINDS[kind]
    broken = plant(dance(), np.random.default_rng(len(kind))).motion
    before = check(broken, rules=BOOK)
    finding = max((f for f in before if f.rule in rules), key=lambda f: f.excess)

    mended = repair(broken, finding, rules=BOOK)

    assert mended is not None
    after = check(mended.motion, rules=BOOK)
    overlapping = [f for f in after if f.rule == finding.rule and f.start_frame < finding.end_frame
                   and finding.start_frame < f.end_frame and set(f.joints) & set(finding.joints)]  # fmt: skip
    assert overlapping == []
    assert {f.rule for f in after} <= {f.rule for f in before}
    outside = np.r_[0 : mended.start_frame, mended.end_frame : broken.n_frames]
    for name in ("root_positions_m", "local_rotations"):
        assert np.array_equal(getattr(mended.motion, name)[outside], getattr(broken, name)[outside])


def test_an_ending_cut_off_comes_to_rest():
    music, (motion, _) = an_analysis(duration_s=24.0, bpm=100.0), walk(24.0)
    finding = next(f for f in check(motion, music, rules=BOOK) if f.rule == "ending_held")

    mended = repair(motion, finding, rules=BOOK, music=music)

    assert mended is not None
    assert not any(f.rule == "ending_held" for f in check(mended.motion, music, rules=BOOK))


def test_a_finding_without_a_repair_is_left_to_the_choreographer():
    rules, plant = KINDS["limb pops"]
    broken = plant(dance(), np.random.default_rng(1)).motion
    finding = next(f for f in check(broken, rules=BOOK) if f.rule in rules)

    assert repair(broken, replace(finding, repair=None), rules=BOOK) is None


def test_every_repair_that_a_rule_names_exists():
    named = {rule.repair for rule in (*RULES.values(), *PIECE_RULES.values()) if rule.repair}

    assert named == set(REPAIRS)
