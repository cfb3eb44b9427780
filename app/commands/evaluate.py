"""`kinetograph evaluate [MODEL] --data prepared/`: how good a model's dances are, in figures."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.comparison import SMALL, Scope, compare, sync_rows
from app.contestants import BASELINES
from app.evaluation_report import LOOP_S, Report, about_data, drawer, films, publish, write
from app.progress import Bar
from app.resources import resource_path
from engine.errors import RequestRefused

if TYPE_CHECKING:
    import numpy as np

    from engine.audio import Audio
    from engine.evaluation.comparison import Comparison
    from engine.evaluation.contest import Danced
    from engine.evaluation.dancer import Song, Take
    from engine.evaluation.page import Shown
    from engine.generation.checkpoint import TrainedModel
    from engine.motion.motion import Motion
    from engine.music.analysis import MusicAnalysis

CLICK_TEMPOS_BPM = (90.0, 120.0, 150.0)
CLICK_S, QUICK_S = 30.0, 10.0
SHORTEST_TRACK_S = 20.0  # what is shorter is a loop, and repeated until it is LOOP_S long
SOUND_SUFFIXES = (".ogg", ".flac", ".wav", ".mp3")
_LISTENING = 0.15  # of the progress line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.description = (
        "Measure a model: how its dances move beside real takes, whether they keep the beat, whether the sliders act, "
        "how it fills gaps, and whether regenerating a segment keeps the rest. With trained baselines at hand, beside "
        "these too. Some minutes on one core. `evaluate sync` measures sync alone, by tempo and emotion; `evaluate "
        "ablation` what the rules of structure do to the dances, family by family."
    )
    parser.add_argument(
        "model", nargs="*", metavar="[sync | ablation] MODEL", help="a model's folder (the bundled one)"
    )
    parser.add_argument("--data", type=Path, help="made by `kinetograph data prepare` (not for sync, ablation)")
    parser.add_argument("--music", type=Path, metavar="FOLDER", help="songs, in folders within too; loops are repeated")
    parser.add_argument("-o", "--out", type=Path, default=Path("report"), help="folder for the report (./report)")
    parser.add_argument(
        "--baselines", type=Path, metavar="FOLDER", help=f"what `kinetograph baseline` wrote (./{BASELINES}, if there)"
    )
    parser.add_argument("--seeds", type=_count, default=3, metavar="N", help="dances a song (default: 3)")
    parser.add_argument("--first-seed", type=int, default=0, metavar="N", help="other seeds, other dances (default: 0)")
    parser.add_argument(
        "--penalised", type=Path, metavar="MODEL", help="for ablation: MODEL with the rules' penalties"
    )
    parser.add_argument("--sheets", action="store_true", help="draw a contact sheet of the first dance to each song")
    parser.add_argument("--films", type=_count, metavar="N", help="films of all contestants side by side, for the page")
    parser.add_argument("--publish", type=Path, metavar="FILE", help="write the report there too, and into the card")
    parser.add_argument("--quick", action="store_true", help="few and short dances: a trial, no measurement")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")


def run(args: argparse.Namespace) -> int:
    """Measure, print the tables, write them; returns the exit code."""
    from app.dance import load_bundled_model
    from engine.evaluation.glossary import EXPLAINED

    began_s = time.perf_counter()
    only, folder = _what(args.model)
    if only is None and args.data is None:
        raise RequestRefused("Name a prepared folder to compare with: --data FOLDER.")
    if args.music is not None and not args.music.is_dir():
        raise RequestRefused(f"There is no folder {args.music}: name a folder of songs.")
    model = load_bundled_model(args.device, folder)
    bar = Bar("measuring")
    songs = list(songs_to_dance(args.music, is_quick=args.quick, progress=lambda x: bar(_LISTENING * x)))
    if only is not None:
        return ONLY[only](model, songs, args, bar)
    validation, training = takes(args.data, "validation"), takes(args.data, "train")
    args.out.mkdir(parents=True, exist_ok=True)
    report = _measured(model, songs, validation, training, args, bar)
    print("\n\n".join(table.as_text() for table in report.tables if table.title != EXPLAINED))
    write(args.out, report)
    if args.publish is not None:
        publish(args.publish, folder or resource_path("models/kinetograph"), report)
    print(f"\nTook {time.perf_counter() - began_s:.0f} s. Written to {args.out}.")
    return 0


def _what(words: list[str]) -> tuple[str | None, Path | None]:
    """What alone is asked for, a name in ONLY or None, and the model's folder, None for the bundled one."""
    only = words[0] if words and words[0] in ONLY else None
    rest = words[1:] if only else words
    if len(rest) > 1:
        raise RequestRefused(f"Name one model, not {len(rest)}: {', '.join(rest)}.")
    return only, Path(rest[0]) if rest else None


