"""`kinetograph generate SONG -o OUT.bvh`: a dance for a song."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from pathlib import Path

from app.progress import Bar
from engine.errors import RequestRefused
from engine.music.analysis import EMOTIONS

_KINDS = "do without jumps, floor, turns, kicks, travel, overhead, or what breaks a rule, such as knee_range"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("song", type=Path, help="a sound file (wav, flac, ogg, mp3, m4a, video)")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT.bvh", help="where the dance is written")
    parser.add_argument("--style", type=_weights, default={}, metavar="NAME=W,...", help="such as ballet=0.7,salsa=0.3")
    for name in EMOTIONS:
        parser.add_argument(f"--{name}", type=_share, metavar="X", help=f"{name} from 0 to 1")
    parser.add_argument("--intensity", type=float, default=1.0, metavar="X", help="size of the movement (default: 1)")
    parser.add_argument("--novelty", type=_share, default=0.3, metavar="X", help="0 safe to 1 free (default: 0.3)")
    parser.add_argument("--avoid", type=_names, default=frozenset(), metavar="NAME,...", help=_KINDS)
    parser.add_argument("--allow", type=_names, default=frozenset(), metavar="NAME,...", help="of these kinds no other")
    parser.add_argument("--best-of", type=int, default=1, metavar="N", help="the cleanest by the rules of N dances")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another seed, another dance (default: 0)")
    parser.add_argument("--takes", type=int, default=1, metavar="N", help="write N dances, OUT-1.bvh to OUT-N.bvh")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    parser.add_argument("--model", type=Path, metavar="FOLDER", help="another model than the bundled one")
    parser.add_argument("--json", action="store_true", help="print what was made as JSON")


def run(args: argparse.Namespace) -> int:
    """Make the dances, write them, and say where they are."""
    from app.dance import dance_for_song, load_bundled_model
    from engine.formats import bvh
    from engine.generation.generate import style_vector

    if args.out.suffix.lower() != ".bvh":
        raise RequestRefused(f"{args.out.name}: dances are written as BVH; give a name that ends in .bvh.")
    if not 1 <= args.takes <= 100:
        raise RequestRefused("The number of takes must be from 1 to 100.")
    if not args.out.parent.is_dir():
        raise RequestRefused(f"The folder {args.out.parent} does not exist: make it, or write somewhere else.")
    if not args.song.is_file():
        raise RequestRefused(f"There is no sound file {args.song}.")
    emotion = {name: getattr(args, name) for name in EMOTIONS if getattr(args, name) is not None}
    model = load_bundled_model(args.device, args.model)
    style_vector(args.style, model.styles, model.bank.clip_style.tolist())  # refused now, not when the song is analysed
    made = []
    with closing(Bar("dancing")) as bar:
        for take in range(args.takes):
            dance = dance_for_song(
                args.song, style=args.style, emotion=emotion, seed=args.seed + take, model=model,
                intensity=args.intensity, novelty=args.novelty, avoid=args.avoid, allow=args.allow,
                best_of=args.best_of,
                progress=lambda x, take=take: bar((take + x) / args.takes),
            )  # fmt: skip
            out = args.out if args.takes == 1 else args.out.with_stem(f"{args.out.stem}-{take + 1}")
            bvh.write(out, dance.motion)
            made.append({"file": str(out), "frames": dance.motion.n_frames,
                         "frame_rate_hz": dance.motion.frame_rate_hz, "tempo_bpm": round(dance.analysis.tempo_bpm, 2),
                         "seconds": dance.seconds, "recipe": dance.recipe})  # fmt: skip
    if args.json:
        print(json.dumps(made if args.takes > 1 else made[0], indent=2))
    else:
        for take in made:
            print(f"{take['file']}: {take['frames']} frames at {take['frame_rate_hz']:g} frames per second.")
    return 0


def _names(text: str) -> frozenset[str]:
    """Names from "jumps,floor"."""
    return frozenset(name.strip() for name in text.split(",") if name.strip())


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def _weights(text: str) -> dict[str, float]:
    """Weights from "ballet=0.7,salsa=0.3"; a name alone weighs 1."""
    out: dict[str, float] = {}
    for part in text.split(","):
        name, _, number = part.strip().partition("=")
        try:
            value = float(number) if number else 1.0
        except ValueError:
            raise argparse.ArgumentTypeError(f"{number!r} in {part!r} is not a number") from None
        if not name or not 0.0 <= value < 1e6:
            raise argparse.ArgumentTypeError(f"{part!r} is not NAME=WEIGHT with a weight of 0 or more")
        out[name] = value
    return out
