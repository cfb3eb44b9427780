"""What the process beside the window promises."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from editor.jobs.worker import GIVEN_UP, STOPPED, Worker
from tests.patience import PATIENCE_S

TASKS = "tests.editor.jobs.planted_tasks:"


class Desk:
    """Stands for the window's thread: what is posted is called when the test lets it."""

    def __init__(self) -> None:
        self.posted: queue.Queue[Callable[[], None]] = queue.Queue()
        self.heard: list[tuple[object, ...]] = []

    def listener(self, name: str) -> Callable[..., None]:
        return lambda *values: self.heard.append((name, *map(str, values)))

    def everything(self) -> dict[str, Callable[..., None]]:
        return {"done": self.listener("done"), "failed": self.listener("failed"), "part": self.listener("part")}

    def wait_for(self, is_there: Callable[[], bool]) -> None:
        deadline_s = time.monotonic() + PATIENCE_S
        while not is_there():
            self.posted.get(timeout=max(0.01, deadline_s - time.monotonic()))()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def worker(desk: Desk) -> Iterator[Worker]:
    made = Worker(desk.posted.put, "test")
    yield made
    made.close()


def test_a_job_gives_its_result_and_its_parts_in_order(desk, worker):
    worker.submit(TASKS + "count_to", 3, **desk.everything())

    desk.wait_for(lambda: len(desk.heard) == 4)
    assert desk.heard == [("part", "0"), ("part", "1"), ("part", "2"), ("done", "3")]


def test_nothing_is_called_before_the_window_has_time(desk, worker):
    worker.submit(TASKS + "double", 21, **desk.everything())

    call = desk.posted.get(timeout=PATIENCE_S)
    assert desk.heard == []
    call()


@pytest.mark.parametrize(
    ("task", "sentence"),
    [
        ("refuse", "The song is silent: choose another."),
        ("break_down", "Something went wrong in break down: no such thing."),
    ],
)
def test_a_failed_job_says_so_in_a_sentence(desk, worker, task, sentence):
    worker.submit(TASKS + task, **desk.everything())

    desk.wait_for(lambda: bool(desk.heard))
    assert desk.heard == [("failed", sentence)]


def test_a_cancelled_job_is_silent_and_makes_room_for_the_next(desk, worker):
    endless = worker.submit(TASKS + "work_until_cancelled", **desk.everything())
    endless.cancel()
    worker.submit(TASKS + "double", 4, **desk.everything())

    desk.wait_for(lambda: bool(desk.heard))
    assert desk.heard == [("done", "8")]
    assert worker.n_waiting == 0


def test_a_process_that_dies_is_started_again(desk, worker):
    worker.submit(TASKS + "die", **desk.everything())
    desk.wait_for(lambda: bool(desk.heard))
    worker.submit(TASKS + "double", 5, **desk.everything())
    desk.wait_for(lambda: len(desk.heard) == 2)

    assert desk.heard == [("failed", STOPPED), ("done", "10")]


def test_a_closed_worker_leaves_no_process(desk):
    worker = Worker(desk.posted.put, "test")
    worker.submit(TASKS + "work_until_cancelled")

    worker.close()

    assert not worker._process.is_alive()


def test_a_long_order_waits_for_a_process_that_is_just_starting_and_not_the_caller_for_it(desk, worker):
    values = [np.zeros(1 << 20)] * 4  # far more than a pipe holds

    job = worker.submit(TASKS + "size_of", values, **desk.everything())

    assert desk.posted.empty()
    assert job.is_running
    desk.wait_for(lambda: desk.heard == [("done", "4")])


def test_a_job_cancelled_before_it_was_handed_over_leaves_room_for_the_next(desk, worker):
    worker.submit(TASKS + "size_of", [np.zeros(1 << 20)], **desk.everything()).cancel()
    worker.submit(TASKS + "double", 21, **desk.everything())

    desk.wait_for(lambda: desk.heard == [("done", "42")])


def test_an_order_that_cannot_be_packed_fails_with_a_sentence(desk, worker):
    worker.submit(TASKS + "double", lambda: 1, **desk.everything())
    desk.wait_for(lambda: bool(desk.heard))

    assert desk.heard[0][:1] == ("failed",)
    assert desk.heard[0][1].startswith("Something went wrong in asking for work: ")


def test_a_process_that_took_the_place_of_a_dead_one_is_told_of(desk, worker):
    worker.restarted.connect(lambda: desk.heard.append(("restarted",)))
    worker.submit(TASKS + "die", **desk.everything())

    desk.wait_for(lambda: len(desk.heard) == 2)
    assert desk.heard == [("restarted",), ("failed", STOPPED)]


def test_an_engine_that_always_dies_is_given_up_in_a_sentence(desk):
    worker = Worker(desk.posted.put, "test")
    for n in range(1, 7):
        worker.submit(TASKS + "die", **desk.everything())
        desk.wait_for(lambda n=n: len(desk.heard) == n)
    worker.submit(TASKS + "double", 1, **desk.everything())
    desk.wait_for(lambda: len(desk.heard) == 7)
    worker.close()

    assert [said for _, said in desk.heard] == [STOPPED] * 5 + [GIVEN_UP] * 2
