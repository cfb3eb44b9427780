"""`kinetograph evaluate [MODEL] --data prepared/`: how good a model's dances are, in figures."""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.progress import Bar
from app.resources import resource_path
from engine.errors import RequestRefused

if TYPE_CHECKING:
    from engine.audio import Audio
    from engine.evaluation.dancer import Song, Take
    from engine.evaluation.experiments import Findings
    from engine.generation.checkpoint import TrainedModel
    from engine.motion.motion import Motion
    from engine.music.analysis import MusicAnalysis

CLICK_TEMPOS_BPM = (90.0, 120.0, 150.0)
CLICK_S, QUICK_S = 30.0, 10.0
LOOP_S, SHORTEST_TRACK_S = 30.0, 20.0  # what is shorter is a loop, and repeated until it is this long
SOUND_SUFFIXES = (".ogg", ".flac", ".wav", ".mp3")
_LISTENING = 0.15  # of the progress line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.description = (
        "Measure a model: how its dances move beside real takes, whether they keep the beat, whether the sliders act, "
        "how it fills gaps, and whether regenerating a segment keeps the rest. Some minutes on one core."
    )
    parser.add_argument("model", nargs="?", type=Path, metavar="MODEL", help="a model's folder (the bundled one)")
    parser.add_argument("--data", type=Path, required=True, help="a folder made by `kinetograph data prepare`")
    parser.add_argument("--music", type=Path, metavar="FOLDER", help="songs, in folders within too; loops are repeated")
    parser.add_argument("-o", "--out", type=Path, default=Path("report"), help="folder for the report (./report)")
    parser.add_argument("--seeds", type=_count, default=3, metavar="N", help="dances a song (default: 3)")
    parser.add_argument("--first-seed", type=int, default=0, metavar="N", help="other seeds, other dances (default: 0)")
    parser.add_argument("--sheets", action="store_true", help="draw a contact sheet of the first dance to each song")
    parser.add_argument("--quick", action="store_true", help="few and short dances: a trial, no measurement")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")


def run(args: argparse.Namespace) -> int:
    """Measure, print the tables, write them; returns the exit code."""
    from app.dance import load_bundled_model
    from engine.evaluation import report
    from engine.evaluation.experiments import QUICK, Extent, measure

    began_s = time.perf_counter()
    if args.music is not None and not args.music.is_dir():
        raise RequestRefused(f"There is no folder {args.music}: name a folder of songs.")
    model = load_bundled_model(args.device, args.model)
    validation, training = takes(args.data, "validation"), takes(args.data, "train")
    args.out.mkdir(parents=True, exist_ok=True)
    bar = Bar("measuring")
    songs = list(songs_to_dance(args.music, is_quick=args.quick, progress=lambda x: bar(_LISTENING * x)))
    extent = QUICK if args.quick else Extent(n_seeds=args.seeds)
    found = measure(
        ModelDancer(model), songs, slider_song(songs, is_quick=args.quick), validation, training,
        replace(extent, first_seed=args.first_seed), lambda x: bar(_LISTENING + (1.0 - _LISTENING) * x),
        drawer(args.out) if args.sheets else lambda song, motion: None,
    )  # fmt: skip
    bar.close()
    print(report.as_text(found, model.card))
    write(args.out, found, model)
    print(f"\nTook {time.perf_counter() - began_s:.0f} s. Written to {args.out}.")
    return 0


class ModelDancer:
    """A trained model as a Dancer (engine.evaluation.dancer)."""

    def __init__(self, model: TrainedModel) -> None:
        self._model = model
        self._danced = {model.styles[i] for i in set(model.bank.clip_style.tolist())}

    def dance(self, music: MusicAnalysis, seed: int, emotion: Mapping[str, float]) -> Motion:
        """A whole dance in the mix of all styles."""
        from engine.generation.generate import generate
        from engine.generation.request import request_for_music

        return generate(request_for_music(music, seed=seed, emotion=dict(emotion)), self._model)

    def fill(self, before: Motion, n_frames: int, after: Motion, style: str, seed: int) -> Motion:
        """A segment in silence between fixed motion."""
        import numpy as np

        from engine.generation.generate import generate
        from engine.generation.request import GenerationRequest

        request = GenerationRequest(
            n_frames, np.zeros(0), np.zeros(0), np.full(n_frames, 0.5), np.zeros(n_frames),
            style={style: 1.0} if style in self._danced else {}, seed=seed, before=before, after=after,
        )  # fmt: skip
        return generate(request, self._model)

    def again(
        self, music: MusicAnalysis, dance: Motion, start_frame: int, end_frame: int, locked: frozenset[str], seed: int
    ) -> Motion:
        """A segment of a dance made anew."""
        from engine.generation.generate import generate
        from engine.generation.request import request_for_music

        rate_hz = dance.frame_rate_hz
        request = request_for_music(
            music, start_frame / rate_hz, end_frame / rate_hz, seed=seed, locked=locked,
            before=dance.slice(0, start_frame), after=dance.slice(end_frame, dance.n_frames),
            current=dance.slice(start_frame, end_frame),
        )  # fmt: skip
        return generate(request, self._model)


