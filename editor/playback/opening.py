"""Making a device and a song ready to play; all of it takes long, and none of it happens in the GUI's thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from editor.playback.device import OTHER_RATES_HZ, Opener, Output, close_stream
from editor.playback.feed import Feed
from editor.playback.sound import Sound

NO_DEVICE = "No sound device was found: the piece plays without sound; connect one and play again."
NOT_THAT_DEVICE = "The sound device “{}” was not found: the system's own plays; choose one in the preferences."
_WAKING_S = 5.0  # how long it may take until a device asks for its first block
_GLANCE_S = 0.1


@dataclass(frozen=True)
class Opened:
    """A device that runs and the song made ready for it, or neither.

    Attributes:
        feed: Who fills the device's blocks; None where there is no device.
        output: The device.
        rate_hz: Its rate.
        trouble: What the user should know, a sentence; empty where all is well.
        sound: The song at that rate; None for silence.
        request: For which request it was made.
    """

    feed: Feed | None
    output: Output | None
    rate_hz: int
    trouble: str
    sound: Sound | None = None
    request: int = 0

    def close(self) -> None:
        """Give the device back."""
        if self.output is not None:
            close_stream(self.output.stream)


def open_feed(
    opener: Opener, clock: Callable[[], float], wanted_hz: int, device: str | None, is_wanted: Callable[[], bool]
) -> Opened:
    """Open a device, start it, and wait until it takes blocks.

    Args:
        opener: Opens one.
        clock: Monotonic, in seconds.
        wanted_hz: The rate to try first.
        device: Its name; where there is no such device, and for None, it is the system's choice.
        is_wanted: Ends the wait when it answers False.
    """
    for name in dict.fromkeys((device, None)):
        for rate_hz in dict.fromkeys((wanted_hz, *OTHER_RATES_HZ)):
            feed = Feed(clock)
            output = opener(rate_hz, feed.fill, feed.finished, name)
            if output is None:
                continue
            if _starts(feed, output, is_wanted):
                return Opened(feed, output, rate_hz, NOT_THAT_DEVICE.format(device) if name != device else "")
            close_stream(output.stream)
    return Opened(None, None, wanted_hz, NO_DEVICE)


def _starts(feed: Feed, output: Output, is_wanted: Callable[[], bool]) -> bool:
    feed.connect(output.stream)
    try:
        output.stream.start()
    except Exception:  # noqa: BLE001 - PortAudio's error, which this module does not load
        return False
    for _ in range(round(_WAKING_S / _GLANCE_S)):
        if feed.was_called.wait(_GLANCE_S) or feed.is_finished or not is_wanted():
            break
    return feed.was_called.is_set()
