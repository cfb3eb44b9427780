"""The demo mode's playlist: round and round, over what cannot be opened, and back to the first when nobody is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.window.demo_mode import DemoMode

ONE, TWO, THREE = (Path(f"{n}.kino") for n in ("one", "two", "three"))


class Show:
    """Stands for the window: what was opened and played, and whether the piece is over."""

    def __init__(self, idle_s: float) -> None:
        self.opened: list[Path | None] = []
        self.n_played = self.n_ended = 0
        self.is_over = False
        self.missing: set[Path | None] = set()
        self.mode = DemoMode(self.open, self.play, lambda: self.is_over, self.ended, idle_s)

    def open(self, path: Path | None) -> bool:
        self.opened.append(path)
        return path not in self.missing

    def play(self) -> None:
        self.n_played += 1
        self.is_over = False

    def ended(self) -> None:
        self.n_ended += 1


@pytest.fixture
def show(qtbot):
    made: list[Show] = []

    def make(idle_s: float = 60.0) -> Show:
        made.append(Show(idle_s))
        return made[-1]

    yield make
    for one in made:
        one.mode.stop()


def test_pieces_follow_one_another_round_and_round(show, qtbot):
    one = show()
    one.mode.start([ONE, None])

    for n in range(2, 6):
        one.is_over = True
        qtbot.waitUntil(lambda n=n: one.n_played == n)

    assert one.opened == [ONE, None, ONE, None, ONE]


def test_a_piece_that_is_held_does_not_give_way_to_the_next(show):
    one = show()
    one.mode.start([ONE, TWO])

    one.mode._look()

    assert one.opened == [ONE]


def test_what_cannot_be_opened_is_passed_over(show, qtbot):
    one = show()
    one.missing = {TWO}
    one.mode.start([ONE, TWO, THREE])

    one.is_over = True
    qtbot.waitUntil(lambda: one.n_played == 2)

    assert one.opened == [ONE, TWO, THREE]
    assert one.n_ended == 0


def test_where_nothing_can_be_opened_the_demo_ends(show):
    one = show()
    one.missing = {ONE, TWO}

    one.mode.start([ONE, TWO])

    assert not one.mode.is_on
    assert (one.n_played, one.n_ended) == (0, 1)


def test_without_a_list_the_demo_piece_plays(show):
    one = show()
    one.mode.start([])

    assert one.opened == [None]


def test_when_somebody_was_there_and_left_the_first_piece_is_shown_again(show, qtbot):
    one = show(idle_s=0.1)
    one.mode.start([ONE, TWO])
    one.is_over = True
    qtbot.waitUntil(lambda: one.opened == [ONE, TWO])

    one.mode.noticed()

    qtbot.waitUntil(lambda: one.opened == [ONE, TWO, ONE])


def test_with_nobody_there_the_list_goes_on_undisturbed(show, qtbot):
    one = show(idle_s=0.05)
    one.mode.start([ONE, TWO])
    one.is_over = True
    qtbot.waitUntil(lambda: one.n_played == 2)

    assert not one.mode._idle.isActive()


def test_after_the_end_nothing_is_opened_any_more(show):
    one = show(idle_s=0.05)
    one.mode.start([ONE, TWO])
    one.mode.noticed()
    one.mode.stop()
    one.mode.noticed()

    assert not one.mode._idle.isActive()
    assert not one.mode._looking.isActive()
