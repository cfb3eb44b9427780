"""What the audio thread does: fill blocks as it is wished, and note which moment of the song is heard when."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from editor.playback.click import KINDS, Beats, click_sound, count_kind
from editor.playback.device import BLOCK
from editor.playback.sound import Sound, sound_of
from editor.playback.stretch import Stretcher
from engine.audio.audio import Audio

SHORTEST_LOOP_S = 0.05
FADE_S = 0.004  # over every place at which the sound would jump
FASTEST_CLICK = 2.0  # at higher rates, and backwards, there is no click
GRAIN_S = 0.060  # of scrubbing: how long a grain is,
GRAIN_EVERY_S = 0.040  # how soon the next one may begin,
_GRAIN_RISE_S = 0.005  # and how fast it comes; it goes in what the next one overlaps
_REMEMBERED_S = 2.0  # how long pieces are kept: longer than any latency
_METERED_S = 0.05
_TINY = 1e-6  # samples


@dataclass(frozen=True)
class Wishes:
    """All that the audio thread is asked for. It is replaced as a whole, so that the thread sees all of it or nothing.

    Attributes:
        move: Goes up whenever the position is set, and with play and pause.
        position_s: Where in the song that move went.
        at_s: When on the output's clock that is the position, if it was meant to be heard before the first block is.
        is_playing: Whether it moves on from there.
        rate: Seconds of the song per second of output; below 0 backwards.
        duration_s: Where the piece ends.
        loop_s: Start and end of the loop.
        lead_s: How long it waits before it begins, counting in.
        count_at_s: How long before the beginning the counts are, longest first.
        scrub: A number that goes up, and the moment that is to be heard in a grain.
        gain: Of everything, 1 as recorded.
        click_gain: Of the click; 0 for none.
        count_gain: Of the count before the beginning.
        beats: Where the clicks are.
    """

    move: int = 0
    position_s: float = 0.0
    at_s: float | None = None
    is_playing: bool = False
    rate: float = 1.0
    duration_s: float = 0.0
    loop_s: tuple[float, float] | None = None
    lead_s: float = 0.0
    count_at_s: tuple[float, ...] = ()
    scrub: tuple[int, float] | None = None
    gain: float = 1.0
    click_gain: float = 0.0
    count_gain: float = 1.0
    beats: Beats = field(default_factory=Beats)


@dataclass(frozen=True)
class Piece:
    """A stretch of output in which the song goes on evenly.

    Attributes:
        move: After which move.
        heard_at_s: When its beginning is heard, on the output's clock.
        length_s: How long it is, on the same clock.
        position_s: Where in the song it begins.
        rate: Seconds of the song per second of output.
        lead_s: At its beginning, how long there is to go until the song begins.
        is_end: Whether the song stands at its end (its beginning, if it ran backwards).
    """

    move: int
    heard_at_s: float
    length_s: float
    position_s: float
    rate: float
    lead_s: float = 0.0
    is_end: bool = False

    def position_at(self, time_s: float) -> float:
        """The moment of the song at a time on the output's clock, within this piece."""
        return self.position_s + self.rate * min(max(time_s - self.heard_at_s, 0.0), self.length_s)


@dataclass
class _Voice:
    """A sound that is added to the output until it is through; it begins when `next` reaches 0."""

    samples: np.ndarray
    next: int


