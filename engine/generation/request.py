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
from engine.structure.finding import FAMILIES
from engine.timebase import frame_at

MOST_INTENSITY = 3.0
MOST_WEIGHT = 1e6
MOST_CANDIDATES = 16
# How music sounds beside the usual of its song, in standard deviations of the song: which of the analysis's curves, and
# the least that one counts as. A song that hardly changes in one thing is not read as if it did.
HEARD = {"loudness": 0.075, "onset_strength": 0.05, "arousal": 0.15, "valence": 0.15}
LOUDNESS = list(HEARD).index("loudness")
_MOST_HEARD = 3.0


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
        intensity: Size and drive of the movement: 1 as learned, 0.5 half, 1.5 half as much again, 3 at most.
        novelty: 0 takes the best-fitting phrases, 1 draws far more freely.
        seed: From 0 on; another seed, another dance.
        before, after: House motion that the segment must join on to; the frames nearest count.
        locked: Names of body parts kept from `current`; with a part all that carries it is kept too.
        current: The segment's present motion; needed when anything is locked or the path is kept.
        path_m: Where the hips shall be over the floor, x and z in metres, [n_frames, 2]; None leaves it free.
        keep_path: Keep the path of `current`.
        avoid: Kinds of movement (engine.structure.vocabulary) and rules (engine.structure.rules) to do without.
        allow: Where it names kinds of movement, all other kinds are avoided too.
        mind_rules: Families of rules (engine.structure.finding.FAMILIES) that have a say in what is danced.
        best_of: So many dances are made for the one that breaks the fewest rules, 1 to 16.
        heard: How the music sounds beside the whole song's usual, in the order of HEARD, [n_frames, 4].
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
    avoid: frozenset[str] = frozenset()
    allow: frozenset[str] = frozenset()
    mind_rules: frozenset[str] = frozenset(FAMILIES)
    best_of: int = 1
    heard: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.n_frames < 1:
            raise RequestRefused("The segment is empty: select at least one frame.")
        self._check_arrays()
        if (self.locked or self.keep_path) and (self.current is None or self.current.n_frames != self.n_frames):
            raise RequestRefused("Locking needs the segment's present motion, frame for frame: generate it first.")
        unknown = (set(self.emotion) - set(EMOTIONS)) | (set(self.locked) - set(BODY_PARTS))
        if unknown:
            raise RequestRefused(f"There is no emotion or body part called {', '.join(sorted(unknown))}.")
        if not all(_within(v, 1.0) for v in self.emotion.values()):
            raise RequestRefused("Emotions go from 0 to 1.")
        if not all(_within(w, MOST_WEIGHT) for w in self.style.values()):
            raise RequestRefused(f"Style weights go from 0 to {MOST_WEIGHT:g}.")
        for name, most in (("follow_music", 1.0), ("intensity", MOST_INTENSITY), ("novelty", 1.0)):
            if not _within(getattr(self, name), most):
                raise RequestRefused(f"{name.replace('_', ' ').capitalize()} goes from 0 to {most:g}.")
        if self.seed < 0:
            raise RequestRefused(f"A seed is a whole number from 0 on, not {self.seed}.")
        self._check_rules()

    def _check_rules(self) -> None:
        if self.avoid or self.allow:
            known = vocabulary()
            # The rules are loaded only where one is named: a window that opens needs none of them.
            odd = self.allow - known or (self.avoid - known and self.avoid - avoidable())
            if odd:
                words = ", ".join(sorted(known))
                unknown = ", ".join(sorted(odd))
                raise RequestRefused(f"There is nothing called {unknown} to avoid or allow; there are {words}.")
        if not self.mind_rules <= frozenset(FAMILIES):
            odd_words = ", ".join(sorted(self.mind_rules - frozenset(FAMILIES)))
            raise RequestRefused(f"There are no rules called {odd_words}; there are those of {', '.join(FAMILIES)}.")
        if not 1 <= self.best_of <= MOST_CANDIDATES:
            raise RequestRefused(f"The best is chosen of 1 to {MOST_CANDIDATES} dances, not {self.best_of}.")

    @property
    def unwanted(self) -> frozenset[str]:
        """All that is to be done without: what is avoided, and where some kinds are allowed the other kinds."""
        return self.avoid | (vocabulary() - self.allow if self.allow else frozenset())

    def _check_arrays(self) -> None:
        n = self.n_frames
        beats = (len(self.beats_frame),)
        shapes = {"beats_frame": beats, "strengths": beats, "loudness": (n,), "music_emotion": (n,), "path_m": (n, 2),
                  "heard": (n, len(HEARD))}  # fmt: skip
        arrays = {name: getattr(self, name) for name in shapes if getattr(self, name) is not None}
        for name, values in self.emotion.items():
            if np.ndim(values):
                arrays[name], shapes[name] = values, (n,)
        for name, array in arrays.items():
            if np.shape(array) != shapes[name]:
                raise ValueError(f"{name} must be {list(shapes[name])}, got {list(np.shape(array))}")
            if not np.isfinite(array).all():
                raise ValueError(f"{name} holds values that are not numbers")
            array.flags.writeable = False
        if np.any(np.diff(self.beats_frame) < 0):
            raise ValueError("beats_frame must ascend")

    def digest(self) -> str:
        """A SHA-256 over all that the answer depends on, in hexadecimal."""
        plain: dict[str, object] = {
            "n_frames": self.n_frames,
            "sections": [(s.start_frame, s.end_frame, s.label, s.role) for s in self.sections],
            "style": sorted((name, float(weight)) for name, weight in self.style.items()),
            "numbers": [float(x) for x in (self.follow_music, self.intensity, self.novelty)],
            "seed": int(self.seed),
            "keep_path": bool(self.keep_path),
            "locked": sorted(self.locked),
            "emotion": sorted(self.emotion),
        }
        # Only where they say something: requests from before there were rules keep their digests.
        for name, usual in (("avoid", ()), ("allow", ()), ("mind_rules", FAMILIES)):
            if set(getattr(self, name)) != set(usual):
                plain[name] = sorted(getattr(self, name))
        if self.best_of > 1:
            plain["best_of"] = self.best_of
        out = hashlib.sha256(json.dumps(plain).encode())
        arrays = [self.beats_frame, self.strengths, self.loudness, self.music_emotion, self.path_m]
        arrays += [np.asarray(self.emotion[name]) for name in sorted(self.emotion)]
        for motion in (self.before, self.after, self.current):
            arrays += [None, None] if motion is None else [motion.root_positions_m, motion.local_rotations]
        for array in arrays:
            # With the shape, so that no number passes for one of the array beside it.
            out.update(b"-" if array is None else str(np.shape(array)).encode())
            out.update(b"" if array is None else np.ascontiguousarray(array, dtype=float).tobytes())
        if self.heard is not None:
            out.update(np.ascontiguousarray(self.heard, dtype=float).tobytes())
        return out.hexdigest()


