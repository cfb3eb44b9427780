"""What generation is asked for: everything that the answer depends on. No torch here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.errors import RequestRefused
from engine.motion.house import BODY_PARTS, FRAME_RATE_HZ
from engine.motion.motion import Motion
from engine.music.analysis import EMOTIONS, MusicAnalysis
from engine.timebase import frame_at


@dataclass(frozen=True)
class SectionSpan:
    """A part of the music in frames of the segment, half open; frames may lie outside it."""

    start_frame: int
    end_frame: int
    label: str
    role: str


@dataclass(frozen=True, eq=False)
class GenerationRequest:
    """One segment of dance to make. Takes over its arrays and makes them read-only.

    Attributes:
        n_frames: Length of the segment at 30 frames per second.
        beats_frame: The music's beats in frames of the segment, may be fractional and lie outside, [N].
        strengths: How strong each beat is, 0 to 1, [N].
        loudness: The music's loudness, 0 to 1, [n_frames].
        music_emotion: What the music itself asks for: arousal, -1 to 1, [n_frames].
        sections: The music's parts that the segment touches.
        style: Weights over style names, at least one above zero; they need not add up to one.
        emotion: Each of EMOTIONS from 0 to 1, a number or an array [n_frames]; those left out are 0.
        follow_music: How much the music's own arousal drives the dance, 0 to 1.
        intensity: Size and drive of the movement: 1 as learned, 0.5 half, 1.5 half as much again.
        novelty: 0 takes the best-fitting phrases, 1 draws far more freely.
        seed: Another seed, another dance.
        before, after: House motion that the segment must join on to; the frames nearest count.
        locked: Names of body parts kept from `current`; with a part all that carries it is kept too.
        current: The segment's present motion; needed when anything is locked or the path is kept.
        path_m: Where the hips shall be over the floor, x and z in metres, [n_frames, 2]; None leaves it free.
        keep_path: Keep the path of `current`.
    """

    n_frames: int
    beats_frame: np.ndarray
    strengths: np.ndarray
    loudness: np.ndarray
    music_emotion: np.ndarray
    sections: tuple[SectionSpan, ...] = ()
    style: Mapping[str, float] = field(default_factory=dict)
    emotion: Mapping[str, float | np.ndarray] = field(default_factory=dict)
    follow_music: float = 1.0
    intensity: float = 1.0
    novelty: float = 0.3
    seed: int = 0
    before: Motion | None = None
    after: Motion | None = None
    locked: frozenset[str] = frozenset()
    current: Motion | None = None
    path_m: np.ndarray | None = None
    keep_path: bool = False

    def __post_init__(self) -> None:
        if self.n_frames < 1:
            raise RequestRefused("The segment is empty: select at least one frame.")
        for name in ("loudness", "music_emotion"):
            if getattr(self, name).shape != (self.n_frames,):
                raise ValueError(f"{name} must hold {self.n_frames} values, got {getattr(self, name).shape}")
        if self.path_m is not None and self.path_m.shape != (self.n_frames, 2):
            raise ValueError(f"path_m must be [{self.n_frames}, 2], got {self.path_m.shape}")
        if (self.locked or self.keep_path) and (self.current is None or self.current.n_frames != self.n_frames):
            raise RequestRefused("Locking needs the segment's present motion, frame for frame: generate it first.")
        unknown = (set(self.emotion) - set(EMOTIONS)) | (set(self.locked) - set(BODY_PARTS))
        if unknown:
            raise RequestRefused(f"There is no emotion or body part called {', '.join(sorted(unknown))}.")
        if any(not np.all(np.isfinite(v)) or np.any(np.asarray(v) < 0) for v in self.emotion.values()):
            raise RequestRefused("Emotions go from 0 to 1.")
        if any(not np.isfinite(w) or w < 0 for w in self.style.values()):
            raise RequestRefused("Style weights cannot be negative.")
        for array in (self.beats_frame, self.strengths, self.loudness, self.music_emotion, self.path_m):
            if array is not None:
                array.flags.writeable = False

    def digest(self) -> str:
        """A SHA-256 over all that the answer depends on, in hexadecimal."""
        plain = {
            "n_frames": self.n_frames,
            "sections": [(s.start_frame, s.end_frame, s.label, s.role) for s in self.sections],
            "style": sorted(self.style.items()),
            "numbers": [self.follow_music, self.intensity, self.novelty, self.seed, self.keep_path],
            "locked": sorted(self.locked),
            "emotion": sorted(self.emotion),
        }
        out = hashlib.sha256(json.dumps(plain).encode())
        arrays = [self.beats_frame, self.strengths, self.loudness, self.music_emotion, self.path_m]
        arrays += [np.asarray(self.emotion[name]) for name in sorted(self.emotion)]
        for motion in (self.before, self.after, self.current):
            arrays += [None, None] if motion is None else [motion.root_positions_m, motion.local_rotations]
        for array in arrays:
            out.update(b"-" if array is None else np.ascontiguousarray(array, dtype=float).tobytes())
        return out.hexdigest()


def locked_closure(locked: frozenset[str]) -> frozenset[str]:
    """The parts that must be kept so that the joints of the locked ones stay where they are in the world."""
    out = set(locked)
    if out & {"left_arm", "right_arm"}:
        out.add("spine")
    if out:
        out |= {"hips"}
    return frozenset(out)


def request_for_music(
    analysis: MusicAnalysis, start_s: float = 0.0, end_s: float | None = None, **settings: object
) -> GenerationRequest:
    """A request for the song from `start_s` to `end_s` (the whole song by default).

    `settings` are further attributes of GenerationRequest: style, emotion, seed, before, after ...
    """
    end_s = analysis.duration_s if end_s is None else end_s
    n_frames = frame_at(end_s, FRAME_RATE_HZ) - frame_at(start_s, FRAME_RATE_HZ)
    if n_frames < 1:
        raise RequestRefused("The segment is empty: select at least one frame.")
    times = start_s + np.arange(n_frames) / FRAME_RATE_HZ
    beats = np.asarray(analysis.beat_times_s, dtype=float)
    strengths = np.where(np.asarray(analysis.beat_in_bar) == 0, 1.0, 0.75)
    spans = tuple(
        SectionSpan(
            frame_at(s.start_s - start_s, FRAME_RATE_HZ), frame_at(s.end_s - start_s, FRAME_RATE_HZ), s.label, s.role
        )
        for s in analysis.sections
        if s.end_s > start_s and s.start_s < end_s
    )
    return GenerationRequest(
        n_frames=n_frames,
        beats_frame=(beats - start_s) * FRAME_RATE_HZ,
        strengths=strengths[: len(beats)].astype(float),
        loudness=np.clip(analysis.curve_at("loudness", times), 0.0, 1.0),
        music_emotion=np.clip(analysis.curve_at("arousal", times), -1.0, 1.0),
        sections=spans,
        **settings,  # type: ignore[arg-type] # each is checked by GenerationRequest itself
    )
