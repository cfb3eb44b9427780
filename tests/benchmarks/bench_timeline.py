"""The timeline on a ten-minute song with six dancers: panning, zooming, the playhead, and what is made once."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from editor.document.document import Clip, Curve, Document, Marker, Recipe, Settings, Song, Take, Track
from editor.session import Session
from editor.theme import DARK
from editor.timeline.footwork import Footwork, footwork_of
from editor.timeline.timeline import Timeline
from editor.timeline.wave import WavePyramid
from engine.audio.audio import Audio
from engine.motion import quaternion
from engine.motion.house import FRAME_RATE_HZ, HOUSE
from engine.motion.motion import Motion
from engine.music.analysis import CURVES, MusicAnalysis, Section

DURATION_S, N_DANCERS, SAMPLE_RATE_HZ = 600.0, 6, 44100
SIZES = ((1280, 420), (1920, 500), (2560, 700))
N_STEPS = 60


def run() -> None:
    """Print milliseconds for each, and how many of them a picture at 60 a second could hold."""
    if not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QGuiApplication)
    sound, began_s = _song(), time.perf_counter()
    wave = WavePyramid(sound)
    print(f"  wave of {DURATION_S / 60:.0f} minutes, once            {(time.perf_counter() - began_s) * 1e3:8.1f} ms")
    motion, began_s = _dance(), time.perf_counter()
    footwork = footwork_of(motion)
    print(f"  contacts and movements of one dancer   {(time.perf_counter() - began_s) * 1e3:8.1f} ms")
    for size in SIZES:
        _measure(size, wave, footwork, motion)


def _measure(size: tuple[int, int], wave: WavePyramid, footwork: Footwork, motion: Motion) -> None:
    session = Session(_piece(motion))
    timeline = Timeline(session, DARK, run_later=lambda work, done: done(work()))
    timeline.model.wave = wave
    timeline.model.footwork = {track.id: footwork for track in session.document.tracks}
    timeline.resize(*size)
    timeline.show()
    QApplication.processEvents()
    middle = 0.5 * timeline.view.width_px
    print(f"  {size[0]} x {size[1]} at {timeline.devicePixelRatioF():g}:            best   median     95 %    worst")
    for name, start_s, end_s in (("10 minutes", 0, 600), ("1 minute", 60, 120), ("4 bars", 60, 68)):
        timeline._zoom_to(start_s, end_s)
        steps = itertools.cycle((24.0, 24.0, -24.0, -24.0, -24.0, 24.0))
        if start_s:
            _row(f"pan, {name} shown", lambda s=steps: timeline.pan(next(s), 0.0))
        factors = itertools.cycle((1.1, 1.1, 1 / 1.1, 1 / 1.1))
        _row(f"zoom, {name} shown", lambda f=factors: timeline._zoom_by_wheel(next(f), middle))
    times_s = itertools.count(61.0, 1 / 60)
    _row("playhead, one picture on", lambda: session.move_playhead(next(times_s)))
    jumps_s = itertools.cycle((61.0, 64.0))
    _row("playhead, to and fro", lambda: session.move_playhead(next(jumps_s)))
    frames = itertools.cycle(range(1900, 2000, 7))
    _row("selection by a hand", lambda: session.select("dancer 0", 1850, next(frames)))
    timeline.close()
    timeline.deleteLater()


def _row(name: str, work: Callable[[], None]) -> None:
    """Each step with the painting it causes, through Qt's own events, until the picture stands."""
    times_ms = []
    for _ in range(N_STEPS):
        began_s = time.perf_counter()
        work()
        QApplication.processEvents()
        times_ms.append((time.perf_counter() - began_s) * 1e3)
    best, median, late, worst = np.percentile(times_ms, [0, 50, 95, 100])
    print(f"    {name:28s} {best:8.2f} {median:8.2f} {late:8.2f} {worst:8.2f} ms")


def _song() -> Audio:
    rng = np.random.default_rng(0)
    samples = rng.standard_normal((1, round(DURATION_S * SAMPLE_RATE_HZ)), dtype=np.float32)
    samples *= 0.3 * np.abs(np.sin(np.linspace(0.0, 900.0, samples.shape[1], dtype=np.float32)))
    return Audio(np.clip(samples, -1.0, 1.0), SAMPLE_RATE_HZ)


def _dance() -> Motion:
    """Walks on the spot and swings, so that feet stand and movements meet."""
    n = round(DURATION_S * FRAME_RATE_HZ)
    t = np.arange(n)[:, np.newaxis, np.newaxis] / FRAME_RATE_HZ
    swing = 0.5 * np.sin(6.0 * t + np.arange(HOUSE.n_joints)[:, np.newaxis] + np.arange(3))
    return Motion(HOUSE, FRAME_RATE_HZ, np.tile(HOUSE.offsets_m[0], (n, 1)), quaternion.from_rotation_vector(swing))


def _piece(motion: Motion) -> Document:
    styles = ("ballet", "salsa", "street")
    edges = range(0, motion.n_frames, 300)
    tracks = []
    for i in range(N_DANCERS):
        clips = []
        for k, start in enumerate(edges):
            recipe = Recipe(Settings(style=((styles[(i + k) % 3], 1.0),)), 0.0, 10.0)
            take = Take(f"{i} {k}", f"Take {k + 1}", motion.slice(start, start + 300), recipe)
            clip = Clip(f"clip {i} {k}", start, 300, (take, replace(take, id=f"{i} {k} b")), blend_frames=9)
            clips.append(replace(clip, is_looped=k % 5 == 1, is_mirrored=k % 4 == 1, is_locked=k % 7 == 1))
        tracks.append(Track(f"dancer {i}", f"Dancer {i + 1}", tuple(clips)))
    drawn = Curve(tuple(np.arange(0.0, DURATION_S, 15.0)), tuple(0.5 + 0.4 * np.sin(np.arange(40.0))))
    markers = tuple(Marker(f"marker {i}", 20.0 * i, f"Cue {i}") for i in range(30))
    song = Song("long.wav", "0" * 64, DURATION_S)
    return Document("Long", song, _analysis(), None, tuple(tracks), markers, (), Settings(joy=drawn, tension=drawn))


def _analysis() -> MusicAnalysis:
    beats = np.arange(0.3, DURATION_S, 60.0 / 128.0)
    n_hops = round(DURATION_S * 30.0)
    curves = {name: 0.5 + 0.4 * np.sin(np.linspace(0, 40.0 + 9 * i, n_hops)) for i, name in enumerate(CURVES)}
    sections = tuple(Section(40.0 * i, 40.0 * (i + 1), "ABAC"[i % 4], "development") for i in range(15))
    return MusicAnalysis(
        duration_s=DURATION_S, beat_times_s=beats, beat_in_bar=np.arange(len(beats)) % 4, beats_per_bar=4,
        tempo_bpm=128.0, beat_confidence=1.0, tempo_curve_bpm=np.full(len(beats), 128.0), sections=sections,
        curve_rate_hz=30.0, emotion_confidence=1.0, **curves,
    )  # fmt: skip


if __name__ == "__main__":
    run()
