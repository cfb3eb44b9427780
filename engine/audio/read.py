"""Sound files to `Audio`: wav, flac, ogg, mp3, aiff by libsndfile; m4a, aac and the sound of videos by PyAV."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from engine.audio.audio import Audio
from engine.errors import AudioFileError

BLOCK_SAMPLES = 1 << 15
# Two hours of stereo at 48 kHz, 2.8 GB: a damaged or hostile header must not ask for more than a machine has.
MAX_VALUES = 700_000_000
# A file that lacks less than this share of what its header promises is read as it is.
TOLERATED_LOSS = 0.01


def read_audio(path: Path) -> Audio:
    """The sound in a file, all channels at its own sample rate; the first sound track of a video.

    Raises:
        AudioFileError: The file is missing, is no sound, holds none, breaks off, is too long, or has
            samples that are no numbers.
    """
    path = Path(path)
    _check_there(path)
    audio = _read_with_soundfile(path)
    if audio is None:
        audio = _read_with_av(path)
    if audio.n_samples == 0:
        raise AudioFileError(path, "holds no sound, its length is zero; choose another file")
    if not np.isfinite(_sum_of_squares(audio.samples)):
        raise AudioFileError(path, "holds samples that are not numbers (NaN or infinite); export it again")
    return audio


def _check_there(path: Path) -> None:
    """Says in a sentence what is wrong with the path itself."""
    if path.is_dir():
        raise AudioFileError(path, "is a folder; name a sound file in it")
    if not path.exists():
        raise AudioFileError(path, f"there is no such file in {path.absolute().parent}")
    try:
        with path.open("rb") as file:
            is_empty = not file.read(1)
    except OSError as error:
        raise AudioFileError(path, f"cannot be opened ({error.strerror}); check its permissions") from error
    if is_empty:
        raise AudioFileError(path, "is empty, it has no bytes; copy or export it again")


def _sum_of_squares(samples: np.ndarray) -> float:
    """Not finite if any sample is not, found without another array of that size."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(sum(np.dot(channel, channel) for channel in samples))


def _read_with_soundfile(path: Path) -> Audio | None:
    """The sound, or None if libsndfile does not know the format."""
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            _check_size(path, file.frames, file.channels)
            samples = np.empty((file.channels, file.frames), np.float32)
            n_read = 0
            try:
                for block in _soundfile_blocks(file):
                    block = block[: file.frames - n_read]
                    samples[:, n_read : n_read + len(block)] = block.T
                    n_read += len(block)
            except soundfile.LibsndfileError as error:
                raise _broken_off(path, n_read, file.frames, file.samplerate) from error
            _check_whole(path, n_read, file)
            return Audio(samples if n_read == file.frames else samples[:, :n_read].copy(), file.samplerate)
    except soundfile.LibsndfileError:
        return None


def _soundfile_blocks(file: Any) -> Iterator[np.ndarray]:
    """Blocks [N, C] until the file ends."""
    while len(block := file.read(BLOCK_SAMPLES, dtype="float32", always_2d=True)):
        yield block


def _check_size(path: Path, n_samples: int, n_channels: int) -> None:
    if n_samples * n_channels > MAX_VALUES:
        raise AudioFileError(path, "is too long to be one song (more than two hours of stereo); cut it into scenes")


def _check_whole(path: Path, n_read: int, file: Any) -> None:
    """Raises if less could be decoded than the header promises.

    libsndfile corrects the length of a shortened wav or aiff by itself and says so only in its log. Programs that
    write to a pipe leave a length of all ones there, which promises nothing.
    """
    log = file.extra_info
    promised = re.search(r"(?:data|SSND) : (\d+) \(should be (\d+)\)", log)
    if promised and int(promised[2]) < int(promised[1]) < 0x7FFFFFFF:
        share = int(promised[2]) / int(promised[1])
    elif "lacks an end-of-stream bit" in log and "Junk after the last page" in log:
        share = 0.0
    else:
        share = n_read / file.frames if file.frames else 1.0
    if share < 1.0 - TOLERATED_LOSS:
        raise _broken_off(path, n_read, round(n_read / share) if share else 0, file.samplerate)


def _broken_off(path: Path, n_read: int, n_promised: int, sample_rate_hz: int) -> AudioFileError:
    whole = f" of {n_promised / sample_rate_hz:.1f} s" if n_promised > n_read else ""
    return AudioFileError(path, f"breaks off after {n_read / sample_rate_hz:.1f} s{whole}; copy or export it again")


def _read_with_av(path: Path) -> Audio:
    """The first sound track of anything FFmpeg's libraries can open."""
    import av

    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise AudioFileError(path, "has no sound track; choose a file with sound")
            stream = container.streams.audio[0]
            rate_hz, n_channels = stream.rate, stream.codec_context.channels
            blocks, n_read = [], 0
            resampler = av.AudioResampler(format="fltp", layout=stream.layout, rate=rate_hz)
            for block in _av_blocks(container, stream, resampler):
                n_read += block.shape[1]
                _check_size(path, n_read, n_channels)
                blocks.append(block)
    except av.error.FFmpegError as error:
        raise AudioFileError(path, "is not a sound file that can be read (wav, flac, ogg, mp3, m4a, mp4)") from error
    if not blocks:
        raise AudioFileError(path, "holds no sound, its length is zero; choose another file")
    return Audio(np.concatenate(blocks, axis=1), rate_hz)


def _av_blocks(container: Any, stream: Any, resampler: Any) -> Iterator[np.ndarray]:
    """Blocks of float32 [C, n], the resampler's rest included."""
    for frame in container.decode(stream):
        for out in resampler.resample(frame):
            yield out.to_ndarray().astype(np.float32, copy=False)
    for out in resampler.resample(None):
        yield out.to_ndarray().astype(np.float32, copy=False)
