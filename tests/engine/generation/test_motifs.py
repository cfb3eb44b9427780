"""Which phrases of the music sound alike."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.generation.motifs import likeness

N = 100


def music(letters, seed=0, noise=0.1):
    """Rows heard: for each letter a phrase of its own, the same letter the same but for a little noise."""
    rng = np.random.default_rng(seed)
    phrases = {letter: np.cumsum(rng.normal(size=(N, 4)), axis=0) / 5.0 for letter in sorted(set(letters))}
    return np.concatenate([phrases[letter] + noise * rng.normal(size=(N, 4)) for letter in letters])


def bounds(n):
    return [N * i for i in range(n + 1)]


def test_phrases_that_sound_the_same_are_more_alike_than_all_others():
    letters = "ABACAB"

    found = likeness(music(letters), bounds(6))

    same = np.array(list(letters))[:, np.newaxis] == np.array(list(letters))
    off = ~np.eye(6, dtype=bool)
    assert found[same & off].min() > found[~same].max()
    assert found[same & off].min() > 0.35
    assert found[~same].mean() < 0.0


def test_where_all_phrases_sound_the_same_none_is_more_alike_than_others():
    found = likeness(music("AAAAAA", noise=0.05), bounds(6))

    assert np.abs(found[~np.eye(6, dtype=bool)]).max() < 0.1


def test_two_phrases_have_nothing_to_be_compared_with():
    assert not likeness(music("AB"), bounds(2)).any()


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12), st.integers(0, 99))
def test_likeness_is_mutual_and_within_its_range_for_phrases_of_any_length(lengths, seed):
    edges = [0, *np.cumsum(lengths).tolist()]

    found = likeness(np.random.default_rng(seed).normal(size=(edges[-1], 4)), edges)

    assert found.shape == (len(lengths), len(lengths))
    assert np.abs(found).max() <= 1.0
    np.testing.assert_allclose(found, found.T, atol=1e-12)
