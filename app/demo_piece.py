"""`python -m app.demo_piece`: make the demo piece that ships, a duet to the demo song, with the bundled model."""

from __future__ import annotations

import argparse
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app import __version__
from app.commands.demo import SEED, SONG
from app.dance import load_bundled_model
from app.resources import resource_path
from editor.document.clip_edits import mirror_clip
from editor.document.document import Curve, Document, Place, Recipe, Settings, Song, Take
from editor.document.marker_edits import add_marker
from editor.document.project_file import save_project
from editor.document.requests import request_for
from editor.document.setting_edits import set_settings, set_song, set_title
from editor.document.take_edits import keep_take
from editor.document.track_edits import add_track, duplicate_track, place_track, rename_track
from engine.motion.house import FRAME_RATE_HZ
from engine.music.cache import analyse_file
from engine.timebase import frame_at

if TYPE_CHECKING:
    from engine.generation.checkpoint import TrainedModel

_APART_M = 3.0
_APART_S = 34.5, 51.7  # the quiet middle of the song, where the two dance apart
# What the piece feels over time, drawn by hand: times in seconds, joy, serenity.
_TIMES_S = (0.0, 9.0, 30.0, 36.0, 50.0, 56.0, 68.0, 79.0)
_JOY = (0.1, 0.3, 0.6, 0.1, 0.15, 0.7, 0.8, 0.4)
_SERENITY = (0.4, 0.1, 0.0, 0.6, 0.5, 0.0, 0.0, 0.4)
_MARKERS = ((0.2, "Entrance"), (8.8, "First phrase"), (34.5, "Apart"), (51.7, "Together"), (68.8, "Ending"))


def main() -> None:
    """Make the piece and write it."""
    parser = argparse.ArgumentParser(prog="python -m app.demo_piece", description="Make the demo piece.")
    parser.add_argument("out", type=Path, nargs="?", default=resource_path("demo/demo.kino"), metavar="OUT.kino")
    save_project(parser.parse_args().out, make(load_bundled_model("cpu")))


def make(model: TrainedModel) -> Document:
    """The piece: Ana's dance to the whole song, Ben as her mirror, a middle in which each has a phrase alone."""
    path = resource_path(SONG)
    analysis = analyse_file(path)
    song = Song(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), analysis.duration_s, path.name)
    document = set_song(add_track(set_title(Document(), "Demo duet"), "Ana", "ana"), song, analysis)
    document = set_settings(document, Settings(joy=Curve(_TIMES_S, _JOY), serenity=Curve(_TIMES_S, _SERENITY)))
    document = _danced(document, model, "ana", (0.0, analysis.duration_s), SEED, 1)
    document = place_track(document, "ana", Place(-0.5 * _APART_M))
    document = duplicate_track(document, "ana", Place(_APART_M))
    ben = document.tracks[-1].id
    document = rename_track(document, ben, "Ben")
    for clip in document.track(ben).clips:
        document = mirror_clip(document, clip.id)
    edges = tuple(_nearest(analysis.downbeat_times_s, at) for at in _APART_S)
    for track, seed, n_takes in ((ben, 11, 1), ("ana", 21, 3)):
        document = _danced(document, model, track, (edges[0], edges[1]), seed, n_takes)
    for time_s, text in _MARKERS:
        document = add_marker(document, _nearest(analysis.downbeat_times_s, time_s), text)
    return document


def _nearest(times_s: np.ndarray, time_s: float) -> float:
    return float(times_s[np.argmin(np.abs(times_s - time_s))])


def _danced(
    document: Document, model: TrainedModel, track: str, span_s: tuple[float, float], seed: int, n_takes: int
) -> Document:
    """The span made anew, the first of `n_takes` takes kept and the others on the shelf."""
    from engine.generation.generate import generate

    start, end = (frame_at(time_s, FRAME_RATE_HZ) for time_s in span_s)
    takes = []
    for number in range(n_takes):
        settings = replace(document.settings, seed=seed + number)
        request = request_for(document, track, start, end, settings)
        recipe = Recipe(
            settings, span_s[0], span_s[1], model.digest, request.digest(), __version__, str(model.device), "",
            document.song.sha256 if document.song else "",
        )  # fmt: skip
        takes.append(Take(f"{track}-{seed + number}", f"Take {number + 1}", generate(request, model), recipe))
    return keep_take(document, track, start, end, takes[0], tuple(takes[1:]))


if __name__ == "__main__":
    main()
