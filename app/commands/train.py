"""`kinetograph train PRESET --data FOLDER --out FOLDER`: train a model, resume one, finish one."""

from __future__ import annotations

import argparse
import signal
import sys
from contextlib import closing
from pathlib import Path

from app.progress import Bar
from app.resources import resource_path
from engine.errors import Cancelled, ModelError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("preset", help="a name in resources/presets (kinetograph, paper) or a TOML file")
    parser.add_argument("--data", type=Path, required=True, help="a folder made by `kinetograph data prepare`")
    parser.add_argument("--out", type=Path, required=True, help="the run's folder: state, log, pictures, model")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    parser.add_argument("--threads", type=_count, metavar="N", help="processor threads to use")
    parser.add_argument("--steps", type=_count, metavar="N", help="stop after this many steps instead of the preset's")
    parser.add_argument("--fresh", action="store_true", help="start anew even if the folder holds a run")
    parser.add_argument("--finish", action="store_true", help="train no further: write the model of the run as it is")


def run(args: argparse.Namespace) -> int:
    """Train, then write the model into OUT/model; Ctrl-C keeps what was reached."""
    import torch

    from engine.generation.checkpoint import save_model
    from engine.generation.training.card import model_card
    from engine.generation.training.finish import finished_model
    from engine.generation.training.preset import load_preset
    from engine.generation.training.train import Progress, Trainer

    if args.threads:
        torch.set_num_threads(args.threads)
    keep_freed_memory()
    path = Path(args.preset)
    preset = load_preset(path if path.suffix == ".toml" else resource_path("presets") / f"{args.preset}.toml")
    trainer = Trainer(preset, args.data, args.out, args.device)
    resumed = not args.fresh and trainer.resume()
    if args.finish and not resumed:
        raise ModelError(f"{args.out} holds no run to finish: train one first, or name its folder.")
    is_first = trainer.workers.rank == 0  # of several processes one talks
    if resumed and is_first:
        print(f"Going on from step {trainer.step} of {args.out}.")

    def show(p: Progress) -> None:
        words = f"step {p.step}/{p.total_steps}, {p.seconds_per_step:.2f} s each, {_clock(p.eta_s)} left"
        bar.show(p.step / p.total_steps, words)

    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with closing(Bar("training")) as bar:
            if not args.finish:
                trainer.run(show if is_first else lambda _: None, until_step=args.steps)
    except KeyboardInterrupt:
        raise Cancelled(f"Stopped at step {trainer.step}.") from None
    finally:
        signal.signal(signal.SIGTERM, before)
    if is_first:
        model = finished_model(trainer, {})
        model.card = model_card(trainer, args.data)
        save_model(model, args.out / "model")
        print(f"The model at step {trainer.step} is in {args.out / 'model'}.")
    return 0


def _clock(seconds: float) -> str:
    """Hours, minutes and seconds, such as 55:33:20."""
    minutes, left = divmod(round(seconds), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{left:02d}"


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def _interrupt(signum: int, frame: object) -> None:
    """Being asked to end is being interrupted: the state is saved."""
    raise KeyboardInterrupt


def keep_freed_memory() -> None:
    """Tell glibc to keep freed blocks: giving every tensor back to the system takes half a step's time."""
    if sys.platform != "linux":
        return
    import ctypes

    mmap_threshold, trim_threshold = -3, -1  # the names' values in <malloc.h>
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:
        return  # another C library, such as musl
    mallopt(mmap_threshold, 1 << 30)
    mallopt(trim_threshold, (1 << 31) - 1)
