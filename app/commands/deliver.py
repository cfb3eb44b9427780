"""`kinetograph deliver IN -o FOLDER`: everything that film wants of a dance, in a folder of its own."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from app.progress import Bar


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options: those of the dialog."""
    from app.deliver import DeliverOptions
    from app.option_flags import add_option_flags
    from app.rigs import target_rig_troubles, target_rigs, tell

    target_rigs()  # the user's own can be chosen too
    tell(target_rig_troubles())
    parser.add_argument("source", type=Path, metavar="IN", help="a piece (.kino), or a motion file of any kind")
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="FOLDER", help="the shot's own folder appears in it"
    )
    add_option_flags(parser, (DeliverOptions,))


def run(args: argparse.Namespace) -> int:
    """Make the shot's folder and say what is proven of it; returns the exit code."""
    from app.commands.export import performance_from
    from app.deliver import DeliverOptions, DeliverOrder, deliver
    from app.option_flags import options_of

    options = options_of(args, DeliverOptions)
    performance = performance_from(args.source)
    bar = Bar(f"delivering {options.shot}")
    try:
        now = datetime.now().isoformat(timespec="minutes")
        made = deliver(DeliverOrder(performance, args.out, options, now), bar)
    finally:
        bar.close()
    for receipt in made.receipts:
        print(f"[PASS] {receipt.file}: {receipt.summary}")
    print(f"Delivered to {made.folder}, {len(made.paths)} files.")
    return 0
