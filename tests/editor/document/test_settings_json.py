from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.document.document import Curve, Recipe, Settings
from editor.document.settings_json import (
    recipe_from_dict,
    recipe_text,
    recipe_to_dict,
    settings_from_dict,
    settings_in_text,
    settings_to_dict,
)
from engine.motion.house import BODY_PARTS

shares = st.floats(0.0, 1.0)
curves = st.lists(st.tuples(st.floats(0.0, 600.0), shares), min_size=1, max_size=6).map(
    lambda points: Curve(tuple(sorted(t for t, _ in points)), tuple(v for _, v in points))
)
values = shares | curves
settings = st.builds(
    Settings,
    style=st.dictionaries(st.text(max_size=12), values, max_size=4).map(lambda d: tuple(d.items())),
    joy=values, sorrow=values, tension=values, serenity=values,
    follow_music=shares, intensity=st.floats(0.0, 3.0), novelty=shares, seed=st.integers(0, 2**63 - 1),
    locked_parts=st.sets(st.sampled_from(sorted(BODY_PARTS))).map(frozenset),
    keep_path=st.booleans(),
    path_m=st.lists(st.tuples(st.floats(-50.0, 50.0), st.floats(-50.0, 50.0)), max_size=5).map(tuple),
)  # fmt: skip


@given(settings)
def test_settings_come_back_exactly_from_json(one):
    assert settings_from_dict(json.loads(json.dumps(settings_to_dict(one)))) == one


@given(settings)
def test_a_recipe_comes_back_exactly_and_its_settings_from_the_clipboard(one):
    recipe = Recipe(one, 1.5, 9.25, model="ab12", request="cd", device="cpu", made_at="2025-01-02T14:02:11")

    assert recipe_from_dict(json.loads(json.dumps(recipe_to_dict(recipe)))) == recipe
    assert settings_in_text(recipe_text(recipe)) == one


def test_kinds_of_movement_and_rules_are_done_without():
    one = Settings(avoid=frozenset({"jumps", "elbow_range"}))

    assert settings_from_dict(json.loads(json.dumps(settings_to_dict(one)))) == one


def test_what_is_left_out_has_its_default_and_what_is_unknown_is_ignored():
    assert settings_from_dict({"joy": 0.5, "from_a_later_version": 3}) == Settings(joy=0.5)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ([], "settings is no table"),
        ({"joy": "much"}, "joy is no number"),
        ({"joy": True}, "joy is no number"),
        ({"joy": 1.5}, "joy must lie between 0 and 1"),
        ({"joy": float("nan")}, "joy must lie"),
        ({"joy": 10**400}, "joy is too large"),
        ({"joy": {"times_s": [1.0, 0.0], "values": [0.1, 0.2]}}, "must ascend"),
        ({"joy": {"times_s": [0.0]}}, "neither a number nor a curve"),
        ({"intensity": 3.5}, "intensity must lie between 0 and 3"),
        ({"seed": -1}, "seed is no whole number"),
        ({"seed": 1.5}, "seed is no whole number"),
        ({"style": {"salsa": -0.1}}, "style salsa"),
        ({"locked_parts": ["tail"]}, "no body part called tail"),
        ({"locked_parts": "hips"}, "no list of names"),
        ({"avoid": ["somersaults"]}, "no kind of movement or rule called"),
        ({"keep_path": 1}, "keep_path is neither"),
        ({"path_m": [[1.0]]}, "no point"),
        ({"path_m": [[1.0, float("inf")]]}, "path_m must lie"),
    ],
)
def test_what_is_no_setting_is_named(data, problem):
    with pytest.raises(ValueError, match=problem):
        settings_from_dict(data)


@pytest.mark.parametrize("text", ["", "a shopping list", "[1]", "{}", "[" * 100_000, '{"joy": 1}'])
def test_other_text_on_the_clipboard_is_no_recipe(text):
    with pytest.raises(ValueError, match="no recipe"):
        settings_in_text(text)
