"""Ways across a gap that the bank holds are found, and trusted as far as the dance around them is alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.generation.bank import ENTRY_STRIDE, CodeBank
from engine.generation.recall import Hole, compared_frames, recalled
from engine.motion.blend import moved
from tests.dances import standing

N, GAP = 120, 31  # 31 frames and one are eight entries
RNG = np.random.default_rng(7)


def wandering(n, size):
    return np.cumsum(RNG.normal(size=(n, size)), axis=0) * 0.3


def bank():
    codes = RNG.normal(size=(N, 8))
    travel = np.column_stack([wandering(N, 2) * 0.1, wandering(N, 1)[:, 0] * 0.1])
    clip = np.repeat([0, 1], N // 2)
    return CodeBank(
        codes, clip, np.array([0, N // 2, N]), np.zeros(2, dtype=int), np.array([0, 1]), np.zeros(N * ENTRY_STRIDE),
        wandering(N, 62).astype(np.float32), travel, np.zeros((N, 6)), np.ones(N, dtype=bool),
    )  # fmt: skip


BANK = bank()


def hole_at(entry, place_m=(0.0, 0.0, 0.0), turn_rad=0.0, codes=None):
    """The gap that the bank itself dances from `entry` on, danced somewhere else on the floor."""
    end = entry + (GAP + 1) // ENTRY_STRIDE

    def at(where):
        x, z, heading = BANK.travel[where]
        cos, sin = np.cos(turn_rad), np.sin(turn_rad)
        spot = np.array([cos * x + sin * z, 0.0, cos * z - sin * x]) + place_m
        return moved(standing(2), 0, spot, float(heading) + turn_rad)

    around = codes or (BANK.codes[[entry - 2, entry - 6, entry - 10]], BANK.codes[[end + 2, end + 6, end + 10]])
    return Hole(GAP, at(entry), at(end), BANK.state[entry], BANK.state[end], *around)


@pytest.mark.parametrize("entry", [15, 30, 85])
def test_a_way_that_the_bank_holds_is_found_and_trusted(entry):
    found = recalled(BANK, hole_at(entry))

    assert found.entries[0] == entry
    assert found.costs[0] < 0.1
    assert found.share == pytest.approx(0.5)


def test_where_and_which_way_it_is_danced_does_not_matter():
    plain, elsewhere = recalled(BANK, hole_at(30)), recalled(BANK, hole_at(30, (4.0, 0.0, -2.0), 2.1))

    np.testing.assert_array_equal(plain.entries, elsewhere.entries)
    np.testing.assert_allclose(plain.costs, elsewhere.costs, atol=1e-4)


def test_among_strange_dance_nothing_recalled_is_trusted():
    strange = RNG.normal(size=(3, 8)) * 2.0, RNG.normal(size=(3, 8)) * 2.0

    found = recalled(BANK, hole_at(30, codes=strange))

    assert found.strangeness > 1.25
    assert found.share == 0.0


def test_where_too_little_is_known_around_nothing_is_trusted():
    nothing = np.zeros((0, 8))

    assert recalled(BANK, hole_at(30, codes=(nothing, nothing))).share == 0.0
    np.testing.assert_array_equal(compared_frames(15), [])
    np.testing.assert_array_equal(compared_frames(16), [8])
    np.testing.assert_array_equal(compared_frames(48), [8, 24, 40])


def test_no_way_leads_out_of_its_clip_or_over_unsound_frames():
    usable = np.ones(N, dtype=bool)
    usable[30] = False

    found = recalled(replace(BANK, usable=usable), hole_at(30))

    last = found.entries + (GAP + 1) // ENTRY_STRIDE
    assert (BANK.clip[found.entries] == BANK.clip[last]).all()
    assert 30 not in found.entries
    assert (np.diff(np.sort(found.entries)) > 4).all()


def test_a_gap_longer_than_every_clip_recalls_nothing():
    hole = replace(hole_at(30), n_frames=90 * ENTRY_STRIDE)

    assert len(recalled(BANK, hole).entries) == 0
    assert recalled(BANK, hole).share == 0.0


def test_codes_are_a_mean_of_what_was_danced_and_seeds_weigh_it_anew():
    found = recalled(BANK, hole_at(30))
    since = np.arange(1, GAP + 1, ENTRY_STRIDE).astype(float)

    first, again, other = (found.codes(BANK, since, seed, 1.0) for seed in (1, 1, 2))

    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.0
    assert np.abs(first).max() <= np.abs(BANK.codes).max()
    np.testing.assert_allclose(found.codes(BANK, since, 1, 0.0), found.codes(BANK, since, 2, 0.0))
