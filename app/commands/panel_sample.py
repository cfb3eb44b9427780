"""`kinetograph panel-sample`: anonymous clips of real dance, the model's and the baselines', for people to judge."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.contestants import BASELINES
from app.progress import Bar
from engine.errors import RequestRefused

if TYPE_CHECKING:
    from app.panel import PanelClip

SIZE, FRAME_RATE_HZ, N_CELLS = (480, 540), 30.0, 24
_DANCING = 0.4  # of the progress line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.description = (
        "Draw anonymous clips: a quarter real, a quarter the model's, the rest the baselines'. The ballot lies beside "
        "them, the answers in a folder of their own: look first, fill in the ballot, then score it."
    )
    parser.add_argument("model", nargs="?", type=Path, metavar="MODEL", help="a model's folder (the bundled one)")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="a folder made by `kinetograph data prepare`")
    parser.add_argument("--music", type=Path, metavar="FOLDER", help="songs to dance to")
    parser.add_argument("--baselines", type=Path, default=BASELINES, metavar="FOLDER", help=f"(./{BASELINES})")
    parser.add_argument("-o", "--out", type=Path, default=Path("panel"), help="folder for clips and ballot (./panel)")
    parser.add_argument("--clips", type=_count, default=40, metavar="N", help="how many (default: 40)")
    parser.add_argument("--seconds", type=float, default=8.0, metavar="S", help="length of each (default: 8)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another seed, another panel (default: 0)")
    parser.add_argument("--sheets", action="store_true", help="contact sheets instead of films")
    parser.add_argument("--score", type=Path, metavar="BALLOT", help="score a ballot that is filled in; draws nothing")
    parser.add_argument("--key", type=Path, metavar="FILE", help="the answers for --score (OUT-key/key.json)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")


def run(args: argparse.Namespace) -> int:
    """Draw the clips, or score a ballot; returns the exit code."""
    from app.panel import KEY, score, write_ballot, write_key

    key_folder = args.out.with_name(args.out.name + "-key")
    if args.score is not None:
        for who, figures in score(args.score, args.key or key_folder / KEY).items():
            print(f"{who}: " + ", ".join(f"{name} {value:.2f}" for name, value in figures.items()))
        return 0
    if args.data is None:
        raise RequestRefused("Name the prepared data that real clips come from: --data FOLDER.")
    if not 1.0 <= args.seconds <= 60.0:
        raise RequestRefused(f"A clip lasts from 1 to 60 seconds, not {args.seconds:g}.")
    bar = Bar("dancing and drawing")
    clips = _danced(args, bar)
    args.out.mkdir(parents=True, exist_ok=True)
    for i, clip in enumerate(clips):
        _draw(args.out, clip, args.sheets)
        bar(_DANCING + (1.0 - _DANCING) * (i + 1) / len(clips))
    write_ballot(args.out, clips)
    write_key(key_folder, clips)
    print(f"{len(clips)} clips and the ballot are in {args.out}; the answers, to be left shut, in {key_folder}.")
    return 0


def _danced(args: argparse.Namespace, bar: Bar) -> list[PanelClip]:
    from app.commands.evaluate import songs_to_dance, takes
    from app.comparison import chosen_songs
    from app.contestants import gathered
    from app.dance import load_bundled_model
    from app.panel import panel_clips

    model = load_bundled_model(args.device, args.model)
    validation, training = takes(args.data, "validation"), takes(args.data, "train")
    contestants, judge = gathered(model, validation, training, args.baselines)
    styles = sorted({take.style for take in validation} & set(judge.styles))
    songs = chosen_songs(list(songs_to_dance(args.music)), 5)
    n_done = 0

    def done() -> None:
        nonlocal n_done
        n_done += 1
        bar(_DANCING * n_done / args.clips)

    return panel_clips(contestants, songs, styles, args.clips, args.seconds, args.seed, done)


def _draw(folder: Path, clip: PanelClip, as_sheet: bool) -> None:
    from app.panel import clip_name
    from engine.formats.video import write_png, write_video
    from viewer3d.film import film
    from viewer3d.sheet import contact_sheet

    name, motion = clip_name(clip.number), clip.motion
    if as_sheet:
        times_s = [motion.duration_s * (i + 0.5) / N_CELLS for i in range(N_CELLS)]
        write_png(folder / f"{name}.png", contact_sheet(motion, times_s, title=name.replace("_", " ")))
        return
    times_s = [i / FRAME_RATE_HZ for i in range(round(motion.duration_s * FRAME_RATE_HZ))]
    pictures = film([motion], times_s, SIZE, names=[name.replace("_", " ")])
    write_video(folder / f"{name}.mp4", pictures, FRAME_RATE_HZ, n_frames=len(times_s))


def _count(text: str) -> int:
    if not text.isdecimal() or not 2 <= int(text) <= 200:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 2 to 200")
    return int(text)
