"""Keys and buttons of playing: where they lead, and what the transport hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from app.window.playing import Playing
from editor.document.clip_edits import remove_clip
from editor.document.document import Document
from editor.document.grid_edits import shift_downbeat
from editor.playback.transport import Transport
from editor.session import Session
from tests.app.window.studio import a_dance
from tests.editor.playback.driver import Driver, ready, sine


@dataclass
class Room:
    """A piece of eight seconds with two beats a second, and a transport that plays into memory."""

    session: Session
    transport: Transport
    driver: Driver
    playing: Playing

    def do(self, command: str, from_s: float | None = None) -> float:
        if from_s is not None:
            self.playing.seek(from_s)
        self.playing.commands[command]()
        return self.session.playhead_s

    def let_pass(self, seconds: float) -> float:
        self.driver.pass_time(seconds)
        self.playing.tick()
        return self.session.playhead_s


@pytest.fixture
def room() -> Iterator[Room]:
    driver, session = Driver(), Session(a_dance())
    transport = Transport(driver.open, driver.clock)
    playing = Playing(session, transport)
    playing.set_audio(sine(440))
    ready(transport)
    yield Room(session, transport, driver, playing)
    transport.close()


# Steps


@pytest.mark.parametrize(
    ("command", "from_s", "to_s"),
    [
        ("frame_forward", 1.0, 31 / 30), ("frame_back", 1.0, 29 / 30), ("frame_back", 0.0, 0.0),
        ("beat_forward", 1.0, 1.5), ("beat_forward", 1.2, 1.5), ("beat_back", 1.5, 1.0), ("beat_back", 1.2, 1.0),
        ("bar_forward", 0.5, 2.0), ("bar_back", 2.0, 0.0), ("bar_back", 3.9, 2.0),
        ("eight_forward", 0.5, 4.0), ("eight_back", 7.0, 4.0), ("eight_forward", 4.0, 8.0),
        ("edge_forward", 0.0, 2.0), ("edge_forward", 2.0, 4.0), ("edge_back", 8.0, 4.0),
        ("go_start", 5.0, 0.0), ("go_end", 5.0, 8.0), ("beat_forward", 8.0, 8.0), ("beat_back", 0.0, 0.0),
    ],
)  # fmt: skip
def test_a_step_leads_to_the_next_of_its_kind(room, command, from_s, to_s):
    assert room.do(command, from_s) == pytest.approx(to_s, abs=1e-6)


@pytest.mark.parametrize("kind", ["beat", "bar", "eight", "edge", "frame"])
def test_steps_forward_reach_the_end_and_steps_back_the_start(room, kind):
    for command, goal_s in ((f"{kind}_forward", 8.0), (f"{kind}_back", 0.0)):
        for _ in range(300):
            before_s = room.session.playhead_s
            if room.do(command) == before_s:
                break
        assert room.session.playhead_s == goal_s


def test_without_beats_a_step_is_a_second(room):
    room.session.history.replace(replace(room.session.document, analysis=None))

    assert room.do("beat_forward", 1.2) == 2.0
    assert room.do("bar_forward", 1.2) == 4.0


def test_an_empty_piece_survives_every_step():
    session, transport = Session(), Transport(Driver().open)
    playing = Playing(session, transport)
    for command in playing.commands.values():
        command()
    transport.close()

    assert session.playhead_s == 0.0


# Playing


def test_play_goes_on_from_the_playhead_and_stop_stays_where_it_was_heard(room):
    room.do("play_pause", 1.0)
    heard_s = room.let_pass(1.0)
    assert 1.5 < heard_s <= 2.0

    room.do("play_pause")

    stopped_s = room.session.playhead_s
    assert room.let_pass(1.0) == stopped_s == pytest.approx(heard_s, abs=0.02)


def test_seeking_while_it_plays_plays_on_from_there(room):
    room.do("play_pause")
    room.let_pass(0.5)

    room.session.seek(5.0)

    assert room.session.playhead_s == 5.0
    assert 5.2 < room.let_pass(0.5) <= 5.5


def test_scrubbing_moves_the_playhead_and_stays_where_the_hand_lets_go(room):
    for time_s in (1.0, 1.5, 2.25):
        room.session.scrub_wanted.emit(time_s, True)
        assert room.transport.is_scrubbing
    room.session.scrub_wanted.emit(2.25, False)

    assert not room.transport.is_scrubbing
    assert room.transport.position_s() == room.session.playhead_s == 2.25


def test_a_loop_is_played_round_and_round_only_while_it_is_on(room):
    room.session.select("ann", 30, 60)
    room.do("loop_selection")
    assert room.session.loop_s == (1.0, 2.0)
    assert room.session.is_looping

    room.do("play_loop", 7.0)
    assert {1.0 <= room.let_pass(0.3) <= 2.0 for _ in range(8)} == {True}
    room.session.set_loop(room.session.loop_s, False)
    for _ in range(8):
        room.let_pass(0.3)

    assert room.session.playhead_s > 2.0


def test_the_loop_outlives_the_reading_of_the_song(room):
    room.session.set_loop((1.0, 2.0), True)
    room.playing.set_audio(sine(220))
    ready(room.transport)

    room.do("play_loop")
    assert {room.let_pass(0.3) <= 2.0 for _ in range(6)} == {True}


def test_play_loop_without_a_loop_begins_where_the_selection_does(room):
    room.session.select("ann", 90, 120)

    room.do("play_loop", 7.0)

    assert 3.0 <= room.let_pass(0.3) < 3.4


def test_looping_nothing_says_what_to_do(room):
    said: list[str] = []
    room.session.said.connect(lambda sentence, _: said.append(sentence))

    room.do("loop_selection")

    assert said == ["Select something first: the loop then runs over it."]
    assert room.session.loop_s is None


@pytest.mark.parametrize(("command", "speed"), [("speed_25", 0.25), ("speed_50", 0.5), ("speed_75", 0.75)])
def test_practice_speed_slows_the_playhead(room, command, speed):
    room.do(command)
    room.do("play_pause", 1.0)
    room.let_pass(0.5)
    before_s = room.session.playhead_s

    assert room.let_pass(1.0) - before_s == pytest.approx(speed, abs=0.05)


def test_jogging_goes_both_ways_and_stops(room):
    room.do("jog_back", 5.0)
    assert room.let_pass(1.0) < 4.5
    room.do("jog_stop")
    stopped_s = room.let_pass(0.1)
    assert room.let_pass(0.5) == stopped_s
    room.do("jog_forward")
    assert room.let_pass(1.0) > stopped_s


def test_click_and_count_in_follow_the_view(room):
    room.session.view.is_click_on = room.session.view.is_count_in_on = True
    room.session.view_changed.emit()
    assert room.transport.is_click_on

    room.do("play_pause", 2.0)

    assert room.transport.count_in_left > 0
    assert room.let_pass(0.1) == 2.0


# What the transport hears of edits


def test_corrected_beats_and_a_shorter_piece_reach_the_transport(room):
    before = room.transport._wishes.beats
    room.session.edit("downbeat", lambda d: shift_downbeat(d, 1, follows=False))
    assert room.transport._wishes.beats is not before

    def make(document: Document) -> Document:
        document = replace(document, song=None, tracks=document.tracks[:1])
        return remove_clip(document, document.tracks[0].clips[-1].id)

    room.session.edit("shorter", make)
    assert room.transport.duration_s == pytest.approx(4.0)


def test_the_end_of_the_piece_ends_playing_at_the_end(room):
    room.do("play_pause", 7.5)
    for _ in range(6):
        room.let_pass(0.2)

    assert not room.transport.is_playing
    assert room.transport.position_s() == pytest.approx(8.0)
    assert np.isfinite(room.session.playhead_s)
