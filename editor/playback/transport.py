"""Playing the piece: play, pause, jog, loop, scrub, and knowing to the millisecond which moment of it is heard."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from editor.observable import Signal
from editor.playback.click import beats_of, count_in_s
from editor.playback.deck import Deck, Piece, Wishes
from editor.playback.device import Opener, Worker, look_again, open_device
from editor.playback.feed import Feed, SilentFeed
from editor.playback.opening import Opened, open_feed
from editor.playback.sound import sound_of
from editor.playback.volume import VOLUMES_DB, gain_of
from engine.audio.audio import Audio

LOST_DEVICE = "The sound device stopped: the piece plays on without sound; play again to look for a device."
SPEEDS = (0.25, 1.0)  # slowest and fastest for practice
SHUTTLE = (1.0, 2.0, 4.0)  # what pressing the same key again leads to
SLOW = 0.5  # of the shuttle with K held
QUIETEST_DB = -90.0
MOST_OFFSET_S = 1.0
_SEEK_AGAIN_S = 10.0  # a device that is lost again sooner is not looked for until the user plays again
_STALLED_S = 1.0  # a device that has asked for nothing so long has vanished
_USUAL_RATE_HZ = 48_000  # for a piece without a song
_AT_END_S = 1e-3


class Transport:
    """A piece that can be started, stopped and moved about in, with its song or without. Use it from one thread.

    The position is read from the audio stream: where its blocks stand in the song, and when the driver said that they
    would be heard. Nothing is counted by a timer, so sound and picture cannot drift apart. Without a sound device a
    monotonic clock stands in, and `trouble` says so in a sentence. Devices are opened in a thread: until then the
    same clock stands in, and the sound joins where the piece has got to.

    Signals:
        trouble_changed(): `trouble`; emitted by the thread that uses the transport, while it uses it.

    Args:
        opener: Opens an output; a sound device of the system if left out.
        clock: Monotonic, in seconds.
    """

    def __init__(self, opener: Opener | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.trouble_changed = Signal()
        self.trouble = ""
        self._opener, self._clock = opener or open_device, clock
        self._worker = Worker()
        self._wishes = Wishes()
        self._stands_s = 0.0  # the position while nothing is heard
        self._is_playing = False
        self._speed, self._shuttle = 1.0, 1.0
        self._volume_db, self._is_muted = VOLUMES_DB[1], False
        self._is_click_on, self._click_level = False, 1.0
        self._offset_s = 0.0
        self._n_scrubs = 0
        self._audio: Audio | None = None
        self._device: str | None = None  # the name that was asked for
        self._request, self._is_opening = 0, False
        self._opened: Opened | None = None  # assigned by the worker, taken by `poll`
        self._stream: Opened | None = None  # what sounds now, if anything does
        self._stalled_at_s: float | None = None
        self._sought_at_s = -math.inf  # when a lost device was looked for last, unasked
        self._n_dropouts = 0
        self._deck = Deck(_USUAL_RATE_HZ, self._wishes)
        self._feed: Feed | SilentFeed = SilentFeed(clock, self._deck)

    # What is played

    def set_song(self, audio: Audio | None, duration_s: float) -> None:
        """Take up a piece, standing at its beginning, without a loop. Beats, speed and levels stay as they are.

        Args:
            audio: Its song; None for a piece without sound.
            duration_s: Length of the piece; may be more or less than that of the song.
        """
        self.pause()
        self._audio, self._stands_s = audio, 0.0
        self._wish(move=True, duration_s=max(duration_s, 0.0), position_s=0.0, scrub=None, loop_s=None)
        if self._stream is not None:  # the song before must not be heard until this one is ready
            self._hand_over(self._feed, Deck(self._stream.rate_hz, self._wishes))
        self._open()

    def set_duration(self, duration_s: float) -> None:
        """Change the length of the piece, playing on."""
        self._wish(duration_s=max(duration_s, 0.0))
        self._stands_s = min(self._stands_s, self.duration_s)

    def set_beats(self, beat_times_s: np.ndarray, counts: np.ndarray, is_downbeat: np.ndarray) -> None:
        """Tell where the beats are, for the click: times [B], counts of eight 1..8 [B], which begin a bar [B]."""
        self._wish(beats=beats_of(beat_times_s, counts, is_downbeat))

    @property
    def duration_s(self) -> float:
        """Length of the piece in seconds."""
        return self._wishes.duration_s

    # Moving

    @property
    def is_playing(self) -> bool:
        """Whether the piece is moving on; False once its end was heard."""
        self.poll()
        return self._is_playing

    @property
    def is_scrubbing(self) -> bool:
        """Whether a hand holds the playhead."""
        return self._wishes.scrub is not None

    def position_s(self) -> float:
        """The moment of the piece that is heard now, 0 to its duration, seconds."""
        self.poll()
        if self._wishes.scrub is not None:
            return self._wishes.scrub[1]
        time_s = self._heard_time_s()
        piece = self._piece_at(time_s)
        position_s = self._stands_s if piece is None else piece.position_at(time_s)
        return min(max(position_s, 0.0), self.duration_s)

    @property
    def count_in_left(self) -> int:
        """How many counts are left before the start, the one that is heard among them; 0 without a count-in."""
        self.poll()
        if not (self._is_playing and self._wishes.count_at_s):
            return 0
        time_s, counts = self._heard_time_s(), self._wishes.count_at_s
        piece = self._piece_at(time_s)
        lead_s = self._wishes.lead_s if piece is None else piece.lead_s
        if lead_s > 0.0 and piece is not None:
            lead_s -= time_s - piece.heard_at_s
        return min(sum(count_s < lead_s for count_s in counts) + 1, len(counts)) if lead_s > 0.0 else 0

    def play(self, count_in: bool = False) -> None:
        """Go on forward from where it stands; from the beginning if that is the end.

        Args:
            count_in: Count a bar first, "5, 6, 7, 8", in the tempo there.
        """
        self.scrub_end()
        self._shuttle = 1.0
        if self.is_playing:
            self._wish(rate=self._speed)
            return
        if self._stands_s >= self.duration_s - _AT_END_S:
            self._stands_s = 0.0
        counts = count_in_s(self._wishes.beats, self._stands_s, self._speed) if count_in else ()
        self._begin(self._speed, counts)

    def pause(self) -> None:
        """Stop, and stay at the moment that was heard last."""
        if not self._is_playing:
            return
        self._stands_s = self.position_s()
        self._is_playing, self._shuttle = False, 1.0
        self._wish(move=True, is_playing=False, position_s=self._stands_s, lead_s=0.0, count_at_s=(), scrub=None)

    def toggle(self) -> None:
        """Pause if it plays, play if it does not."""
        if self.is_playing:
            self.pause()
        else:
            self.play()

    def seek(self, time_s: float) -> None:
        """Go to a moment of the piece, playing on if it was playing."""
        self.poll()
        self._stands_s = min(max(time_s, 0.0), self.duration_s)
        self._wish(move=True, position_s=self._stands_s, lead_s=0.0, count_at_s=(), scrub=None)

    def jog(self, direction: int, is_slow: bool = False) -> None:
        """What J (-1), K (0) and L (1) do: again the same way 2 and 4 times as fast; slow while K is held too."""
        self.scrub_end()
        is_playing = self.is_playing
        if direction == 0:
            self.pause()
            return
        faster = 1.0
        if is_playing and not is_slow and direction * self._shuttle > 0.0:
            faster = next((s for s in SHUTTLE if s > abs(self._shuttle)), SHUTTLE[-1])
        self._shuttle = (SLOW if is_slow else faster) * (1 if direction > 0 else -1)
        rate = self._speed if self._shuttle == 1.0 else self._shuttle
        if is_playing:
            self._wish(rate=rate)
        elif self._stands_s >= self.duration_s - _AT_END_S and rate > 0.0:
            self.seek(0.0)
            self._begin(rate)
        elif self._stands_s > 0.0 or rate > 0.0:
            self._begin(rate)

    @property
    def rate(self) -> float:
        """Seconds of the piece per second, below 0 backwards; 0 while it stands."""
        return self._wishes.rate if self.is_playing else 0.0

    @property
    def speed(self) -> float:
        """The speed for practice, as a share of the song's own."""
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Play slower, the pitch kept; SPEEDS says how slow."""
        self._speed = min(max(speed, SPEEDS[0]), SPEEDS[1])
        if self._shuttle == 1.0:
            self._wish(rate=self._speed)

    @property
    def loop_s(self) -> tuple[float, float] | None:
        """Start and end of the loop."""
        return self._wishes.loop_s

    def set_loop(self, loop_s: tuple[float, float] | None) -> None:
        """Play a span again and again once its end is reached from within; a span under 0.05 s is none."""
        self._wish(loop_s=None if loop_s is None else (min(loop_s), max(loop_s)))

    def scrub(self, time_s: float) -> None:
        """Hold the playhead at a moment and let it be heard, 60 ms of it. What waits to be heard is replaced."""
        self._n_scrubs += 1
        self._wish(scrub=(self._n_scrubs, min(max(time_s, 0.0), self.duration_s)))

    def scrub_end(self) -> None:
        """Let the playhead go where it is held, and play on if it was playing."""
        if self._wishes.scrub is not None:
            self.seek(self._wishes.scrub[1])

    # What is heard

    @property
    def volume_db(self) -> float:
        """Of everything, click and count-in too, decibels re as recorded; the softest of VOLUMES_DB is silence."""
        return self._volume_db

    @volume_db.setter
    def volume_db(self, volume_db: float) -> None:
        self._volume_db = min(max(volume_db, VOLUMES_DB[0]), VOLUMES_DB[1])
        self._wish(gain=self._gain())

    @property
    def is_muted(self) -> bool:
        """Whether nothing is heard, whatever the volume."""
        return self._is_muted

    @is_muted.setter
    def is_muted(self, is_muted: bool) -> None:
        self._is_muted = is_muted
        self._wish(gain=self._gain())

    @property
    def is_click_on(self) -> bool:
        """Whether beats click while it plays."""
        return self._is_click_on

    @is_click_on.setter
    def is_click_on(self, is_click_on: bool) -> None:
        self._is_click_on = is_click_on
        self._wish(click_gain=self._click_level if is_click_on else 0.0)

    @property
    def click_level(self) -> float:
        """How loud the click and the count-in are, 0 to 1."""
        return self._click_level

    @click_level.setter
    def click_level(self, level: float) -> None:
        self._click_level = min(max(level, 0.0), 1.0)
        self._wish(count_gain=self._click_level, click_gain=self._click_level if self._is_click_on else 0.0)

    @property
    def level_db(self) -> float:
        """The highest peak of the last 50 ms of output, decibels re full scale."""
        peak = max(self._deck.peaks, default=0.0) if self._stream is not None else 0.0
        return max(20.0 * float(np.log10(peak)), QUIETEST_DB) if peak > 0.0 else QUIETEST_DB

    # The device

    @property
    def latency_offset_s(self) -> float:
        """How much later the sound is heard than the driver says; the user's correction, best kept per device."""
        return self._offset_s

    @latency_offset_s.setter
    def latency_offset_s(self, offset_s: float) -> None:
        self._offset_s = min(max(offset_s, -MOST_OFFSET_S), MOST_OFFSET_S)

    @property
    def device_name(self) -> str:
        """What plays; empty for the clock that stands in."""
        self.poll()
        return self._stream.output.device_name if self._stream is not None and self._stream.output else ""

    @property
    def dropouts(self) -> int:
        """How often the device ran out of sound while playing."""
        return self._n_dropouts + self._feed.n_dropouts

    @property
    def is_opening(self) -> bool:
        """Whether the device and the song are still being made ready."""
        self.poll()
        return self._is_opening

    def reopen(self, device: str | None = None) -> None:
        """Play on another device, one of `devices()`; None is the system's own choice. Plays on meanwhile."""
        self._device = device
        self._fall_silent(self.trouble)
        self._open()

    def close(self) -> None:
        """Give the sound device back. May be called twice."""
        self.pause()
        self._fall_silent("")
        self._request += 1  # what is still being opened is not wanted any more
        self._is_opening = False
        self._worker.close()
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def poll(self) -> None:
        """Take up a device that was opened, notice one that vanished, and stop at the end.

        Everything that answers something calls it.
        """
        opened = self._opened
        if opened is not None:
            self._opened = None
            self._take_up(opened)
        feed = self._feed
        if isinstance(feed, Feed) and self._has_vanished(feed):
            self._fall_silent(LOST_DEVICE)
            if self._clock() - self._sought_at_s > _SEEK_AGAIN_S:  # it may only have been held up
                self._sought_at_s = self._clock()
                self._open()
        if self._is_playing:
            piece = self._piece_at(self._heard_time_s())
            if piece is not None and piece.is_end:
                self._is_playing, self._shuttle = False, 1.0
                self._stands_s = min(max(piece.position_s, 0.0), self.duration_s)
                self._wish(move=True, is_playing=False, position_s=self._stands_s)

    # Below, nothing is for others

    def _gain(self) -> float:
        return 0.0 if self._is_muted else gain_of(self._volume_db)

    def _begin(self, rate: float, count_at_s: tuple[float, ...] = ()) -> None:
        if self._stream is None and self.trouble and not self._is_opening:
            self._open()  # there may be a device by now
        self._is_playing = True
        lead_s = count_at_s[0] if count_at_s else 0.0
        self._wish(
            move=True, is_playing=True, position_s=self._stands_s, rate=rate,
            lead_s=lead_s, count_at_s=count_at_s, scrub=None,
        )  # fmt: skip

    def _wish(self, move: bool = False, **changes: Any) -> None:
        if isinstance(self._feed, SilentFeed):
            self._feed.now_s()  # up to now what was wished before counts
        if move:
            changes |= {"move": self._wishes.move + 1, "at_s": None}
        self._wishes = replace(self._wishes, **changes)
        self._deck.wishes = self._wishes  # one assignment, so that the audio thread sees all of it or nothing

    def _heard_time_s(self) -> float:
        offset_s = self._offset_s if isinstance(self._feed, Feed) else 0.0
        return self._feed.now_s() - offset_s

    def _piece_at(self, time_s: float) -> Piece | None:
        """What is heard at a time on the output's clock; None before the first block since the last move."""
        if not self._is_playing:
            return None
        for piece in reversed(self._deck.pieces):
            if piece.move != self._wishes.move:
                return None
            if piece.heard_at_s <= time_s:
                return piece
        return None

    def _has_vanished(self, feed: Feed) -> bool:
        now_s = self._clock()
        if now_s - feed.called_at_s <= _STALLED_S:
            self._stalled_at_s = None
        elif self._stalled_at_s is None:  # this thread may have kept the audio thread from running: wait and see
            self._stalled_at_s = now_s
        return feed.is_finished or (self._stalled_at_s is not None and now_s - self._stalled_at_s > _STALLED_S / 2)

    def _open(self) -> None:
        """Have the device and the song made ready in the worker; `poll` takes them up."""
        self.poll()  # what is ready by now need not be opened again
        self._request += 1
        request, audio, device, running = self._request, self._audio, self._device, self._stream
        is_again, self._is_opening = running is None and bool(self.trouble), True

        def work() -> None:
            if is_again:
                look_again()
            wanted_hz = audio.sample_rate_hz if audio is not None else _USUAL_RATE_HZ
            opened = running or open_feed(
                self._opener, self._clock, wanted_hz, device, lambda: request == self._request
            )
            sound = sound_of(audio, opened.rate_hz) if audio is not None and opened.feed is not None else None
            if request == self._request:
                self._opened = replace(opened, request=request, sound=sound)
            elif opened is not running:
                opened.close()

        self._worker.do(work)

    def _take_up(self, opened: Opened) -> None:
        if opened.request != self._request:
            if self._stream is None or opened.feed is not self._stream.feed:
                self._worker.do(opened.close)
            return
        self._is_opening = False
        if opened.feed is None:
            self._say(opened.trouble)
            return
        self._stream = opened
        opened.feed.called_at_s = self._clock()
        self._hand_over(opened.feed, Deck(opened.rate_hz, self._wishes, opened.sound))
        self._say(opened.trouble)

    def _fall_silent(self, trouble: str) -> None:
        """Leave the device; the clock that stands in goes on from what is heard."""
        left, self._stream = self._stream, None
        if left is not None:
            deck = Deck(left.rate_hz, self._wishes)
            self._hand_over(SilentFeed(self._clock, deck), deck)
            self._worker.do(left.close)
        self._say(trouble)

    def _hand_over(self, feed: Feed | SilentFeed, deck: Deck) -> None:
        """Let another deck on another output go on where this one is heard, without a jump."""
        changes: dict[str, Any] = {"move": self._wishes.move + 1, "at_s": None, "position_s": self._stands_s}
        if self._is_playing:
            now_s = self._feed.now_s()
            piece = self._piece_at(now_s)
            if piece is not None:
                changes["position_s"] = self._stands_s = min(max(piece.position_at(now_s), 0.0), self.duration_s)
                changes["lead_s"] = max(piece.lead_s - (now_s - piece.heard_at_s), 0.0)
            changes["at_s"] = feed.now_s()
        self._n_dropouts += self._feed.n_dropouts if feed is not self._feed else 0
        self._wishes = replace(self._wishes, **changes)
        deck.wishes = self._wishes
        self._feed, self._deck, feed.deck = feed, deck, deck

    def _say(self, trouble: str) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            self.trouble_changed.emit()