def vocabulary() -> frozenset[str]:
    """The kinds of movement that can be avoided or allowed."""
    from engine.structure.vocabulary import VOCABULARY

    return frozenset(VOCABULARY)


def avoidable() -> frozenset[str]:
    """All that can be avoided: kinds of movement, and rules that a movement may break."""
    from engine.structure.rules import RULES

    return vocabulary() | RULES.keys()


def _within(values: float | np.ndarray, most: float) -> bool:
    """Whether all values are numbers from 0 to `most`."""
    return bool(np.all((np.asarray(values) >= 0.0) & (np.asarray(values) <= most)))


def locked_closure(locked: frozenset[str]) -> frozenset[str]:
    """The parts that must be kept so that the joints of the locked ones stay where they are in the world."""
    out = set(locked)
    if out & {"left_arm", "right_arm"}:
        out.add("spine")
    if out:
        out |= {"hips"}
    return frozenset(out)


def _heard(analysis: MusicAnalysis, times_s: np.ndarray) -> np.ndarray:
    """Rows of HEARD at some times of a song, [T, 4]."""
    rows = []
    for name, least in HEARD.items():
        curve = getattr(analysis, name)
        usual, spread = (float(curve.mean()), max(float(curve.std()), least)) if len(curve) else (0.0, 1.0)
        rows.append((analysis.curve_at(name, times_s) - usual) / spread if len(curve) else np.zeros(len(times_s)))
    return np.clip(np.stack(rows, axis=1), -_MOST_HEARD, _MOST_HEARD)


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
        heard=_heard(analysis, times),
        **settings,  # type: ignore[arg-type] # each is checked by GenerationRequest itself
    )
