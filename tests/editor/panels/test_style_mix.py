from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from editor.document.document import Curve
from editor.panels.naming import whole_shares
from editor.panels.style_mix import even, with_share

NAMES = ["ballet", "pop", "salsa", "street"]
weights = st.floats(0.0, 10.0)
mixes = st.dictionaries(st.sampled_from(NAMES), st.floats(0.01, 1.0)).map(lambda d: tuple(d.items()))


@given(st.lists(weights, min_size=1, max_size=12))
def test_whole_shares_add_up_to_100_and_are_near_the_exact_ones(values):
    shares = whole_shares(values)

    if sum(values) > 0.0:
        assert sum(shares) == 100
        assert all(abs(s - 100 * v / sum(values)) < 1.0 for s, v in zip(shares, values, strict=True))
    else:
        assert set(shares) == {0}


@given(mixes, st.sampled_from(NAMES), st.integers(0, 100))
def test_a_style_gets_the_share_it_is_given_and_all_add_up(style, name, percent):
    mix = dict(with_share(style, NAMES, name, percent / 100.0))

    assert round(100 * mix.get(name, 0.0)) == percent
    assert round(100 * sum(mix.values())) == 100
    assert all(weight > 0.0 for weight in mix.values())


def test_the_others_keep_their_proportions():
    mix = dict(with_share((("ballet", 0.6), ("pop", 0.2), ("salsa", 0.2)), NAMES, "street", 0.5))

    assert mix == {"ballet": 0.3, "pop": 0.1, "salsa": 0.1, "street": 0.5}


def test_what_the_only_style_gives_up_goes_to_the_others_alike():
    assert dict(with_share((("salsa", 1.0),), NAMES, "salsa", 0.4)) == {
        "ballet": 0.2, "pop": 0.2, "salsa": 0.4, "street": 0.2,
    }  # fmt: skip


def test_from_the_usual_mix_the_others_start_alike():
    assert dict(with_share((), NAMES, "salsa", 0.7)) == {"ballet": 0.1, "pop": 0.1, "salsa": 0.7, "street": 0.1}


def test_a_drawn_weight_stays_as_it_is_drawn():
    drawn = Curve((0.0, 10.0), (0.2, 0.6))

    mix = dict(with_share((("pop", drawn),), NAMES, "salsa", 0.5))

    assert mix == {"pop": drawn, "salsa": 0.4}


def test_even_shares_the_styles_of_the_mix_or_all_of_them():
    assert even((("pop", 0.9), ("salsa", 0.1)), NAMES) == (("pop", 0.5), ("salsa", 0.5))
    assert len(even((("pop", 1.0),), NAMES)) == len(even((), NAMES)) == 4
