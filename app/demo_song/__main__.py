"""`python -m app.demo_song OUT.ogg`: render the demo song."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

BLOCK_SAMPLES = 1 << 16
QUALITY = 0.65  # soundfile's compression level: 0 the best sound, 1 the smallest file


def main() -> None:
    """Render the song and write it."""
    parser = argparse.ArgumentParser(prog="python -m app.demo_song", description="Render the demo song.")
    parser.add_argument("out", type=Path, metavar="OUT.ogg", help="where to write it; .wav and .flac work as well")
    write(parser.parse_args().out)


def write(path: Path) -> None:
    """Render the song into a file of the kind that its ending names."""
    import soundfile

    from app.demo_song.instruments import RATE_HZ
    from app.demo_song.render import render

    samples = render().T
    temporary = path.with_name(f".{path.stem}.part{path.suffix}")
    options = {"compression_level": QUALITY} if path.suffix.lower() == ".ogg" else {}
    # libsndfile crashes on a long Vorbis file that is handed over in one piece.
    with soundfile.SoundFile(temporary, "w", RATE_HZ, samples.shape[1], **options) as file:
        for start in range(0, len(samples), BLOCK_SAMPLES):
            file.write(samples[start : start + BLOCK_SAMPLES])
    os.replace(temporary, path)


if __name__ == "__main__":
    main()