# --- what is danced to, and what is compared with --------------------------------------------


def takes(folder: Path, split: str) -> list[Take]:
    """The dances of a split of a prepared folder, those that stand still left out."""
    from engine.evaluation.dancer import Take
    from engine.generation.training.dataset import load_motion, read_index

    out = []
    for row in read_index(folder)["clips"]:
        if row["split"] == split and row["use"] == "dance" and not row.get("static"):
            motion, _, valid, _ = load_motion(folder, row["name"])
            out.append(Take(row["name"], row["style"], motion, valid.astype(bool)))
    if not out and split == "validation":
        raise RequestRefused(f"{folder} holds no validation takes of dance to compare with: prepare more motion.")
    return out


def songs_to_dance(
    folder: Path | None, *, is_quick: bool = False, progress: Callable[[float], None] = lambda fraction: None
) -> Iterator[Song]:
    """The songs of a folder and its folders, then click songs. Quick: the first song's beginning, and short clicks."""
    from engine.evaluation.clicks import click_song, click_times_s
    from engine.evaluation.dancer import Song
    from engine.music import analyse

    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SOUND_SUFFIXES) if folder else []
    if folder is not None and not found:
        raise RequestRefused(f"{folder} holds no songs ({', '.join(SOUND_SUFFIXES)}).")
    found = found[:1] if is_quick else found
    for i, path in enumerate(found):
        progress(i / len(found))
        yield _song(path, is_quick)
    duration_s = QUICK_S if is_quick else CLICK_S
    for tempo in CLICK_TEMPOS_BPM:
        analysis = analyse(click_song(tempo, duration_s))
        yield Song(f"clicks at {tempo:.0f}", "click", analysis, click_times_s(tempo, duration_s))


def slider_song(songs: list[Song], *, is_quick: bool = False) -> Song:
    """The song on which the sliders are tried: the demo's; where there is none, clicks at 120."""
    from engine.evaluation.dancer import Song
    from engine.music import analyse_file

    demo = resource_path("demo/song.ogg")
    if demo.is_file() and not is_quick:
        return Song("the demo song", "track", analyse_file(demo))
    return next(song for song in songs if song.name == "clicks at 120")


def _song(path: Path, is_quick: bool) -> Song:
    from engine.audio import read_audio
    from engine.evaluation.dancer import Song
    from engine.music import analyse, analyse_file

    audio = read_audio(path)
    if is_quick:
        return Song(path.stem, "track", analyse(audio.slice(0, round(QUICK_S * audio.sample_rate_hz))))
    if audio.duration_s < SHORTEST_TRACK_S:
        return Song(path.stem, "loop", analyse(_repeated(audio)))
    return Song(path.stem, "track", analyse_file(path))


def _repeated(audio: Audio) -> Audio:
    """A loop played again and again, whole, until it has gone on for 30 s."""
    import numpy as np

    from engine.audio import Audio

    times = max(1, round(LOOP_S / max(audio.duration_s, 0.1)))
    return Audio(np.tile(audio.samples, (1, times)), audio.sample_rate_hz)


# --- what is written -------------------------------------------------------------------------


def write(folder: Path, found: Findings, model: TrainedModel) -> None:
    """report.json and report.md."""
    from engine.evaluation import report
    from engine.formats.whole_file import replacing

    name = str(model.card.get("name", "model"))
    numbers = {"model": name, "digest": model.digest, **report.as_numbers(found, model.card)}
    texts = {
        "report.json": json.dumps(numbers, indent=2) + "\n",
        "report.md": report.as_markdown(found, model.card, f"Evaluation of {name}"),
    }
    for file_name, text in texts.items():
        with replacing(folder / file_name) as file:
            file.write(text.encode("utf-8"))


def drawer(folder: Path) -> Callable[[Song, Motion], None]:
    """Draws contact sheets into `folder`/sheets."""
    from app.commands.render import CAMERAS, N_CELLS, write_sheet
    from app.counting import Counting

    def draw(song: Song, motion: Motion) -> None:
        file_name = re.sub(r"[^\w.-]+", "_", song.name) + ".png"
        path = folder / "sheets" / file_name
        path.parent.mkdir(exist_ok=True)
        write_sheet(
            path, [motion], [song.name], Counting(song.analysis), 0.0, motion.duration_s, N_CELLS, CAMERAS[0]
        )

    return draw


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to 100")
    return int(text)
