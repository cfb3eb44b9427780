"""`kinetograph train PRESET --data FOLDER --out FOLDER`: train a model, resume one, finish one; or a whole plan."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.progress import Bar
from app.resources import resource_path
from engine.errors import Cancelled, ModelError

if TYPE_CHECKING:
    from engine.generation.training.preset import BridgePreset, Preset
    from engine.generation.training.train import Trainer

WEIGHTS, BRIDGE = "weights.safetensors", "bridge.safetensors"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "preset", help="a name in resources/presets (kinetograph, bridge, paper) or a TOML file, also one with [[run]]s"
    )
    parser.add_argument("--data", type=Path, required=True, help="made by `kinetograph data prepare` or `data pack`")
    parser.add_argument("--out", type=Path, required=True, help="the run's folder: state, log, pictures, model")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    parser.add_argument("--threads", type=_count, metavar="N", help="processor threads to use")
    parser.add_argument("--steps", type=_count, metavar="N", help="stop after this many steps instead of the preset's")
    parser.add_argument("--minutes", type=_minutes, metavar="M", help="stop this call after so many minutes")
    parser.add_argument(
        "--schedule-minutes", type=_minutes, metavar="M",
        help="plan the run for so many minutes, all calls together; on a processor of work, all cores added up",
    )  # fmt: skip
    parser.add_argument("--set", action="append", default=[], metavar="LINE", help='change the preset: "ema = 0.99"')
    parser.add_argument("--fresh", action="store_true", help="start anew even if the folder holds a run")
    parser.add_argument(
        "--weights", type=Path, nargs="+", metavar="FILE", help="go on from a run's weights, or the mean of several"
    )
    parser.add_argument(
        "--from", type=Path, metavar="MODEL", dest="start",
        help="train a finished model further (its folder); with the preset tuning, or one like it",
    )  # fmt: skip
    parser.add_argument("--bridge", type=Path, metavar="FILE", help="the bridge that the model is finished with")
    parser.add_argument("--weights-only", action="store_true", help="write weights and no model: it is finished later")
    parser.add_argument("--finish", action="store_true", help="train no further: write the model of the run as it is")


def run(args: argparse.Namespace) -> int:
    """Train, then write the model into OUT/model; Ctrl-C keeps what was reached."""
    import torch

    from app.commands.train_plan import is_plan, run_plan
    from engine.generation.training.preset import BridgePreset, load_preset

    path = Path(args.preset)
    path = path if path.suffix == ".toml" else resource_path("presets") / f"{args.preset}.toml"
    if is_plan(path):
        return run_plan(path, args.data, args.out, args.device, args.minutes)
    if args.threads:
        torch.set_num_threads(args.threads)
    keep_freed_memory()
    preset = load_preset(path, args.set)
    return _train_bridge(preset, args) if isinstance(preset, BridgePreset) else _train(preset, args)


def _train(preset: Preset, args: argparse.Namespace) -> int:
    from engine.generation.checkpoint import load_model
    from engine.generation.training.train import Progress, Trainer

    schedule_s = args.schedule_minutes and 60.0 * args.schedule_minutes
    start = load_model(args.start) if args.start else None
    trainer = Trainer(preset, args.data, args.out, args.device, schedule_s=schedule_s, limits=_limits(), start=start)
    resumed = not args.fresh and trainer.resume()
    if args.weights and not resumed:
        trainer.take_weights(*args.weights)
        resumed = True
    if args.finish and not resumed:
        raise ModelError(f"{args.out} holds no run to finish: train one first, or name its folder.")
    is_first = trainer.workers.rank == 0  # of several processes one talks
    if resumed and is_first:
        print(f"Going on from step {trainer.step} of {args.out}.")

    def show(p: Progress) -> None:
        words = f"step {p.step}/{p.total_steps}, {p.seconds_per_step:.3f} s each, {_clock(p.eta_s)} left"
        bar.show(trainer.share_done(), words)

    try:
        with _interrupted_by_end(), closing(Bar("training")) as bar:
            if not args.finish:
                limit_s = args.minutes and 60.0 * args.minutes
                trainer.run(
                    show if is_first else lambda _: None, until_step=args.steps, limit_s=limit_s, save_every_s=60.0
                )
    except KeyboardInterrupt:
        raise Cancelled(f"Stopped at step {trainer.step}.") from None
    if is_first:
        trainer.write_weights(args.out / WEIGHTS)
        _say_figures(trainer.step, trainer.validate(), trainer.elapsed_s)
        if not args.weights_only:
            _finish(trainer, args)
    return 0


def _limits() -> dict[str, dict[str, float]]:
    """The limits of the rules that every dance is judged by."""
    from engine.structure.book import read_rules

    return {name: dict(text.limits) for name, text in read_rules(resource_path("rules")).of(None).items()}


def _finish(trainer: Trainer, args: argparse.Namespace) -> None:
    from engine.generation.checkpoint import save_model
    from engine.generation.training.bridging import finished_bridge
    from engine.generation.training.card import model_card
    from engine.generation.training.finish import finished_model

    model = finished_model(trainer, {})
    if args.bridge:
        model.bridge = finished_bridge(args.bridge, model.styles)
    model.card = model_card(trainer, args.data, model.bridge)
    save_model(model, args.out / "model")
    _mark(args.out / "model")
    print(f"The model at step {trainer.step} is in {args.out / 'model'}.")


def _mark(folder: Path) -> None:
    """Mark the phrases of a finished model with what they hold and break."""
    from engine.generation.checkpoint import load_model
    from engine.generation.marking import bank_marks
    from engine.generation.marks import write_marks
    from engine.structure.book import read_rules

    with closing(Bar("marking")) as bar:
        write_marks(bank_marks(load_model(folder), read_rules(resource_path("rules")), bar), folder)


def _train_bridge(preset: BridgePreset, args: argparse.Namespace) -> int:
    from engine.generation.training.bridging import BridgeTrainer

    trainer = BridgeTrainer(
        args.data, args.out, args.device, preset.batch_size, preset.learning_rate, preset.seed, preset.hold_back,
        **preset.model,
    )  # fmt: skip
    if not args.fresh and trainer.resume():
        print(f"Going on from step {trainer.step} of {args.out}.")
    minutes = args.schedule_minutes or preset.schedule_minutes
    limit_s = 60.0 * args.minutes if args.minutes else float("inf")
    try:
        with _interrupted_by_end(), closing(Bar("training")) as bar:
            if not args.finish:
                trainer.run(
                    60.0 * minutes, limit_s,
                    lambda step, _: bar.show(min(trainer.elapsed_s / (60.0 * minutes), 1.0), f"step {step}"),
                )  # fmt: skip
    except KeyboardInterrupt:
        raise Cancelled(f"Stopped at step {trainer.step}.") from None
    trainer.write_weights(args.out / BRIDGE)
    _say_figures(trainer.step, trainer.validate(), trainer.elapsed_s)
    return 0


def _say_figures(step: int, figures: dict[str, float], elapsed_s: float) -> None:
    """Steps, pace, memory and what was measured on held-out takes."""
    import torch

    memory = f", {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB" if torch.cuda.is_available() else ""
    pace = step / elapsed_s if elapsed_s > 0 else 0.0
    print(f"Step {step}, {pace:.1f} steps/s{memory}: " + ", ".join(f"{k} {v:.4f}" for k, v in figures.items()))


@contextmanager
def _interrupted_by_end() -> Iterator[None]:
    """Being asked to end is being interrupted: the state is saved."""

    def interrupt(signum: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _clock(seconds: float) -> str:
    """Hours, minutes and seconds, such as 55:33:20."""
    minutes, left = divmod(round(seconds), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{left:02d}"


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 0.0 < minutes < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of minutes above zero")
    return minutes


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
