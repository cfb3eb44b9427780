"""What the model is meant to reach, beside what it reaches: every goal, met or not."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from engine.evaluation.comparison import Comparison
from engine.evaluation.contest import Row
from engine.evaluation.inbetween import SLERP, InbetweenFigures
from engine.evaluation.report import Table

_WORDS = {True: "yes", False: "NO", None: "cannot be told"}
RIVALS = ("patch matching", "VQ-VAE + GPT", "Transformer", "plain GAN")
GAP_FRAMES = 30
_LEAST_KNOWN = 0.2  # of real windows that the judge must name right before it can judge a style


@dataclass(frozen=True)
class Goal:
    """One goal: what, the limit in words, the figure in words, and whether it is reached."""

    what: str
    wanted: str
    figure: str
    reached: bool | None  # None: cannot be told


def goals(found: Comparison) -> list[Goal]:
    """Every goal that the comparison has a figure for."""
    model, real = found.row(found.model), found.row(found.real)
    out: list[Goal] = []
    if model is not None and real is not None:
        out += _of_movement(model, real) + _of_beats(model) + _of_rivals(found, model) + _of_twin(found)
        out += _of_styles(found, model)
    own = _row(found, found.model)
    slerp = _row(found, SLERP)
    if own is not None and slerp is not None and slerp.l2p > 0.0:
        below = 1.0 - own.l2p / slerp.l2p
        what = f"L2P of gaps of {GAP_FRAMES} frames"
        out.append(Goal(what, "45 % below slerp", f"{100 * below:.0f} %", below >= 0.45))
        out.append(Goal("pop at a seam", "< 1 cm", f"{100 * own.seam_jump_m:.2f} cm", own.seam_jump_m < 0.01))
        true = next(row for row in found.transitions[GAP_FRAMES] if row.l2p == 0.0)
        told = f"{100 * own.seam_velocity_share:.0f} % (real takes {100 * true.seam_velocity_share:.0f} %)"
        out.append(Goal("velocity step at a seam", "< 15 %", told, own.seam_velocity_share < 0.15))
    for slider in found.emotions:
        rho = slider.spearman
        out.append(Goal(f"slider {slider.name}: Spearman on {slider.quality}", ">= 0.95", f"{rho:+.3f}", rho >= 0.95))
    if found.mixes:
        least = min(found.mixes, key=lambda mix: mix.spearman)
        told = f"least {least.spearman:+.2f} ({least.first} to {least.second})"
        out.append(Goal("style mix followed by the judge: Spearman", ">= 0.9", told, least.spearman >= 0.9))
        most = max(found.mixes, key=lambda mix: mix.largest_step)
        told = f"{most.largest_step:.2f} ({most.first} to {most.second})"
        out.append(Goal("style mix: largest of the judge's steps", "<= 0.5", told, most.largest_step <= 0.5))
    return out + _of_pieces(found)


def goals_table(found: Comparison) -> Table | None:
    """The goals as a table; None where there is nothing to compare."""
    rows = tuple((g.what, g.wanted, g.figure, _WORDS[g.reached]) for g in goals(found))
    note = "Every goal that was set, reached or not. Real: held-out takes of the same styles, as many."
    return Table("Goals", note, ("what", "wanted", "figure", "reached"), rows, n_words=4) if rows else None


def _of_movement(model: Row, real: Row) -> list[Goal]:
    def value(row: Row, key: str) -> float:
        return row.figures[key].value

    skating, true_skating = value(model, "skating"), value(real, "skating")
    deep, true_deep = value(model, "penetration_m"), value(real, "penetration_m")
    frozen, true_frozen = value(model, "freezing"), value(real, "freezing")
    out = [
        Goal("foot skating", f"<= real ({100 * true_skating:.1f} %)", f"{100 * skating:.1f} %",
             skating <= true_skating),
        Goal("foot skating", "<= 5 %", f"{100 * skating:.1f} %", skating <= 0.05),
        Goal("below the floor", f"<= real ({1000 * true_deep:.1f} mm)", f"{1000 * deep:.1f} mm", deep <= true_deep),
        Goal("frozen", f"<= real + 3 points ({100 * true_frozen + 3:.1f} %)", f"{100 * frozen:.1f} %",
             frozen <= true_frozen + 0.03),
    ]  # fmt: skip
    limits: tuple[tuple[str, str, float, float], ...] = (
        ("motion magnitude", "magnitude_m_s", 0.9, 1.1), ("jitter", "jitter", 0.85, 1.15),
    )  # fmt: skip
    for what, key, low, high in limits:
        times = value(model, key) / value(real, key) if value(real, key) > 0.0 else math.nan
        out.append(Goal(f"{what} over real", f"{low} to {high}", f"{times:.2f}", low <= times <= high))
    return out


def _of_beats(model: Row) -> list[Goal]:
    lift = model.figures["beat_lift"]
    told = f"{lift.value:+.3f} [{lift.low:+.3f}, {lift.high:+.3f}]"
    return [Goal("beats on the music's, over chance", ">= 0.05", told, lift.value >= 0.05)]


_TESTS: tuple[tuple[str, str, Callable[[float, float], bool]], ...] = (
    ("fid", "FID (learned)", lambda own, other: own < other),
    ("style_accuracy", "style accuracy", lambda own, other: own > other),
)


def _of_rivals(found: Comparison, model: Row) -> list[Goal]:
    rivals = [row for name in RIVALS if (row := found.row(name)) is not None]
    if not rivals:
        return []
    missing = len(RIVALS) - len(rivals)
    all_of = "all four baselines" if not missing else f"the {len(rivals)} baselines that are there"
    out = _beaten(model, rivals, all_of)
    patch = found.row(RIVALS[0])
    if patch is not None:
        own, other = model.figures["novelty_m"].value, patch.figures["novelty_m"].value
        out.append(Goal("novelty", f"> patch matching ({100 * other:.1f} cm)", f"{100 * own:.1f} cm", own > other))
    return out


def _of_twin(found: Comparison) -> list[Goal]:
    """The same with the same budget for all: against the baselines that are trained."""
    twin, trained = found.row(found.twin), [row for name in RIVALS[1:] if (row := found.row(name)) is not None]
    if twin is None or not trained:
        return []
    return _beaten(twin, trained, "all trained baselines", ", trained as long as they")


def _beaten(model: Row, rivals: list[Row], all_of: str, said: str = "") -> list[Goal]:
    out = []
    for key, what, is_better in _TESTS:
        own = model.figures[key].value
        beaten = [row.name for row in rivals if is_better(own, row.figures[key].value)]
        told = f"{own:.2f}; better than {len(beaten)} of {len(rivals)}"
        others = [f"{row.name} {row.figures[key].value:.2f}" for row in rivals if row.name not in beaten]
        told += f" (not {', '.join(others)})" if others else ""
        out.append(Goal(what + said, f"better than {all_of}", told, len(beaten) == len(rivals)))
    return out


def _of_styles(found: Comparison, model: Row) -> list[Goal]:
    by = {style.style: style for style in model.styles}
    out = []
    for name in found.claimed_styles:
        if name not in by:
            out.append(Goal(f"accuracy of {name} over real", ">= 0.9", "no held-out take of it", None))
            continue
        style = by[name]
        known = style.real >= _LEAST_KNOWN
        told = f"{100 * style.accuracy:.0f} %, real {100 * style.real:.0f} %"
        told = f"{style.relative:.2f} ({told})" if known else f"the judge hardly knows it ({told})"
        out.append(
            Goal(f"accuracy of {name} over real", ">= 0.9", told, style.relative >= 0.9 if known else None)
        )
    return out


def _of_pieces(found: Comparison) -> list[Goal]:
    if not found.pieces:
        return []
    real = found.row(found.real)
    still = 0.03 + (real.figures["freezing"].value if real is not None else 0.0)
    out = []
    for row in found.pieces:
        name = f"{row.name} ({row.duration_s:.0f} s)"
        if not math.isnan(row.returns):
            told = f"{row.returns:.2f} (chance 0.50)"
            out.append(Goal(f"{name}: returns with the music's parts", ">= 0.75", told, row.returns >= 0.75))
        told = f"{row.similarity:+.3f} (chance {row.chance:+.3f}), above {100 * row.beaten:.0f} % of shifts"
        out.append(Goal(f"{name}: similarity of all bars", "above 95 % of shifts", told, row.beaten >= 0.95))
        told = f"{row.farthest_m:.1f} m at most, drift {row.drift_m:.1f} m"
        out.append(Goal(f"{name}: stays on the stage", "within 3 m", told, row.farthest_m <= 3.0))
        told = f"{100 * row.freezing:.1f} %, {row.longest_still_s:.1f} s at most"
        out.append(Goal(f"{name}: frozen", f"<= {100 * still:.1f} %", told, row.freezing <= still))
    return out


def _row(found: Comparison, name: str) -> InbetweenFigures | None:
    return next((row for row in found.transitions.get(GAP_FRAMES, ()) if row.name == name), None)