def _measured(
    model: TrainedModel, songs: list[Song], validation: list[Take], training: list[Take], args: argparse.Namespace,
    bar: Bar,
) -> Report:  # fmt: skip
    from engine.evaluation import report
    from engine.evaluation.comparison import as_numbers, comparison_tables
    from engine.evaluation.experiments import QUICK, Extent, measure
    from engine.evaluation.glossary import glossary_table
    from engine.evaluation.goals import goals_table

    baselines = args.baselines or BASELINES
    has_judge = args.baselines is not None or (baselines / "recogniser.npz").is_file()
    share = 0.3 if has_judge else 1.0 - _LISTENING
    extent = QUICK if args.quick else Extent(n_seeds=args.seeds)
    found = measure(
        ModelDancer(model), songs, slider_song(songs, is_quick=args.quick), validation, training,
        replace(extent, first_seed=args.first_seed), lambda x: bar(min(_LISTENING + share * x, 0.999)),
        drawer(args.out) if args.sheets else lambda song, motion: None,
    )  # fmt: skip
    name = str(model.card.get("name", "model"))
    numbers = {"model": name, "digest": model.digest, **report.as_numbers(found, model.card)}
    tables = report.tables(found, model.card)
    compared, shown = None, []
    if has_judge:
        compared, shown = _compared(
            model, songs, validation, training, baselines, args, lambda x: bar(_LISTENING + share + 0.55 * x)
        )
        compared = replace(compared, sync=sync_rows(found.songs))
        numbers["comparison"] = as_numbers(compared)
        told = goals_table(compared)
        tables = [*([told] if told else []), *comparison_tables(compared), *tables, glossary_table()]
    bar.close()
    about = about_data(songs, validation, training)
    return Report(f"Evaluation of {name}", about, tuple(tables), numbers, compared, tuple(shown))


def _compared(
    model: TrainedModel, songs: list[Song], validation: list[Take], training: list[Take], baselines: Path,
    args: argparse.Namespace, progress: Callable[[float], None],
) -> tuple[Comparison, list[Shown]]:  # fmt: skip
    """The comparison with all who lie in `baselines`, and the films and pictures of it."""
    from app.contestants import budgets, gathered
    from app.piece_pictures import moments, similarity
    from engine.evaluation.page import Shown
    from engine.structure.book import read_rules

    contestants, judge = gathered(model, validation, training, baselines)
    kept: dict[str, list[Danced]] = {}
    pictures: list[Shown] = []
    composed = () if args.quick else (composed_song(),)

    def show_piece(name: str, music: np.ndarray, dance: np.ndarray, motion: Motion) -> None:
        is_ours = name in {song.name for song in composed}
        alike = similarity(music, dance)
        pictures.append(Shown(f"How {name} comes back", "image/png", alike, "returns" if is_ours else ""))
        if is_ours:
            pictures.append(Shown(f"{name}, from start to end", "image/png", moments(motion), "piece"))

    found = compare(
        contestants, judge, ModelDancer(model), songs, slider_song(songs, is_quick=args.quick), validation, training,
        SMALL if args.quick else Scope(n_seeds=args.seeds), read_rules(resource_path("rules")),
        budgets(contestants, judge), model.card.get("claimed_styles", ()), progress, kept.__setitem__,
        show_piece, composed,
    )  # fmt: skip
    return found, [*films(kept, args.films or 0, args.out), *pictures]


def _sync(model: TrainedModel, songs: list[Song], args: argparse.Namespace, bar: Bar) -> int:
    """`evaluate sync`: every song danced to, by tempo and by emotion."""
    from engine.evaluation.beats import alignment, by_tempo_class
    from engine.evaluation.comparison import sync_table
    from engine.evaluation.sync import by_emotion_class

    dancer, rows = ModelDancer(model), []
    for i, song in enumerate(songs):
        for seed in range(args.first_seed, args.first_seed + (1 if args.quick else args.seeds)):
            motion = dancer.dance(song.analysis, seed, {})
            rows.append((song, motion.duration_s, alignment(motion, song)))
        bar(_LISTENING + (1.0 - _LISTENING) * (i + 1) / len(songs))
    bar.close()
    table = sync_table([*by_tempo_class(rows), *by_emotion_class(rows)])
    print(table.as_text())
    return 0


def _ablation(model: TrainedModel, songs: list[Song], args: argparse.Namespace, bar: Bar) -> int:
    """`evaluate ablation`: every song danced to with families of rules switched off."""
    from app.ablation import ablation
    from app.dance import load_bundled_model

    penalised = load_bundled_model(args.device, args.penalised) if args.penalised else None
    tables = ablation(
        model, songs, 1 if args.quick else args.seeds, args.first_seed,
        lambda x: bar(_LISTENING + (1.0 - _LISTENING) * x), penalised,
    )  # fmt: skip
    bar.close()
    print("\n\n".join(table.as_text() for table in tables))
    return 0


ONLY: dict[str, Callable[[TrainedModel, list[Song], argparse.Namespace, Bar], int]] = {
    "sync": _sync,
    "ablation": _ablation,
}


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


def composed_song() -> Song:
    """A piece of three minutes, made here: its form is known for certain."""
    import numpy as np

    from app.demo_song import long_form, score
    from engine.evaluation.dancer import Song
    from engine.music import analyse

    audio, beats_s = long_form.sound(), np.array(score.beat_times_s(long_form.LONG_FORM))
    return Song("made here", "track", analyse(audio), beats_s, audio=audio, sections=long_form.sections())


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
    return Song(path.stem, "track", analyse_file(path), path=path)


def _repeated(audio: Audio) -> Audio:
    """A loop played again and again, whole, until it has gone on for 30 s."""
    import numpy as np

    from engine.audio import Audio

    times = max(1, round(LOOP_S / max(audio.duration_s, 0.1)))
    return Audio(np.tile(audio.samples, (1, times)), audio.sample_rate_hz)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to 100")
    return int(text)