class Deck:
    """Turns wishes into blocks. `fill` is called by one thread, everything else may be done by another.

    Args:
        rate_hz: The output's.
        wishes: What is wanted first; assign `wishes` to want something else.
        sound: The song at that rate; None for silence.

    Attributes:
        pieces: What was handed out in the last two seconds, oldest first; replaced as a whole.
        peaks: The largest value of each of the last blocks.
    """

    def __init__(self, rate_hz: int, wishes: Wishes, sound: Sound | None = None) -> None:
        self.wishes = wishes
        self.pieces: tuple[Piece, ...] = ()
        self.peaks: tuple[float, ...] = ()
        self.rate_hz = rate_hz
        self._sound = sound if sound is not None else _silence(rate_hz)
        self._clicks = {kind: click_sound(kind, rate_hz) for kind in KINDS}
        self._stretcher = Stretcher(self._sound)
        self._fade = _rising(round(FADE_S * rate_hz))
        self._served = -1  # the last move that was made
        self._scrubbed = 0  # the number of the last grain
        self._since_grain = rate_hz  # samples since it began
        self._position = 0.0  # where in the song the clock stands, samples
        self._shown = 0.0  # where what is heard stands: the same, but for stretched sound
        self._lead = 0  # samples until the song begins
        self._line = ""  # what sounds: "", "direct" or "stretched"
        self._loop = (0.0, 0.0)  # that it sounds in
        self._faded_in = 0
        self._gain = wishes.gain
        self._ramp, self._gains, self._sizes = _scratch(BLOCK)
        self._voices: list[_Voice] = []

    def fill(self, block: np.ndarray | None, n_samples: int, heard_at_s: float) -> None:
        """Fill a block, float32 [n_samples, 2], that is heard from `heard_at_s` on; None goes on without sound."""
        wishes = self.wishes
        made: list[Piece] = []
        if block is not None:
            block[:] = 0.0
        if wishes.move != self._served:
            self._make_move(wishes, heard_at_s, made)
        self._run(wishes, block, n_samples, heard_at_s, made)
        if block is not None:
            self._begin_grain(wishes, n_samples)
            self._add_voices(block)
            self._level(wishes, block)
        if made:
            kept = self.pieces
            if kept and kept[-1].heard_at_s > heard_at_s:
                kept = ()  # the output's clock was set back; what it said before means nothing now
            n_old = next((k for k, p in enumerate(kept) if p.heard_at_s > heard_at_s - _REMEMBERED_S), len(kept))
            self.pieces = (*kept[n_old:], *made)

    def _make_move(self, wishes: Wishes, heard_at_s: float, made: list[Piece]) -> None:
        self._let_go()
        self._served = wishes.move
        self._position = self._shown = wishes.position_s * self.rate_hz
        self._lead = round(wishes.lead_s * self.rate_hz)
        if wishes.at_s is not None and heard_at_s > wishes.at_s:
            self._run(wishes, None, round((heard_at_s - wishes.at_s) * self.rate_hz), wishes.at_s, made)

    def _run(
        self, wishes: Wishes, block: np.ndarray | None, n_samples: int, heard_at_s: float, made: list[Piece]
    ) -> None:
        done = 0
        while done < n_samples:
            part = None if block is None else block[done:]
            done += self._step(wishes, part, done, n_samples - done, heard_at_s + done / self.rate_hz, made)

    def _step(
        self, wishes: Wishes, part: np.ndarray | None, at: int, n_most: int, heard_at_s: float, made: list[Piece]
    ) -> int:
        """Hand out as far as nothing changes, `at` samples into the block; how far that was."""
        if not wishes.is_playing or wishes.scrub is not None:
            self._let_go(at)
            return n_most
        if self._lead > 0:
            position_s, lead_s = self._position / self.rate_hz, self._lead / self.rate_hz
            n = self._count_in(wishes, part is not None, at, n_most)
            made.append(Piece(wishes.move, heard_at_s, n / self.rate_hz, position_s, 0.0, lead_s))
            return n
        loop = self._loop_of(wishes)
        limit, back_to = self._limit(wishes, loop)
        if part is not None and self._until(limit, wishes) > 0:
            self._turn_to(wishes, at, loop)
        n = min(n_most, self._until(limit, wishes))
        if n <= 0:
            self._let_go(at)
            made.append(Piece(wishes.move, heard_at_s, n_most / self.rate_hz, limit / self.rate_hz, 0.0, is_end=True))
            return n_most
        if self._line == "stretched":
            n = min(n, self._stretcher.left)
        piece = self._advance(wishes, part, n, heard_at_s, limit)
        if part is not None:
            self._click(wishes, at, piece)
        if abs(self._position - limit) <= _TINY or (self._position > limit) == (wishes.rate > 0.0):
            self._shown = self._position = limit if back_to is None else back_to + self._position - limit
        made.append(piece)
        return n

    def _until(self, limit: float, wishes: Wishes) -> int:
        """How many samples of output there are until the song is at `limit`."""
        return math.ceil((limit - self._position) / wishes.rate - _TINY)

    def _advance(self, wishes: Wishes, part: np.ndarray | None, n: int, heard_at_s: float, limit: float) -> Piece:
        """Go on `n` samples evenly, into the beginning of `part`.

        What is shown is what is heard: of stretched sound not quite where the clock stands, but where its grains are.
        """
        first, offset = self._shown, 0.0
        if part is not None:
            if self._line == "stretched":
                offset = self._shown - self._position
                offset += (self._stretcher.offset - offset) * n / self._stretcher.left
            self._sing(part[:n])
        self._position += n * wishes.rate
        low, high = (first, limit) if wishes.rate > 0.0 else (limit, first)
        is_there = self._until(limit, wishes) <= 0
        self._shown = limit if is_there else min(max(self._position + offset, low), high)
        rate = wishes.rate if self._line != "stretched" else (self._shown - first) / n
        return Piece(wishes.move, heard_at_s, n / self.rate_hz, first / self.rate_hz, rate)

    def _loop_of(self, wishes: Wishes) -> tuple[float, float]:
        """The loop in whole samples; of no length for none."""
        if wishes.loop_s is None:
            return 0.0, 0.0
        start, end = (float(round(min(max(s, 0.0), wishes.duration_s) * self.rate_hz)) for s in wishes.loop_s)
        return (start, end) if end - start >= SHORTEST_LOOP_S * self.rate_hz else (0.0, 0.0)

    def _limit(self, wishes: Wishes, loop: tuple[float, float]) -> tuple[float, float | None]:
        """The sample up to which the song goes on evenly, and the one it goes to then; None where it ends."""
        start, end = loop
        if wishes.rate > 0.0:
            is_looping = self._position < end
            return (end, start) if is_looping else (wishes.duration_s * self.rate_hz, None)
        is_looping = start < self._position and end > start
        return (start, end) if is_looping else (0.0, None)

    def _count_in(self, wishes: Wishes, is_heard: bool, at: int, n_most: int) -> int:
        counts = [round(s * self.rate_hz) for s in wishes.count_at_s]
        if is_heard and self._lead in counts and wishes.count_gain > 0.0:
            kind = count_kind(len(counts) - counts.index(self._lead))
            self._voices.append(_Voice(self._clicks[kind] * wishes.count_gain, -at))
        n = min(n_most, self._lead - max((c for c in counts if c < self._lead), default=0))
        self._lead -= n
        return n

    def _turn_to(self, wishes: Wishes, at: int, loop: tuple[float, float]) -> None:
        """Have that sound which the rate needs, and its next samples ready."""
        line = "direct" if wishes.rate == 1.0 else "stretched"
        if not self._line:
            self._faded_in = 0
        if line == "direct" and self._line != "direct":
            self._let_go(at)
            self._shown = self._position = float(round(self._shown))
            self._faded_in = 0
        elif line == "stretched" and self._line != "stretched":
            self._stretcher.start(self._position)  # takes up a song that sounds without a seam
        self._line, self._loop = line, loop
        if line == "stretched" and not self._stretcher.left:
            middle = self._wrapped(self._position + wishes.rate * self._stretcher.hop, wishes.rate)
            self._stretcher.lay(middle, wishes.rate)

    def _wrapped(self, position: float, rate: float) -> float:
        start, end = self._loop
        if rate > 0.0 and self._position < end <= position:
            return start + (position - end) % (end - start)
        if rate < 0.0 and end > start and position <= start < self._position:
            return end - (start - position) % (end - start)
        return position

    def _sing(self, part: np.ndarray) -> None:
        """Put the song into a part of the block."""
        part[:] = self._stretcher.take(len(part)) if self._line == "stretched" else self._direct(len(part))
        n = min(len(part), len(self._fade) - self._faded_in)
        if n > 0:
            part[:n] *= self._fade[self._faded_in : self._faded_in + n]
            self._faded_in += n

    def _direct(self, n: int) -> np.ndarray:
        """The next `n` samples at the song's own speed."""
        first = round(self._position)
        samples = self._sound.read(first, n)
        start, end = (round(edge) for edge in self._loop)
        low, high = max(first, end - len(self._fade)), min(first + n, end)
        if low < high:  # towards the end of a loop what comes before its start fades in, so that the start is whole
            rising = self._fade[low - end + len(self._fade) : high - end + len(self._fade)]
            samples = samples.copy()
            samples[low - first : high - first] *= 1.0 - rising
            samples[low - first : high - first] += rising * self._sound.read_held(low - end + start, high - low)
        return samples

    def _let_go(self, at: int = 0) -> None:
        """End what sounds, softly, `at` samples into the block."""
        if self._line:
            n = len(self._fade)
            rest = self._stretcher.ending(n) if self._line == "stretched" else self._direct(n)
            self._voices.append(_Voice(rest * self._fade[::-1], -at))
        self._line = ""

    def _click(self, wishes: Wishes, at: int, piece: Piece) -> None:
        if wishes.click_gain <= 0.0 or not 0.0 < wishes.rate <= FASTEST_CLICK or piece.rate <= 0.0:
            return
        begin_s = piece.position_s - _TINY / self.rate_hz
        for k in wishes.beats.between(begin_s, begin_s + piece.rate * piece.length_s):
            wait_s = max(float(wishes.beats.times_s[k]) - piece.position_s, 0.0) / piece.rate
            click = self._clicks[wishes.beats.kinds[k]] * wishes.click_gain
            self._voices.append(_Voice(click, -at - round(wait_s * self.rate_hz)))

    def _begin_grain(self, wishes: Wishes, n_samples: int) -> None:
        if wishes.scrub is not None and wishes.scrub[0] != self._scrubbed:
            wait = max(round(GRAIN_EVERY_S * self.rate_hz) - self._since_grain, 0)
            if wait < n_samples:
                self._scrubbed = wishes.scrub[0]
                rise, fall = (_rising(round(s * self.rate_hz)) for s in (_GRAIN_RISE_S, GRAIN_S - GRAIN_EVERY_S))
                first = round(wishes.scrub[1] * self.rate_hz) - len(rise)
                grain = self._sound.read(first, round(GRAIN_S * self.rate_hz)).copy()
                grain[: len(rise)] *= rise
                grain[-len(fall) :] *= fall[::-1]
                self._voices.append(_Voice(grain, -wait))
                self._since_grain = -wait
        self._since_grain += n_samples

    def _add_voices(self, block: np.ndarray) -> None:
        for voice in self._voices:
            skip = max(-voice.next, 0)
            first = max(voice.next, 0)
            sounding = voice.samples[first : first + max(len(block) - skip, 0)]
            block[skip : skip + len(sounding)] += sounding
            voice.next += len(block)
        self._voices = [voice for voice in self._voices if voice.next < len(voice.samples)]

    def _level(self, wishes: Wishes, block: np.ndarray) -> None:
        """Bring all of the block to the gain, over its length where that changed, and note its peak.

        No array is made here but where blocks have another length than before.
        """
        n = len(block)
        if n != len(self._ramp):
            self._ramp, self._gains, self._sizes = _scratch(n)
        if wishes.gain != self._gain:
            np.multiply(self._ramp, wishes.gain - self._gain, out=self._gains)
            self._gains += self._gain
            block *= self._gains
            self._gain = wishes.gain
        elif wishes.gain != 1.0:
            block *= wishes.gain
        np.clip(block, -1.0, 1.0, out=block)
        np.abs(block, out=self._sizes)
        n_kept = max(math.ceil(_METERED_S * self.rate_hz / n), 1)
        self.peaks = (*self.peaks[1 - n_kept :], float(self._sizes.max()))[-n_kept:]


def _scratch(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For blocks of `n` samples: a way from 0 to 1, and room for gains and for sizes, [n, 2] each."""
    ramp = np.repeat(np.arange(1, n + 1, dtype=np.float32)[:, None] / n, 2, axis=1)
    return ramp, np.empty_like(ramp), np.empty_like(ramp)


def _rising(n: int) -> np.ndarray:
    """A fade of `n` samples, [n, 1]; it and its mirror image add up to 1."""
    return (0.5 - 0.5 * np.cos(np.pi * (np.arange(n, dtype=np.float32) + 0.5) / n))[:, None].astype(np.float32)


def _silence(rate_hz: int) -> Sound:
    return sound_of(Audio(np.zeros((1, 0), np.float32), rate_hz), rate_hz)
