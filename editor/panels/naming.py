"""Spans and settings in a choreographer's words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from editor.document.document import Curve, Recipe, Settings, Value
from engine.music.analysis import EMOTIONS, MusicAnalysis

STYLE_NAMES = {"mj": "MJ", "folk_other": "Folk", "latin_other": "Latin", "character": "Character"}
_NEAR_BEATS = 0.4


def clock(time_s: float) -> str:
    """Minutes, seconds and tenths: 1:02.5."""
    tenths = round(10.0 * max(time_s, 0.0))
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def span_words(music: MusicAnalysis | None, start_s: float, end_s: float) -> str:
    """A span as "Bars 5-8" where it begins and ends on bar lines, else by bars and beats, else by the clock."""
    if music is None or music.n_beats < 2 or not len(music.downbeat_times_s):
        return f"{clock(start_s)}\N{EN DASH}{clock(end_s)}"
    first, last = (_place(music, time_s) for time_s in (start_s, end_s))
    if first[1] == last[1] == 1 and last[0] > first[0] and first[0] >= 1:
        ends = last[0] - 1
        return f"Bar {first[0]}" if ends == first[0] else f"Bars {first[0]}\N{EN DASH}{ends}"
    return f"Bar {_dotted(first)} to {_dotted(last)}"


def style_words(name: str) -> str:
    """A style's name for the eye."""
    return STYLE_NAMES.get(name, name.replace("_", " ").strip().capitalize() or "Unnamed")


def mean_of(value: Value) -> float:
    """A constant itself; of a drawn value the mean over the time it was drawn for."""
    if not isinstance(value, Curve):
        return float(value)
    span_s = value.times_s[-1] - value.times_s[0]
    if span_s <= 0.0:
        return float(np.mean(value.values))
    return float(np.trapezoid(value.values, value.times_s) / span_s)


def whole_shares(weights: Sequence[float]) -> list[int]:
    """Weights as whole percentages that add up to 100 (largest remainders); all 0 where no weight is above 0."""
    total = float(sum(weights))
    if total <= 0.0:
        return [0] * len(weights)
    exact = [100.0 * weight / total for weight in weights]
    out = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (out[i] - exact[i], i))
    for i in by_remainder[: 100 - sum(out)]:
        out[i] += 1
    return out


def settings_words(settings: Settings) -> list[str]:
    """What is special about settings, most telling first: styles, emotions, what differs from the usual."""
    shares = whole_shares([mean_of(weight) for _, weight in settings.style])
    styles = sorted(zip(shares, (name for name, _ in settings.style), strict=True), reverse=True)
    out = [f"{style_words(name)} {share} %" for share, name in styles if share] or ["Usual mix"]
    for name in EMOTIONS:
        value = getattr(settings, name)
        if isinstance(value, Curve):
            out.append(f"{name} drawn")
        elif value:
            out.append(f"{name} {100 * value:.0f} %")
    usual = Settings()
    for field, words in (("intensity", "intensity"), ("follow_music", "music"), ("novelty", "new")):
        value = getattr(settings, field)
        if value != getattr(usual, field):
            out.append(f"{words} {100 * value:.0f} %")
    if settings.avoid:
        out.append("no " + ", ".join(sorted(settings.avoid)))
    if settings.locked_parts:
        out.append("keeps " + ", ".join(part.replace("_", " ") for part in sorted(settings.locked_parts)))
    if settings.path_m:
        out.append("drawn path")
    elif settings.keep_path:
        out.append("keeps path")
    return out


def made_words(recipe: Recipe) -> str:
    """When a take was made: "made 14:02"; empty where that is not known."""
    _, _, time_of_day = recipe.made_at.partition("T")
    return f"made {time_of_day[:5]}" if len(time_of_day) >= 5 else ""


def recipe_words(recipe: Recipe) -> str:
    """A recipe in one line."""
    parts = [*settings_words(recipe.settings), f"seed {recipe.settings.seed}"]
    if recipe.model:
        parts.append(f"model {recipe.model[:6]}")
    return " \u00b7 ".join([*parts, *filter(None, [made_words(recipe)])])


def _place(music: MusicAnalysis, time_s: float) -> tuple[int, int]:
    """Bar from 1 and beat from 1 of the beat that a time is at; the grid goes on evenly beyond its ends."""
    times = music.beat_times_s
    period_s = 60.0 / music.tempo_bpm if music.tempo_bpm > 0 else float(np.median(np.diff(times)))
    i = int(np.searchsorted(times, time_s + _NEAR_BEATS * period_s, side="right")) - 1
    beyond = 0
    if i < 0:
        beyond = -int(np.ceil((times[0] - time_s) / period_s - _NEAR_BEATS))
        i = 0
    elif i == len(times) - 1:
        beyond = int((time_s - times[-1]) / period_s + _NEAR_BEATS)
    beat = int(music.beat_in_bar[i]) + beyond
    return music.bar_of_beat(i) + 1 + beat // music.beats_per_bar, beat % music.beats_per_bar + 1


def _dotted(place: tuple[int, int]) -> str:
    return f"{place[0]}.{place[1]}"
