"""Signals call their listeners in order, at once."""

from __future__ import annotations

import pytest

from editor.observable import Signal


def test_listeners_are_called_in_the_order_in_which_they_came():
    heard: list[tuple[str, int]] = []
    signal = Signal()
    signal.connect(lambda value: heard.append(("one", value)))
    signal.connect(lambda value: heard.append(("two", value)))

    signal.emit(3)

    assert heard == [("one", 3), ("two", 3)]


def test_what_connect_gives_back_ends_it_once_and_for_all():
    heard: list[int] = []
    signal = Signal()
    disconnect = signal.connect(heard.append)
    signal.emit(1)

    disconnect()
    disconnect()
    signal.emit(2)

    assert heard == [1]


def test_a_listener_that_comes_or_goes_meanwhile_counts_from_the_next_time_on():
    heard: list[str] = []
    signal = Signal()

    def first() -> None:
        heard.append("first")
        leave()
        signal.connect(lambda: heard.append("late"))

    signal.connect(first)
    leave = signal.connect(lambda: heard.append("second"))

    signal.emit()
    assert heard == ["first", "second"]


def test_a_listener_that_fails_is_heard_of_by_the_one_who_emits():
    signal = Signal()
    signal.connect(lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        signal.emit()
