"""A sound device that is real but for the loudspeaker: PulseAudio's null sink, and what it was heard to play.

Run as a program it measures a transport there and prints one line of JSON: the library that plays must find the
server's address when it loads, so that it needs a process of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from editor.playback.deck import Deck, Wishes
from editor.playback.device import open_device
from editor.playback.transport import Transport
from engine.audio.audio import Audio
from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[3]
RATE_HZ = 48_000
EVERY_S = 0.25  # from click to click of the song that is played
TONE_S = 8.0  # the song's last part is a tone without clicks
MISSING = "PulseAudio (pulseaudio and parec) is not installed: the sound is not measured against the picture."
_SETTLED_S = 0.15  # after a move nothing is measured so long: what was under way is still heard


def is_there() -> bool:
    """Whether there is a PulseAudio to play into."""
    return all(shutil.which(name) for name in ("pulseaudio", "parec"))


def measured(n_moves: int, play_s: float, n_scrubs: int) -> dict:
    """Measure a transport in a process of its own, on a server of its own; see `measure`."""
    with _server() as environment:
        arguments = [str(n_moves), str(play_s), str(n_scrubs)]
        ran = subprocess.run(
            [sys.executable, "-m", "tests.editor.playback.null_sink", *arguments],
            env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=play_s + n_moves * 3 + 120,
        )  # fmt: skip
    if ran.returncode != 0:
        raise RuntimeError(ran.stderr)
    return json.loads(ran.stdout.splitlines()[-1])


@contextmanager
def _server() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        address = Path(folder) / "pulse" / "native"
        environment = os.environ | {"XDG_RUNTIME_DIR": folder, "HOME": folder, "PULSE_SERVER": f"unix:{address}"}
        modules = ("module-null-sink sink_name=null rate=48000", "module-native-protocol-unix")
        command = ["pulseaudio", "--daemonize=no", "--exit-idle-time=-1", "-n", *(f"--load={m}" for m in modules)]
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline_s = time.monotonic() + PATIENCE_S
            while not address.exists() and time.monotonic() < deadline_s:
                time.sleep(0.05)
            yield environment
        finally:
            server.terminate()
            server.wait()


class Capture:
    """What the sink plays, with the time at which each part of it came."""

    def __init__(self) -> None:
        command = ["parec", "-d", "null.monitor", "--format=float32le", f"--rate={RATE_HZ}", "--channels=1", "--raw"]
        self._process = subprocess.Popen([*command, "--latency-msec=5"], stdout=subprocess.PIPE)
        self._chunks: list[bytes] = []
        self._came: list[tuple[int, float]] = []  # how many samples there were before, and when
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        n = 0
        while chunk := os.read(self._process.stdout.fileno(), 1 << 16):
            self._came.append((n // 4, time.monotonic()))
            self._chunks.append(chunk)
            n += len(chunk)

    def wait(self) -> None:
        """Until something comes."""
        while not self._came:
            time.sleep(0.01)

    def stop(self) -> tuple[np.ndarray, np.ndarray]:
        """The sound, and when each of its samples was heard, on the monotonic clock.

        Parts come late now and then, but never early: within each second the least late one counts.
        """
        self._process.terminate()
        self._thread.join()
        self._process.wait()
        sound = np.frombuffer(b"".join(self._chunks)[: 4 * (sum(map(len, self._chunks)) // 4)], np.float32)
        index, came_s = (np.array(values, float) for values in zip(*self._came, strict=True))
        begun_s = came_s - index / RATE_HZ  # when the capture would have begun, were nothing late
        second = (index / RATE_HZ).astype(int)
        least = [np.flatnonzero(second == k)[begun_s[second == k].argmin()] for k in np.unique(second)]
        return sound, np.interp(np.arange(len(sound)), index[least], begun_s[least]) + np.arange(len(sound)) / RATE_HZ


def click_song(duration_s: float) -> Audio:
    """Clicks of a millisecond every EVERY_S, then a tone of TONE_S."""
    samples = np.zeros(round((duration_s + TONE_S) * RATE_HZ), np.float32)
    for k in range(int(duration_s / EVERY_S)):
        samples[round(k * EVERY_S * RATE_HZ) :][:48] = 0.9
    t = np.arange(round(TONE_S * RATE_HZ)) / RATE_HZ
    samples[-len(t) :] = 0.3 * np.sin(2 * np.pi * 500 * t)
    return Audio(samples[None], RATE_HZ)


def measure(n_moves: int, play_s: float, n_scrubs: int) -> dict:
    """Play a click song with pauses and seeks, then on end, then scrub, and compare what was shown and heard.

    Returns:
        opened_s and asked_s: until the device was ready, and how long the caller waited for that; off_ms [N] and
        at_s [N]: of every click heard, how far the picture was ahead, and when since the long play began (below 0:
        among the moves); scrub_ms: from the call to the first sound; dropouts, missed; device.
    """
    song = click_song(max(play_s + 5.0, 60.0))
    transport, capture = Transport(open_device), Capture()
    capture.wait()
    asked_s = time.monotonic()
    transport.set_song(song, song.duration_s)
    called_s = time.monotonic() - asked_s
    while transport.is_opening:
        time.sleep(0.001)
    opened_s = time.monotonic() - asked_s
    shown: list[tuple[float, float]] = []
    moves: list[float] = []
    rng = np.random.default_rng(0)
    for _ in range(n_moves):
        transport.seek(float(rng.uniform(0.0, song.duration_s - TONE_S - 2.0)))
        _play(transport, shown, moves, float(rng.uniform(0.4, 0.9)))
        time.sleep(0.05)
    transport.seek(0.0)
    long_s = time.monotonic()
    _play(transport, shown, moves, play_s)
    dropouts = transport.dropouts
    time.sleep(0.2)
    scrubs: list[float] = []
    for k in range(n_scrubs):
        scrubs.append(time.monotonic())
        transport.scrub(song.duration_s - TONE_S + 1.0 + 0.1 * k % 5.0)
        time.sleep(0.25 + 0.001 * (k % 11))
    transport.scrub_end()
    result = {"device": transport.device_name, "trouble": transport.trouble, "dropouts": dropouts}
    transport.close()
    sound, heard_s = capture.stop()
    result |= _compared(sound, heard_s, np.array(shown), np.array(moves), long_s)
    loud = heard_s[np.abs(sound) > 0.02]
    first = [loud[np.searchsorted(loud, s)] - s for s in scrubs if np.searchsorted(loud, s) < len(loud)]
    return result | {"called_s": called_s, "opened_s": opened_s, "scrub_ms": [1000 * s for s in first]}


def _play(transport: Transport, shown: list[tuple[float, float]], moves: list[float], seconds: float) -> None:
    began_s = time.monotonic()
    moves.append(began_s)
    transport.play()
    while (now_s := time.monotonic()) - began_s < seconds:
        shown.append((now_s, transport.position_s()))
        time.sleep(0.004)
    transport.pause()
    moves.append(time.monotonic())


def _compared(sound: np.ndarray, heard_s: np.ndarray, shown: np.ndarray, moves: np.ndarray, long_s: float) -> dict:
    loud = np.flatnonzero(np.abs(sound) > 0.4)
    onsets_s = heard_s[loud[np.diff(loud, prepend=-RATE_HZ) > 0.1 * RATE_HZ]]
    off_ms, at_s = [], []
    for time_s in onsets_s:
        k = int(np.searchsorted(shown[:, 0], time_s))
        since_move_s = time_s - moves[moves <= time_s].max(initial=-np.inf)
        if not 0 < k < len(shown) or shown[k, 0] - shown[k - 1, 0] > 0.03 or since_move_s < _SETTLED_S:
            continue
        position_s = float(np.interp(time_s, *shown[k - 1 : k + 1].T))
        off_ms.append(1000 * (position_s - EVERY_S * round(position_s / EVERY_S)))
        at_s.append(time_s - long_s)
    return {"off_ms": off_ms, "at_s": at_s}


def fill_times_s(rate: float, seconds: float = 10.0, block: int = 512) -> np.ndarray:
    """How long each block of a rich song takes to be made at a rate."""
    from editor.playback.sound import sound_of

    rng = np.random.default_rng(0)
    song = np.cumsum(rng.normal(size=(2, 30 * RATE_HZ)), axis=1)
    song = np.float32(0.1) * (song - np.roll(song, 400, axis=1)).astype(np.float32) / 20
    wishes = Wishes(1, 15.0, is_playing=True, rate=rate, duration_s=30.0, loop_s=(5.0, 25.0))
    deck = Deck(RATE_HZ, wishes, sound_of(Audio(song, RATE_HZ), RATE_HZ))
    out, times_s = np.zeros((block, 2), np.float32), []
    for k in range(int(seconds * RATE_HZ / block)):
        began_s = time.perf_counter()
        deck.fill(out, block, k * block / RATE_HZ)
        times_s.append(time.perf_counter() - began_s)
    return np.array(times_s)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))) + "\n")
