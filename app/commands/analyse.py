"""`kinetograph analyse SONG`: what is known about a song, for a person or as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.progress import Bar

if TYPE_CHECKING:
    from engine.music.analysis import MusicAnalysis, Section

BAR_WIDTH = 10

JSON_HELP = """\
--json prints one object. Times are seconds from the start of the sound, shares lie between 0 and 1:
  song                 the path as it was given
  duration_s           length of the sound
  tempo_bpm            beats per minute, 0 if there is no beat
  is_steady            true where one constant tempo fits the whole song
  beats_per_bar        2 (of 6/8), 3 or 4
  division, swing      parts of a beat, 2 or 3; where its off-beat lies, 0.5 straight, 0.667 in triplets
  grid_error_s         how far beats lie from the constant tempo that fits them best (median)
  beat_confidence, downbeat_confidence       how clear beats and bars are
  beat_times_s         [every beat]
  beat_in_bar          [0 at a downbeat, then 1, 2, ...]
  tempo_curve_bpm      [tempo at every beat]
  count_of_eight       [the dancer's count at every beat, 1 to 8; 1 to 6 in bars of three]
  downbeat_times_s     [every downbeat]
  phrase_start_bar     0 or 1: the bar with which the first count of eight begins
  bar_one              which bar that begins with a downbeat is number one
  tracker              which beat tracker was used: "kinetograph", or "Beat This! (name of the weights)"
  sections             [{start_s, end_s, label, role}], role: introduction, development or conclusion
  curve_rate_hz        rate of the curves below: value i is at i / curve_rate_hz seconds
  onset_strength       [0..1]     loudness_db  [K-weighted, re full scale]     loudness  [0..1]
  arousal, valence     [-1..1]    joy, sorrow, tension, serenity  [0..1, together 1, all 0 in silence]
  emotion_confidence, arousal_confidence, valence_confidence     how far to trust the emotions

What was found is kept in the user's cache folder; the same sound is answered from there the next time.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = JSON_HELP
    parser.add_argument("song", type=Path, metavar="SONG", help="wav, flac, ogg, mp3, m4a, or a video with sound")
    parser.add_argument("--json", action="store_true", help="print everything as JSON instead of a summary")
    parser.add_argument(
        "--beat-this", type=Path, metavar="WEIGHTS",
        help="let Beat This! find the beats, by a checkpoint that you fetched; needs the package beat-this",
    )  # fmt: skip
    for option, (says, *_) in FILES.items():
        parser.add_argument(f"--{option}", type=Path, metavar="FILE", help=says)


def run(args: argparse.Namespace) -> int:
    """Print what is known about the song; returns the exit code."""
    from engine.music.cache import analyse_file

    bar = Bar("listening")
    try:
        analysis = analyse_file(args.song, bar, beat_weights=args.beat_this)
    finally:
        bar.close()
    for option, (_, write) in FILES.items():
        path = getattr(args, option)
        if path is not None:
            write(path, args.song, analysis)
    if args.json:
        print(json.dumps(as_json(args.song, analysis)))
    else:
        print("\n".join(summary(args.song, analysis)))
    return 0


def _write_clicks(path: Path, song: Path, analysis: MusicAnalysis) -> None:
    from app.music_picture import write_clicks
    from engine.audio import read_audio

    write_clicks(path, read_audio(song), analysis)


def _write_picture(path: Path, song: Path, analysis: MusicAnalysis) -> None:
    from app.music_picture import draw_grid
    from engine.audio import read_audio

    draw_grid(path, read_audio(song), analysis)


def _write_beats(path: Path, song: Path, analysis: MusicAnalysis) -> None:
    from engine.music import grid_files

    write = grid_files.write_json if path.suffix.lower() == ".json" else grid_files.write_csv
    write(path, analysis)


# option -> its line in the help, and what writes the file from its path, the song's and the analysis
FILES: dict[str, tuple[str, Callable[[Path, Path, MusicAnalysis], None]]] = {
    "clicks": ("write the song with a click on every beat, higher on the first of a bar, as WAV", _write_clicks),
    "picture": ("draw beats, bars and sections over the waveform, as PNG", _write_picture),
    "beats": ("write the beats as .csv (as Sonic Visualiser reads them) or .json", _write_beats),
}


def as_json(song: Path, analysis: MusicAnalysis) -> dict[str, Any]:
    """The object that JSON_HELP describes."""
    return {
        "song": str(song),
        **analysis.to_dict(),
        "downbeat_times_s": analysis.downbeat_times_s.tolist(),
        "count_of_eight": analysis.counts_of_eight().tolist(),
    }


def summary(song: Path, analysis: MusicAnalysis) -> list[str]:
    """The analysis in lines for a person."""
    lines = [f"{song.name}   {clock(analysis.duration_s)}", ""]
    lines += [f"{name:<10}{words}" for name, words in _facts(analysis)]
    if not analysis.sections:
        return lines
    from engine.music.analysis import EMOTIONS

    header = "".join(f"{name:<{BAR_WIDTH + 2}}" for name in EMOTIONS)
    lines += ["", f"{'sections':<44}{header}".rstrip()]
    lines += [_section_line(section, analysis) for section in analysis.sections]
    trust = f"arousal {analysis.arousal_confidence:.2f}, valence {analysis.valence_confidence:.2f}"
    return [*lines, "", f"How far to trust the emotions, 0 to 1: {trust}. They are a proposal."]


def _facts(analysis: MusicAnalysis) -> list[tuple[str, str]]:
    from engine.music.analysis import tracker_name

    if not analysis.n_beats:
        return [("beats", "none to be found")]
    curve, downbeats = analysis.tempo_curve_bpm, analysis.downbeat_times_s
    steady = "steady" if analysis.is_steady else f"changing between {curve.min():.0f} and {curve.max():.0f}"
    first, last = analysis.beat_times_s[[0, -1]]
    return [
        ("tempo", f"{analysis.tempo_bpm:.1f} BPM, {steady} (confidence {analysis.beat_confidence:.2f})"),
        ("meter", f"{_meter(analysis)} (confidence {analysis.downbeat_confidence:.2f})"),
        ("beats", f"{analysis.n_beats}, from {first:.2f} s to {last:.2f} s"),
        ("bars", f"{len(downbeats)}, the first at {downbeats[0]:.2f} s" if len(downbeats) else "none"),
        ("found by", tracker_name(analysis.tracker)),
    ]


def _meter(analysis: MusicAnalysis) -> str:
    """The meter, and what a dancer must know beside it."""
    words = [analysis.meter]
    if analysis.swing > 0.54 and analysis.division == 2:
        words.append(f"swung (off-beats at {analysis.swing:.0%} of the beat)")
    if analysis.n_pickup_beats:
        words.append(f"{analysis.n_pickup_beats} before the first 1")
    return ", ".join(words)


def _section_line(section: Section, analysis: MusicAnalysis) -> str:
    """Times, letter, role, bars and the emotions of one section."""
    import numpy as np

    from engine.music.analysis import EMOTIONS

    times = np.arange(section.start_s, section.end_s, 1.0 / analysis.curve_rate_hz)
    shares = [float(analysis.curve_at(name, times).mean()) for name in EMOTIONS]
    downbeats = analysis.downbeat_times_s
    n_bars = int(np.count_nonzero((downbeats >= section.start_s - 0.1) & (downbeats < section.end_s - 0.1)))
    span = f"{clock(section.start_s)} - {clock(section.end_s)}"
    words = f"  {span:<17}{section.label:<4}{section.role:<13}{f'{n_bars} bars' if n_bars else '':<8}"
    return words + "  ".join(_bar(share) for share in shares).rstrip()


def _bar(share: float) -> str:
    """A share as a row of blocks, `BAR_WIDTH` wide."""
    can_draw = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    full, empty = ("█", "·") if can_draw else ("#", ".")
    n_full = round(share * BAR_WIDTH)
    return full * n_full + empty * (BAR_WIDTH - n_full)


def clock(time_s: float) -> str:
    """A time as minutes and seconds: 1:07.5."""
    tenths = round(time_s * 10.0)
    return f"{tenths // 600}:{tenths % 600 / 10.0:04.1f}"
