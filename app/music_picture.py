"""The grid of a song drawn over its waveform, and its clicks mixed with the song: to see and to hear what was found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.formats.whole_file import replacing

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

    from engine.audio.audio import Audio
    from engine.music.analysis import MusicAnalysis

WIDTH, ROW_HEIGHT, ROW_S, MARGIN, TITLE = 1600, 110, 20.0, 24, 22
MAX_ROWS = 60
GROUND, WAVE, TEXT = (24, 26, 30), (92, 104, 120), (220, 224, 230)
# Okabe and Ito: an orange line a bar with its number, a thin blue one a beat; sections are told by their letters too.
BAR, BEAT, SECTION = (230, 159, 0), (86, 180, 233), (0, 158, 115)
CURVES = {"arousal": (213, 94, 0), "valence": (204, 121, 167)}
CLICK_RATE_HZ = 44100


def draw_grid(path: Path, audio: Audio, analysis: MusicAnalysis) -> None:
    """Write a PNG: rows of ROW_S seconds with waveform, beats, bars with their numbers, sections, arousal and valence.

    A song longer than MAX_ROWS rows is drawn as far as they reach.
    """
    from PIL import Image, ImageDraw

    n_rows = min(MAX_ROWS, max(1, int(np.ceil(audio.duration_s / ROW_S))))
    picture = Image.new("RGB", (WIDTH, TITLE + n_rows * (ROW_HEIGHT + MARGIN) + 8), GROUND)
    pen = ImageDraw.Draw(picture)
    pen.text((6, 5), _title(analysis), fill=TEXT)
    mono = audio.mono().samples[0]
    for row in range(n_rows):
        _draw_row(pen, row, mono, audio.sample_rate_hz, analysis)
    with replacing(path) as file:
        picture.save(file, format="PNG")


def _title(analysis: MusicAnalysis) -> str:
    if not analysis.n_beats:
        return "no beats to be found"
    steady = "steady" if analysis.is_steady else "changing"
    return (
        f"{analysis.tempo_bpm:.1f} BPM, {steady}, {analysis.meter}; confidence of beats "
        f"{analysis.beat_confidence:.2f}, of bars {analysis.downbeat_confidence:.2f}; orange: bars, blue: beats, "
        f"green: sections, red: arousal, pink: valence"
    )


def _draw_row(pen: ImageDraw, row: int, mono: np.ndarray, rate_hz: int, analysis: MusicAnalysis) -> None:
    top = TITLE + MARGIN + row * (ROW_HEIGHT + MARGIN)
    middle, half = top + ROW_HEIGHT // 2, ROW_HEIGHT // 2 - 4
    start_s, end_s = row * ROW_S, (row + 1) * ROW_S

    def x_of(time_s: float) -> float:
        return (time_s - start_s) / ROW_S * WIDTH

    loudest = max(float(np.abs(mono).max(initial=0.0)), 1e-6)
    for x, peak in enumerate(_peaks(mono, rate_hz, start_s)):
        pen.line([(x, middle - half * peak / loudest), (x, middle + half * peak / loudest)], fill=WAVE)
    bar = np.cumsum(analysis.beat_in_bar == 0)
    for time_s, place, number in zip(analysis.beat_times_s, analysis.beat_in_bar, bar, strict=True):
        if start_s <= time_s < end_s:
            x = x_of(float(time_s))
            pen.line([(x, top if place == 0 else middle - half // 2), (x, top + ROW_HEIGHT)],
                     fill=BAR if place == 0 else BEAT, width=2 if place == 0 else 1)  # fmt: skip
            if place == 0:
                pen.text((x + 3, top), str(int(number)), fill=BAR)
    for section in analysis.sections:
        if start_s <= section.start_s < end_s:
            x = x_of(section.start_s)
            pen.line([(x, top - 12), (x, top + ROW_HEIGHT)], fill=SECTION, width=3)
            pen.text((x + 5, top - 14), f"{section.label} {section.role}", fill=SECTION)
    for name, colour in CURVES.items():
        times_s = np.linspace(start_s, min(end_s, analysis.duration_s), 200)
        values = analysis.curve_at(name, times_s)
        pen.line([(x_of(t), middle - half * v) for t, v in zip(times_s, values, strict=True)], fill=colour)


def _peaks(mono: np.ndarray, rate_hz: int, start_s: float) -> np.ndarray:
    """The highest level under each pixel of a row, [WIDTH]."""
    edges = np.round((start_s + ROW_S * np.arange(WIDTH + 1) / WIDTH) * rate_hz).astype(int)
    inside = mono[edges[0] : edges[-1]]
    padded = np.zeros(edges[-1] - edges[0], np.float32)
    padded[: len(inside)] = np.abs(inside)
    return np.maximum.reduceat(padded, edges[:-1] - edges[0])


def write_clicks(path: Path, audio: Audio, analysis: MusicAnalysis) -> None:
    """Write a 16-bit WAV of the song, made softer, with a high click on each downbeat and a low one on each beat."""
    import soundfile

    song = audio.mono().resampled(CLICK_RATE_HZ).samples[0].astype(np.float64)
    mixed = np.zeros(len(song) + CLICK_RATE_HZ // 10)
    mixed[: len(song)] = 0.5 * song / max(float(np.abs(song).max(initial=0.0)), 1e-6)
    for time_s, place in zip(analysis.beat_times_s, analysis.beat_in_bar, strict=True):
        click = _click(1760.0 if place == 0 else 1175.0, 0.5 if place == 0 else 0.3)
        start = round(float(time_s) * CLICK_RATE_HZ)
        end = min(start + len(click), len(mixed))
        mixed[start:end] += click[: end - start]
    with replacing(path) as file:
        soundfile.write(file, np.clip(mixed, -1.0, 1.0), CLICK_RATE_HZ, format="WAV", subtype="PCM_16")


def _click(hz: float, level: float) -> np.ndarray:
    """A short tone [N] at CLICK_RATE_HZ."""
    t = np.arange(round(0.04 * CLICK_RATE_HZ)) / CLICK_RATE_HZ
    return level * np.sin(2.0 * np.pi * hz * t) * np.exp(-t / 0.008)
