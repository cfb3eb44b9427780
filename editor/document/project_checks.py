"""What must be true of a document's parts for the program to work with them: one row for each kind of part.

The same rules hold when a project is written and when it is read, so that what was saved opens again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from editor.document.document import Clip, Document, Marker, Pins, Recipe, Settings, ShotCamera, Song, Take, Track
from editor.document.piece_rules import OFF, PieceRules, RuleChange, Waiver
from editor.document.warp import Warp
from engine.character.proportions import LEAST_HEIGHT_M, MOST_HEIGHT_M, PROPORTIONS
from engine.generation.request import avoidable
from engine.motion.house import BODY_PARTS, FRAME_RATE_HZ
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton
from engine.music.analysis import MusicAnalysis
from engine.structure.finding import SEVERITIES
from engine.timebase import time_of

# A piece is laid out in memory frame by frame: this is what a length in a file may ask for.
MAX_FRAMES = 6 * 3600 * 30
MAX_DURATION_S = 24 * 3600.0
MAX_TRACKS = 256
MAX_FRAMES_OF_ALL = 2_500_000  # 23 hours of one dancer, 2 GB once laid out
NORM_TOLERANCE = 0.05  # quaternions are unit; old imports may be a little off


# How a part is called in sentences; what bears a name is called by it.
WORDS: dict[type, str] = {
    Document: "the piece",
    Song: "the song",
    MusicAnalysis: "the analysis of the music",
    Track: "the dancer",
    Clip: "the clip",
    Take: "the take",
    Motion: "the motion",
    Skeleton: "the skeleton",
    Recipe: "the recipe",
    Settings: "the settings",
    Marker: "the marker",
    ShotCamera: "the camera",
    Pins: "what holds the beats",
    Warp: "what follows the beats",
    PieceRules: "the rules of the piece",
    RuleChange: "the change of a rule",
    Waiver: "what is intended",
}


def called(kind: type, name: object = None, start_frame: object = None) -> str:
    """What a user calls a part of some kind: "the take 'Take 3'", or "the clip at 12.4 s" where it has no name."""
    word = WORDS.get(kind, f"the {kind.__name__.lower()}")
    if isinstance(name, str) and name:
        return f"{word} '{name[:60]}'"
    if isinstance(start_frame, int) and 0 <= start_frame <= MAX_FRAMES:
        return f"{word} at {time_of(start_frame, FRAME_RATE_HZ):.1f} s"
    return word


def _skeleton(skeleton: Skeleton) -> str:
    return "" if skeleton.n_joints <= 1024 else "has a skeleton of too many joints"


def _motion(motion: Motion) -> str:
    if motion.n_frames == 0:
        return "has no frames"
    if motion.n_frames > MAX_FRAMES:
        return "is longer than the program can show"
    local = motion.local_rotations
    norms = np.einsum("tjc,tjc->tj", local, local)
    if np.abs(norms - 1.0).max() > 2.0 * NORM_TOLERANCE:
        return "has joints whose rotations are none"
    return ""


def _take(take: Take) -> str:
    return "" if take.id else "has no id"


def _clip(clip: Clip) -> str:
    if not clip.takes:
        return "has no take"
    if not 0 <= clip.active < len(clip.takes):
        return "shows a take that it does not have"
    if len({take.id for take in clip.takes}) < len(clip.takes):
        return "has two takes of one id"
    if clip.start_frame < 0 or clip.n_frames < 1 or clip.end_frame > MAX_FRAMES:
        return "lies outside of any piece"
    if not 0.0 < clip.speed <= 1e3 or abs(clip.offset_frame) > MAX_FRAMES * 1e3:
        return "runs at an impossible speed"
    if not 0 <= clip.blend_frames <= MAX_FRAMES:
        return "has an impossible blend"
    return ""


def _track(track: Track) -> str:
    for one, other in pairwise(track.clips):
        if other.start_frame < one.end_frame:
            return "has clips that lie over each other"
    if not LEAST_HEIGHT_M <= track.height_m <= MOST_HEIGHT_M:
        return "is of a height that no body has"
    return "" if track.body in ("", *PROPORTIONS) else "has a body that this program does not know"


def _settings(settings: Settings) -> str:
    if settings.seed < 0:
        return "have a seed below zero"
    if not settings.locked_parts <= BODY_PARTS.keys():
        return "lock a part of the body that there is not"
    if settings.avoid and not settings.avoid <= avoidable():
        return "do without something that there is not"
    return ""


def _recipe(recipe: Recipe) -> str:
    return "" if recipe.start_s <= recipe.end_s else "end before they begin"


def _song(song: Song) -> str:
    if not re.fullmatch(r"[0-9A-Za-z_-]{0,128}", song.sha256):
        return "has no proper hash"
    return "" if 0.0 <= song.duration_s <= MAX_DURATION_S else "has an impossible length"


def _analysis(analysis: MusicAnalysis) -> str:
    beats, places = analysis.beat_times_s, analysis.beat_in_bar
    if not 0.0 <= analysis.duration_s <= MAX_DURATION_S:
        return "has an impossible length"
    if places.dtype.kind != "i" or analysis.beats_per_bar < 1:
        return "does not count its beats"
    if np.any(np.diff(beats) < 0.0) or np.any(places < 0) or np.any(places >= analysis.beats_per_bar):
        return "has beats out of order"
    return ""


def _pins(pins: Pins) -> str:
    edges = [edge for span in pins.locked_s for edge in span]
    if len(pins.heard_s) != len(pins.danced_s):
        return "do not say where the dance was"
    for times_s in (pins.anchors_s, edges, pins.heard_s, pins.danced_s):
        if any(b < a for a, b in pairwise(times_s)) or any(abs(t) > MAX_DURATION_S for t in times_s):
            return "are out of order"
    return ""


def _warp(warp: Warp) -> str:
    places = (*warp.frames, *warp.home, *warp.shown_ends, *warp.own_ends, warp.first_frame)
    if warp.own_ends[0] >= warp.own_ends[1]:
        return "has ends out of order"
    return "reaches beyond any piece" if any(abs(place) > 10 * MAX_FRAMES for place in places) else ""


def _rule_change(change: RuleChange) -> str:
    if not change.rule or change.severity not in ("", OFF, *SEVERITIES):
        return "changes a rule to something that there is not"
    names = [name for name, _ in change.limits]
    return "" if names == sorted(set(names)) else "has a limit twice"


def _waiver(waiver: Waiver) -> str:
    is_there = waiver.start_frame <= waiver.end_frame and max(map(abs, (waiver.start_frame, waiver.end_frame))) < 1e9
    return "" if waiver.rule and waiver.track_id and is_there else "names nothing that could be found"


def _document(document: Document) -> str:
    if len(document.tracks) > MAX_TRACKS:
        return "has more dancers than the program can show"
    if sum(track.end_frame for track in document.tracks) > MAX_FRAMES_OF_ALL:
        return "is longer than the program can show"
    return "has parts that share one id" if shared_ids(document) else ""


CHECKS: dict[type, Callable[[Any], str]] = {
    Skeleton: _skeleton,
    Motion: _motion,
    Take: _take,
    Clip: _clip,
    Track: _track,
    Settings: _settings,
    Recipe: _recipe,
    Song: _song,
    MusicAnalysis: _analysis,
    Pins: _pins,
    Warp: _warp,
    RuleChange: _rule_change,
    Waiver: _waiver,
    Document: _document,
}


def problem_of(part: object) -> str:
    """Why the program cannot work with a part of a document; empty when it can."""
    check = CHECKS.get(type(part))
    return check(part) if check else ""


def shared_ids(document: Document) -> set[str]:
    """Ids that more than one track, clip, marker or camera bears, or two takes that differ. Clips may share takes."""
    clips = [clip for track in document.tracks for clip in track.clips]
    ids = [p.id for p in document.tracks] + [p.id for p in clips]
    ids += [p.id for p in document.markers] + [p.id for p in document.cameras]
    takes: dict[str, Take] = {}
    differing = {t.id for clip in clips for t in clip.takes if takes.setdefault(t.id, t) is not t and takes[t.id] != t}
    return differing | {one for one, times in Counter(ids).items() if times > 1}
