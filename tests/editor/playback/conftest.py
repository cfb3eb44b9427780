"""A transport that plays into a driver in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from editor.playback.transport import Transport
from engine.audio.audio import Audio
from tests.editor.playback.driver import Driver, ramp, ready

Playing = Callable[..., tuple[Transport, Driver]]


@pytest.fixture
def playing() -> Iterator[Playing]:
    """Makes transports with a song and a driver, standing at the beginning, and closes them in the end."""
    made: list[Transport] = []

    def make(
        audio: Audio | None = None, duration_s: float = 4.0, driver: Driver | None = None, is_ready: bool = True
    ) -> tuple[Transport, Driver]:
        driver = driver or Driver()
        made.append(Transport(driver.open, driver.clock))
        made[-1].set_song(audio if audio is not None else ramp(), duration_s)
        if is_ready:
            ready(made[-1])
        return made[-1], driver

    yield make
    for transport in made:
        transport.close()
