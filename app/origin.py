"""Where a dance comes from: its takes' recipes and the data of the model that made them, for the receipt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import __version__
from app.resources import resource_path
from engine.formats.receipt import Origin

if TYPE_CHECKING:
    from editor.document.document import Document, Recipe, Value

_BUNDLED = "models/kinetograph/card.json"


def origin_of(document: Document, made_at: str = "") -> Origin:
    """The recipes of all takes that are danced, and the model's card where one of them was generated."""
    from editor.document.document import Curve

    def value(of: Value) -> object:
        return "drawn" if isinstance(of, Curve) else round(float(of), 4)

    recipes: list[dict[str, Any]] = []
    digests: set[str] = set()
    for track in document.dancers:
        if track.is_muted:
            continue
        for clip in track.clips:
            take = clip.take
            row: dict[str, Any] = {"dancer": track.name, "take": take.name, "kind": take.kind}
            if take.recipe is not None:
                digests.add(take.recipe.model)
                row |= _recipe(take.recipe, value)
            if row not in recipes:
                recipes.append(row)
    return Origin(
        document.title, tuple(recipes), _model(digests) if digests else {}, f"Kinetograph {__version__}", made_at
    )


def origin_of_file(path: Path) -> Origin:
    """Of a dance that is a motion file itself."""
    return Origin(path.stem, ({"take": path.name, "kind": "imported"},), {}, f"Kinetograph {__version__}")


def _recipe(recipe: Recipe, value: Any) -> dict[str, Any]:
    settings = recipe.settings
    return {
        "seed": settings.seed, "model": recipe.model[:16], "engine": recipe.engine_version,
        "music_s": [round(recipe.start_s, 3), round(recipe.end_s, 3)], "song": recipe.song[:16],
        "style": {name: value(weight) for name, weight in settings.style},
        "emotion": {name: value(of) for name, of in settings.emotion.items() if value(of)},
        "intensity": settings.intensity, "novelty": settings.novelty, "follow_music": settings.follow_music,
        "locked": sorted(settings.locked_parts), "avoid": sorted(settings.avoid), "made_at": recipe.made_at,
    }  # fmt: skip


def _model(digests: set[str]) -> dict[str, Any]:
    """What the bundled model's card says of the data that it learned from."""
    try:
        card: Mapping[str, Any] = json.loads(resource_path(_BUNDLED).read_text("utf-8"))
    except (OSError, ValueError):
        card = {}
    sources = [
        f"{name}, {of.get('minutes', 0.0):g} min ({of.get('licence', 'licence unknown')})"
        for name, of in dict(card.get("sources", {})).items()
    ]
    return {
        "name": card.get("name", "unknown"), "weights": sorted(digest[:16] for digest in digests if digest),
        "learned styles": list(card.get("claimed_styles", ())), "data": sources,
    }  # fmt: skip
