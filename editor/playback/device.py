"""Sound devices: opening one, and a thread of its own for all that may take long there."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

log = logging.getLogger(__name__)

BLOCK = 512  # samples
LATENCY_S = 0.04  # asked of the driver; shorter ones stutter on a busy machine
OTHER_RATES_HZ = (48_000, 44_100)  # for devices that do not take the song's own

# Called with a block to fill, float32 [N, 2], its length, the driver's times and its status.
Fill = Callable[[np.ndarray, int, Any, Any], None]


class Stream(Protocol):
    """What is needed of a sounddevice.OutputStream."""

    @property
    def time(self) -> float: ...

    @property
    def latency(self) -> Any: ...

    def start(self) -> None: ...

    def abort(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Output:
    """A stream that was opened, not started, and what its device is called."""

    stream: Stream
    device_name: str


# Takes sample rate, fill, what to call when the stream has ended, and the device's name (None: the system's choice);
# gives None where there is no such device, or it refuses the rate.
Opener = Callable[[int, Fill, Callable[[], None], str | None], Output | None]

_portaudio = threading.Lock()
_open_streams: set[int] = set()


def open_device(rate_hz: int, fill: Fill, finished: Callable[[], None], device: str | None) -> Output | None:
    """A stopped stereo stream on a device; None where there is none, or it refuses the rate."""
    try:
        import sounddevice  # Its library PortAudio may be missing; the program must start without it.
    except (ImportError, OSError):
        return None
    with _portaudio:
        try:
            stream = sounddevice.OutputStream(
                samplerate=rate_hz,
                channels=2,
                dtype="float32",
                blocksize=BLOCK,
                latency=LATENCY_S,
                device=device,
                callback=fill,
                finished_callback=finished,
            )
            name = str(sounddevice.query_devices(stream.device)["name"])
        except (sounddevice.PortAudioError, ValueError) as error:
            log.warning("sound device %s at %s Hz: %s", device or "of the system", rate_hz, error)
            return None
        _open_streams.add(id(stream))
        return Output(stream, name)


def close_stream(stream: Stream) -> None:
    """Stop a stream and give its device back, whatever state it is in."""
    with _portaudio:
        _open_streams.discard(id(stream))
        for end in (stream.abort, stream.close):
            try:
                end()
            except Exception as error:  # noqa: BLE001 - a device that vanished may answer with anything
                log.info("closing a sound device: %s", error)


def look_again() -> None:
    """Have the list of devices made anew, which PortAudio only does while nothing is open."""
    try:
        import sounddevice
    except (ImportError, OSError):
        return
    with _portaudio:
        if not _open_streams:
            sounddevice._terminate()
            sounddevice._initialize()


def devices() -> list[str]:
    """Names of the devices that play, as `Transport.reopen` takes them; empty without sound.

    The first call loads the sound library, which takes a moment.
    """
    try:
        import sounddevice
    except (ImportError, OSError):
        return []
    with _portaudio:
        try:
            hosts = [host["name"] for host in sounddevice.query_hostapis()]
            found = sounddevice.query_devices()
        except sounddevice.PortAudioError as error:
            log.warning("listing sound devices: %s", error)
            return []
    return [f"{d['name']}, {hosts[d['hostapi']]}" for d in found if d["max_output_channels"] >= 2]


class Worker:
    """A thread that does one thing after the other. All that may block in a sound driver is done there.

    It is a daemon: a driver that hangs must not keep the program from ending.
    """

    def __init__(self) -> None:
        self._todo: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def do(self, work: Callable[[], None]) -> None:
        """Do this after all that was asked before."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="sound device", daemon=True)
            self._thread.start()
        self._todo.put(work)

    def close(self, timeout_s: float = 2.0) -> None:
        """Do what was asked, and end."""
        if self._thread is not None:
            self._todo.put(None)
            self._thread.join(timeout_s)
            self._thread = None

    def _work(self) -> None:
        while (work := self._todo.get()) is not None:
            work()
