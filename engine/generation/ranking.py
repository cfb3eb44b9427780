"""Takes put in order by the rules of dance structure: what each breaks, weighed by how bad it is."""

from __future__ import annotations

from engine.generation.marks import SEVERITY_COST
from engine.generation.request import GenerationRequest
from engine.motion.house import FRAME_RATE_HZ
from engine.motion.motion import Motion, concatenate
from engine.structure.book import RuleBook
from engine.structure.checker import check

SEED_STEP = 1_000_003  # from the seed of one candidate to the next: far from the seeds that people count through
_AROUND_FRAMES = round(1.0 * FRAME_RATE_HZ)


def demerits(motion: Motion, request: GenerationRequest, book: RuleBook | None) -> float:
    """What a request's dance breaks of the rules that it minds, a second; 0 for a clean one.

    It is judged between what lies around it, and by the rules of the style that has the most weight, but not by what
    the whole piece alone can show. Excess counts too: twice the limit is worse than just beyond it.
    """
    if book is None:
        return 0.0
    before, after = request.before, request.after
    lead = before.slice(max(before.n_frames - _AROUND_FRAMES, 0), before.n_frames) if before is not None else None
    trail = after.slice(0, min(_AROUND_FRAMES, after.n_frames)) if after is not None else None
    whole = concatenate([part for part in (lead, motion, trail) if part is not None])
    start = lead.n_frames if lead is not None else 0
    style = max(request.style, key=lambda name: request.style[name]) if request.style else None
    total = 0.0
    for finding in check(whole, style=style, rules=book):
        if finding.family in request.mind_rules and start <= finding.peak_frame < start + motion.n_frames:
            beyond = min(finding.excess / max(abs(finding.limit), 1e-6), 1.0)
            total += SEVERITY_COST[finding.severity] * (1.0 + beyond)
    return total / max(motion.duration_s, 1e-6)
