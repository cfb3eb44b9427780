"""`kinetograph baseline NAME --data FOLDER -o FOLDER`: train what a model is compared with, and what judges it."""

from __future__ import annotations

import argparse
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from app.progress import Bar
from engine.errors import RequestRefused

ALL = "all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.description = (
        "Train a baseline: recogniser (it judges; no baseline itself), vq_gpt, transformer, gan, gan_attention, "
        "gan_multimodal, gan_sync, gan_structure. What an earlier run in the folder has had of the time counts."
    )
    parser.add_argument("names", nargs="+", metavar="NAME", help="one or more of the above, or all")
    parser.add_argument("--data", type=Path, required=True, help="a folder made by `kinetograph data prepare`")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder for the weights, such as runs/baselines")
    parser.add_argument("--minutes", type=_minutes, metavar="M", help="of training each, with all of the longest (8)")
    parser.add_argument("--together", action="store_true", help="train side by side, a process each, on one device")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    parser.add_argument("--threads", type=int, metavar="N", help="processor threads to use")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed, another baseline (default: 1)")


def run(args: argparse.Namespace) -> int:
    """Train one after the other; returns the exit code."""
    import torch

    from engine.baselines.registry import LONGEST_MINUTES, TRAINED
    from engine.baselines.run import Told, train

    unknown = sorted(set(args.names) - {*TRAINED, ALL})
    if unknown:
        raise RequestRefused(f"There is no baseline called {', '.join(unknown)}: there are {', '.join(TRAINED)}.")
    if args.threads:
        torch.set_num_threads(args.threads)
    names = list(TRAINED) if ALL in args.names else args.names
    if args.together and len(names) > 1:
        return _together(names, args)
    for name in names:
        row = TRAINED[name]
        minutes = args.minutes or row.minutes
        if ALL in args.names and args.minutes:
            minutes = args.minutes * row.minutes / LONGEST_MINUTES
        with closing(Bar(name)) as bar:

            def tell(told: Told, bar: Bar = bar) -> None:
                bar.show(told.share, ", ".join(f"{k} {v:.3g}" for k, v in list(told.figures.items())[:4]))

            figures = train(
                name, row.make, args.data, args.out, minutes=minutes, device=args.device,
                seed=args.seed, dance_only=row.dance_only, tell=tell,
            )  # fmt: skip
        print(f"{name}: " + ", ".join(f"{key} {value:.4g}" for key, value in figures.items()))
        print(f"Written to {args.out / name}.npz.", flush=True)
    return 0


def _together(names: list[str], args: argparse.Namespace) -> int:
    """Every name in a process of its own, what each says in OUT/NAME.txt; returns how many failed, 1 at most."""
    from engine.baselines.registry import LONGEST_MINUTES, TRAINED

    args.out.mkdir(parents=True, exist_ok=True)
    share = (args.minutes or LONGEST_MINUTES) / LONGEST_MINUTES
    running = []
    for name in names:
        command = [
            sys.executable, "-m", "app", "baseline", name, "--data", args.data, "-o", args.out, "--device", args.device,
            "--seed", args.seed, "--minutes", f"{share * TRAINED[name].minutes:g}", "--threads", args.threads or 1,
        ]  # fmt: skip
        said = args.out / f"{name}.txt"
        with said.open("wb") as file:
            process = subprocess.Popen([str(word) for word in command], stdout=file, stderr=subprocess.STDOUT)
        running.append((said, process))
    failed = 0
    try:
        for said, process in running:
            failed += process.wait() != 0
            print(said.read_text("utf-8", errors="replace").rstrip()[-600:], flush=True)
    finally:
        for _, process in running:
            if process.poll() is None:
                process.terminate()
    return 1 if failed else 0


def _minutes(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value <= 10_000.0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of minutes above zero")
    return value
