"""The table of rules: what each is called, its family, how it is measured, what mends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.structure import coherence, figures, ground
from engine.structure.body import Body
from engine.structure.hits import Hit
from engine.structure.ranges import RANGE_RULES, range_rule


@dataclass(frozen=True)
class Rule:
    """One rule. Its words and limits are data (engine.structure.book).

    Attributes:
        name: As in the TOML files.
        family: "movement" or "coherence": judged around each movement.
        find: From a body and the limits to where it is broken.
        repair: Name of the repair that mends it, or None.
    """

    name: str
    family: str
    find: Callable[[Body, Mapping[str, float]], list[Hit]]
    repair: str | None = None


RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        *(Rule(name, "movement", range_rule(name), "clamp") for name in RANGE_RULES),
        Rule("floor_penetration", "movement", ground.floor_penetration, "lift"),
        Rule("foot_skating", "movement", ground.foot_skating, "replant"),
        Rule("foot_creeps", "movement", ground.foot_skating, "replant"),
        Rule("flight", "movement", ground.flight, "fit_jump"),
        Rule("landing", "movement", ground.landing, "soften"),
        Rule("take_off", "movement", ground.take_off, "crouch"),
        Rule("foot_wrung", "coherence", ground.foot_wrung, "upright"),
        Rule("balance", "movement", ground.balance, "upright"),
        Rule("self_collision", "movement", ground.self_collision, "part"),
        Rule("arabesque_height", "movement", figures.arabesque_height, "raise"),
        Rule("hips_square", "movement", figures.hips_square, "square"),
        Rule("supporting_knee", "movement", figures.supporting_knee, "straighten"),
        Rule("pointed_foot", "movement", figures.pointed_foot, "point"),
        Rule("releve_height", "movement", figures.releve_height),
        Rule("turnout", "movement", figures.turnout),
        Rule("pirouette_axis", "movement", figures.pirouette_axis, "right"),
        Rule("pirouette_turns", "movement", figures.pirouette_turns, "round"),
        Rule("pirouette_travel", "movement", figures.pirouette_travel, "centre"),
        Rule("pirouette_spotting", "movement", figures.pirouette_spotting, "spot"),
        Rule("pirouette_landing", "movement", figures.pirouette_landing, "close"),
        Rule("pose_jump", "coherence", coherence.pose_jump, "join"),
        Rule("place_jump", "coherence", coherence.place_jump, "join"),
        Rule("speed_jump", "coherence", coherence.speed_jump, "join"),
        Rule("shaking", "coherence", coherence.shaking, "smooth"),
        Rule("too_fast", "coherence", coherence.too_fast, "slow"),
        Rule("turned_too_fast", "coherence", coherence.turned_too_fast, "slow"),
        Rule("restless", "coherence", coherence.restless, "smooth"),
        Rule("weighted_step", "coherence", coherence.weighted_step, "upright"),
        Rule("frozen", "coherence", coherence.frozen, "move_on"),
    )
}
