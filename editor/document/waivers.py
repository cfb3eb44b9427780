"""How a finding that is intended is known again after edits, and where it lies in the piece."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import numpy as np

from editor.document.assemble import stretch
from editor.document.document import Clip, Document, Track, value_at
from editor.document.piece_rules import Waiver
from engine.motion.motion import Motion
from engine.structure.finding import Finding

# Where the same thing is found again, its edges may be so far off: rules look at what is around them.
_NEAR_FRAMES = 6.0
# What spans several clips is the same where at least so much of the shorter one lies in the other.
_LEAST_SHARED = 0.5
_DIGEST_LETTERS = 24
# A genre's rules count where the styles of it have more than this share of the mix.
_LEAST_SHARE = 0.5


def waiver_for(document: Document, track_id: str, finding: Finding) -> Waiver:
    """What is to be known again of a finding in a dancer's motion as it is danced."""
    track = document.track(track_id)
    joints, clip = frozenset(finding.joints), _clip_of(track, finding)
    if clip is None:
        start, end = float(finding.start_frame), float(finding.end_frame)
        return Waiver(finding.rule, track_id, start, end, joints=joints)
    at = _take_frames(clip, np.array([finding.start_frame, finding.end_frame], dtype=float))
    peak = finding.peak_frame
    digest = _digests(stretch(track, peak, peak + 1))[0]
    return Waiver(finding.rule, track_id, float(at.min()), float(at.max()), clip.take.id, joints, digest)


def waiver_of(document: Document, track_id: str, finding: Finding) -> Waiver | None:
    """By what a finding is said to be intended; None where it is not."""
    joints = frozenset(finding.joints)
    for waiver in document.rules.waivers:
        if (waiver.rule, waiver.track_id) != (finding.rule, track_id):
            continue
        if waiver.joints and joints and not waiver.joints & joints:
            continue
        if _is_at(document.track(track_id), finding, waiver):
            return waiver
    return None


def waived_spans(document: Document) -> list[tuple[Waiver, int, int]]:
    """Where in the piece what is intended is danced: waiver, first frame, and the one behind the last."""
    out = []
    for track in document.dancers:
        for waiver in document.rules.waivers:
            span = _span_of(track, waiver) if waiver.track_id == track.id else None
            if span is not None:
                out.append((waiver, *span))
    return sorted(out, key=lambda row: row[1])


def taken_along(document: Document, clip: Clip, before: Track, after: Track) -> Document:
    """The document with what is intended in a clip that went from one dancer to another, whose tracks these are now,
    intended there; it stays intended with the first where the same frames are still danced."""
    there = replace(after, clips=tuple(c for c in after.clips if c.id == clip.id))
    waivers: list[Waiver] = []
    for waiver in document.rules.waivers:
        goes = waiver.track_id == before.id and waiver.take_id and _span_of(there, waiver) is not None
        if not goes or _span_of(before, waiver) is not None:
            waivers.append(waiver)
        if goes:
            waivers.append(replace(waiver, track_id=after.id))
    if waivers == list(document.rules.waivers):
        return document
    return replace(document, rules=replace(document.rules, waivers=tuple(waivers)))


def genre_of(document: Document, genre_of_style: dict[str, str]) -> str | None:
    """By which genre a piece is judged: its own choice, else that of the styles that it is danced in for the most
    part; None for what holds of every dance."""
    if document.rules.genre:
        return document.rules.genre
    middle_s = np.linspace(0.0, max(document.duration_s, 1e-3), 33)
    weights: dict[str, float] = {}
    total = 0.0
    for style, value in document.settings.style:
        weight = float(value_at(value, middle_s).mean())
        total += weight
        if style in genre_of_style:
            weights[genre_of_style[style]] = weights.get(genre_of_style[style], 0.0) + weight
    if not weights or total <= 0.0:
        return None
    best = max(weights, key=lambda genre: weights[genre])
    return best if weights[best] > _LEAST_SHARE * total else None


def _is_at(track: Track, finding: Finding, waiver: Waiver) -> bool:
    clip = _clip_of(track, finding)
    if clip is None or not waiver.take_id:
        if clip is not None or waiver.take_id:
            return False
        shared = min(waiver.end_frame, finding.end_frame) - max(waiver.start_frame, finding.start_frame)
        shorter = min(waiver.end_frame - waiver.start_frame, finding.end_frame - finding.start_frame)
        return shared >= _LEAST_SHARED * max(shorter, 1.0)
    if clip.take.id == waiver.take_id:
        at = _take_frames(clip, np.array([finding.start_frame, finding.end_frame], dtype=float))
        return bool(at.min() - _NEAR_FRAMES < waiver.end_frame and waiver.start_frame < at.max() + _NEAR_FRAMES)
    # Another take, which may hold the same frames: baked, joined, or mended elsewhere.
    start, end = max(finding.start_frame, clip.start_frame), min(finding.end_frame, clip.end_frame)
    return waiver.frame_digest in _digests(stretch(track, start, end)) if waiver.frame_digest else False


def _clip_of(track: Track, finding: Finding) -> Clip | None:
    """The clip that a finding lies in, but for a few frames; None where it reaches over several, or lies in a gap."""
    for clip in track.clips:
        if clip.start_frame <= finding.peak_frame < clip.end_frame:
            over = max(clip.start_frame - finding.start_frame, finding.end_frame - clip.end_frame)
            return clip if over <= _NEAR_FRAMES else None
    return None


def _take_frames(clip: Clip, frames: np.ndarray) -> np.ndarray:
    """Which frames of its take a clip shows at frames of the piece."""
    own = frames - clip.start_frame
    at = clip.offset_frame + clip.speed * (own if clip.warp is None else clip.warp.home_at(own))
    return np.mod(at, clip.take.motion.n_frames) if clip.is_looped else at


def _span_of(track: Track, waiver: Waiver) -> tuple[int, int] | None:
    if not waiver.take_id:
        start, end = round(waiver.start_frame), min(round(waiver.end_frame), track.end_frame)
        return (start, end) if start < end else None
    for clip in track.clips:
        frames = np.arange(clip.start_frame, clip.end_frame)
        if clip.take.id == waiver.take_id:
            at = _take_frames(clip, frames.astype(float))
            inside = frames[(at >= waiver.start_frame) & (at < max(waiver.end_frame, waiver.start_frame + 1.0))]
        elif waiver.frame_digest:
            same = [d == waiver.frame_digest for d in _digests(stretch(track, clip.start_frame, clip.end_frame))]
            half = 0.5 * (waiver.end_frame - waiver.start_frame)
            worst = int(frames[same.index(True)]) if True in same else -1_000_000
            inside = frames[(frames >= worst - half) & (frames < max(worst + half, worst + 1))]
        else:
            continue
        if len(inside):
            return int(inside[0]), int(inside[-1]) + 1
    return None


def _digests(motion: Motion) -> list[str]:
    """A digest of every frame's pose, whatever place and direction it is danced in."""
    poses = np.ascontiguousarray(motion.local_rotations[:, 1:], dtype=np.float64)
    return [sha256(pose.tobytes()).hexdigest()[:_DIGEST_LETTERS] for pose in poses]
