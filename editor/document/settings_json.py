"""Settings and recipes as JSON: in project files, and on the clipboard."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from editor.document.document import Curve, Recipe, Settings, Value
from engine.generation.request import MOST_INTENSITY, MOST_WEIGHT, avoidable
from engine.motion.house import BODY_PARTS
from engine.music.analysis import EMOTIONS

CLIPBOARD_KEY = "kinetograph_recipe"
MOST_POINTS = 100_000
MOST_STYLES = 1_000
MOST_SEED = 2**63 - 1
MOST_TEXT = 4_000_000  # characters that the clipboard may hold for us
_NUMBERS = {"follow_music": 1.0, "intensity": MOST_INTENSITY, "novelty": 1.0}


def settings_to_dict(settings: Settings) -> dict[str, Any]:
    """The settings as numbers, strings, lists and dicts; `settings_from_dict` gives them back exactly."""
    return {
        "style": {name: _value_out(weight) for name, weight in settings.style},
        **{name: _value_out(value) for name, value in settings.emotion.items()},
        **{name: getattr(settings, name) for name in _NUMBERS},
        "seed": settings.seed,
        **({"avoid": sorted(settings.avoid)} if settings.avoid else {}),
        "locked_parts": sorted(settings.locked_parts),
        "keep_path": settings.keep_path,
        "path_m": [list(point) for point in settings.path_m],
    }


def settings_from_dict(data: Any) -> Settings:
    """The settings that `settings_to_dict` wrote; what is left out has its default, what is unknown is ignored.

    Raises:
        ValueError: Something in it is no setting; says which.
    """
    given = _mapping(data, "settings")
    values: dict[str, Any] = {}
    if "style" in given:
        style = _mapping(given["style"], "style")
        if len(style) > MOST_STYLES:
            raise ValueError(f"style lists more than {MOST_STYLES} styles")
        values["style"] = tuple((str(name), _value_in(w, f"style {name}", MOST_WEIGHT)) for name, w in style.items())
    values |= {name: _value_in(given[name], name, 1.0) for name in EMOTIONS if name in given}
    values |= {name: _number(given[name], name, most) for name, most in _NUMBERS.items() if name in given}
    if "seed" in given:
        values["seed"] = _whole(given["seed"], "seed")
    if "locked_parts" in given:
        values["locked_parts"] = _names(given["locked_parts"], frozenset(BODY_PARTS), "locked_parts", "body part")
    if "avoid" in given:
        values["avoid"] = _names(given["avoid"], avoidable(), "avoid", "kind of movement or rule")
    if "keep_path" in given:
        if not isinstance(given["keep_path"], bool):
            raise ValueError("keep_path is neither true nor false")
        values["keep_path"] = given["keep_path"]
    if "path_m" in given:
        values["path_m"] = _path(given["path_m"])
    return Settings(**values)


def recipe_to_dict(recipe: Recipe) -> dict[str, Any]:
    """The recipe as numbers, strings, lists and dicts."""
    out = {field.name: getattr(recipe, field.name) for field in fields(recipe)}
    return out | {"settings": settings_to_dict(recipe.settings)}


def recipe_from_dict(data: Any) -> Recipe:
    """The recipe that `recipe_to_dict` wrote.

    Raises:
        ValueError: It is none; says why.
    """
    given = _mapping(data, "recipe")
    out: dict[str, Any] = {}
    for field in fields(Recipe):
        if field.name in ("start_s", "end_s"):
            out[field.name] = _number(given.get(field.name, 0.0), field.name, math.inf)
        elif field.name != "settings":
            text = given.get(field.name, "")
            if not isinstance(text, str):
                raise ValueError(f"{field.name} is no text")
            out[field.name] = text
    return Recipe(settings=settings_from_dict(given.get("settings", {})), **out)


def recipe_text(recipe: Recipe) -> str:
    """A recipe for the clipboard, legible."""
    return json.dumps({CLIPBOARD_KEY: 1, **recipe_to_dict(recipe)}, indent=1, ensure_ascii=False)


def settings_in_text(text: str) -> Settings:
    """The settings of the recipe that `recipe_text` wrote.

    Raises:
        ValueError: The text holds none; says why.
    """
    if len(text) > MOST_TEXT:
        raise ValueError("it is too long")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is no recipe") from error
    if not isinstance(data, dict) or CLIPBOARD_KEY not in data:
        raise ValueError("it is no recipe")
    return recipe_from_dict(data).settings


def _value_out(value: Value) -> Any:
    return asdict(value) if isinstance(value, Curve) else value


def _value_in(data: Any, name: str, most: float) -> Value:
    if not isinstance(data, dict):
        return _number(data, name, most)
    times_s, values = (data.get(key) for key in ("times_s", "values"))
    if not (isinstance(times_s, list | tuple) and isinstance(values, list | tuple)) or len(times_s) > MOST_POINTS:
        raise ValueError(f"{name} is neither a number nor a curve of at most {MOST_POINTS} points")
    times = tuple(_number(t, f"{name}'s times", math.inf, -math.inf) for t in times_s)
    return Curve(times, tuple(_number(v, name, most) for v in values))


def _number(data: Any, name: str, most: float, least: float = 0.0) -> float:
    if isinstance(data, bool) or not isinstance(data, int | float):
        raise ValueError(f"{name} is no number")
    value = _as_float(data, name)
    if not math.isfinite(value) or not least <= value <= most:
        raise ValueError(f"{name} must lie between {least:g} and {most:g}")
    return value


def _as_float(data: int | float, name: str) -> float:
    try:
        return float(data)
    except OverflowError as error:
        raise ValueError(f"{name} is too large") from error


def _whole(data: Any, name: str) -> int:
    if isinstance(data, bool) or not isinstance(data, int) or not 0 <= data <= MOST_SEED:
        raise ValueError(f"{name} is no whole number from 0 on")
    return data


def _names(data: Any, known: frozenset[str], field: str, what: str) -> frozenset[str]:
    if not isinstance(data, list | tuple) or not all(isinstance(part, str) for part in data):
        raise ValueError(f"{field} is no list of names")
    unknown = sorted(set(data) - known)
    if unknown:
        raise ValueError(f"there is no {what} called {', '.join(unknown)[:80]}")
    return frozenset(data)


def _path(data: Any) -> tuple[tuple[float, float], ...]:
    if not isinstance(data, list | tuple) or len(data) > MOST_POINTS:
        raise ValueError(f"path_m is no list of at most {MOST_POINTS} points")
    points = []
    for point in data:
        if not isinstance(point, list | tuple) or len(point) != 2:
            raise ValueError("path_m holds something that is no point (x, z)")
        points.append((_number(point[0], "path_m", 1e4, -1e4), _number(point[1], "path_m", 1e4, -1e4)))
    return tuple(points)


def _mapping(data: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise ValueError(f"{name} is no table of names and values")
    return data
