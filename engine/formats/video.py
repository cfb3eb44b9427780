"""Writing pictures: MP4 (H.264 with AAC sound) by PyAV, PNG by Pillow."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np

from engine.audio.audio import Audio
from engine.audio.read import read_audio
from engine.errors import MotionFileError
from engine.formats.whole_file import replacing

SOUND_RATE_HZ = 48_000
_SOUND_BITS_PER_S = 192_000
# Players and editors take the level from the file; "veryfast" at 18 is twice as large as "medium" and looks the same.
_PICTURE_OPTIONS = {"crf": "18", "preset": "veryfast"}
_AAC_SAMPLES = 1024
_COLOUR = 1  # BT.709 in the tables of H.273: what every player assumes for HD
_LIMITED_RANGE = 1


def write_video(
    path: Path,
    frames: Iterable[np.ndarray],
    frame_rate_hz: float,
    sound_path: Path | None = None,
    sound_start_s: float = 0.0,
    progress: Callable[[float], None] | None = None,
    n_frames: int | None = None,
) -> int:
    """Write an MP4 and return how many frames it has. The file appears when it is whole, or not at all.

    Args:
        path: Where; an existing file is replaced.
        frames: Pictures of one size, uint8 [H, W, 3]; an odd last row or column is left off, as H.264 needs.
        frame_rate_hz: Pictures per second.
        sound_path: A sound file to lay under it; it is cut where the picture ends.
        sound_start_s: The moment of the sound that the first picture shows.
        progress: Called with the fraction done after each picture, if `n_frames` says of how many; may
            raise Cancelled.
        n_frames: How many pictures will come.

    Raises:
        MotionFileError: There is no picture, or this installation cannot write H.264.
        AudioFileError: The sound cannot be read.
    """
    rate = Fraction(frame_rate_hz).limit_denominator(1001)
    sound = None if sound_path is None else _stereo(read_audio(Path(sound_path)), sound_start_s)
    pictures = iter(frames)
    first = next(pictures, None)
    if first is None:
        raise MotionFileError(path, "there is no picture to write; choose a longer part of the dance")
    with replacing(path) as file:
        return _write(path, file, itertools.chain([first], pictures), rate, sound, progress, n_frames)


def write_png(path: Path, picture: np.ndarray) -> None:
    """Write a picture, uint8 [H, W, 3], as PNG. The file appears when it is whole, or not at all."""
    from PIL import Image  # Only needed here, and not by those who write videos.

    with replacing(path) as file:
        Image.fromarray(picture).save(file, format="PNG", optimize=False)


def _write(
    path: Path,
    file: BinaryIO,
    pictures: Iterator[np.ndarray],
    rate: Fraction,
    sound: np.ndarray | None,
    progress: Callable[[float], None] | None,
    n_frames: int | None,
) -> int:
    import av  # Takes 0.2 s, and most of the program writes no video.

    first = next(pictures)
    height, width = first.shape[0] // 2 * 2, first.shape[1] // 2 * 2
    taken = 0
    with av.open(file, "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream = _picture_stream(path, container, rate, width, height)
        voice = None if sound is None else _SoundWriter(container, sound)

        to_yuv = _reformatter()

        def encode(picture: np.ndarray, index: int) -> None:
            container.mux(stream.encode(to_yuv(picture, index)))
            if voice:
                voice.write_until(float((index + 1) / rate))

        with _OneByOne() as encoder:
            for picture in itertools.chain([first], pictures):
                if picture.shape != first.shape:
                    raise ValueError(f"expected pictures of shape {first.shape}, got {picture.shape}")
                encoder.do(encode, picture[:height, :width], taken)
                taken += 1
                if progress and n_frames:
                    progress(min(taken / n_frames, 1.0))
        container.mux(stream.encode(None))
        if voice:
            voice.finish()
    return taken


class _OneByOne:
    """Work done in order in a thread of its own, a few steps behind: pictures are drawn while others are encoded."""

    _MOST_WAITING = 4

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._waiting: deque[Future[None]] = deque()

    def do(self, work: Callable[..., None], *arguments: Any) -> None:
        """Leave `work` to the thread; waits while too much is waiting. Raises what earlier work raised."""
        while len(self._waiting) >= self._MOST_WAITING:
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(work, *arguments))

    def __enter__(self) -> _OneByOne:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(wait=True, cancel_futures=error is not None)
        if error is None:
            for work in self._waiting:
                work.result()


def _picture_stream(path: Path, container: Any, rate: Fraction, width: int, height: int) -> Any:
    import av

    if "libx264" not in av.codecs_available:
        raise MotionFileError(path, "this installation of PyAV has no H.264 encoder; install one with `pip install av`")
    stream = container.add_stream("libx264", rate=rate, options=_PICTURE_OPTIONS)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / rate
    context.colorspace = context.color_primaries = context.color_trc = _COLOUR
    context.color_range = _LIMITED_RANGE
    return stream


def _reformatter() -> Callable[[np.ndarray, int], Any]:
    """What makes frames of pictures, by one converter for all: making it anew costs a third of each frame's time."""
    from av.video.frame import VideoFrame
    from av.video.reformatter import Colorspace, VideoReformatter

    converter = VideoReformatter()

    def frame_of(picture: np.ndarray, index: int) -> Any:
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        frame = converter.reformat(frame, format="yuv420p", dst_colorspace=Colorspace.ITU709)
        frame.pts = index
        return frame

    return frame_of


def _stereo(audio: Audio, start_s: float) -> np.ndarray:
    """The sound from a moment on at 48 kHz, float32 [2, N]; silence stands for what lies before its start."""
    first = round(start_s * audio.sample_rate_hz)
    audio = audio.slice(max(first, 0), audio.n_samples)
    if audio.n_samples == 0:
        return np.zeros((2, 0), np.float32)
    if audio.n_channels != 2:
        audio = audio.mono()
    samples = audio.resampled(SOUND_RATE_HZ).samples
    silence = np.zeros((2, round(max(-start_s, 0.0) * SOUND_RATE_HZ)), np.float32)
    return np.concatenate([silence, np.broadcast_to(samples, (2, samples.shape[1]))], axis=1)


class _SoundWriter:
    """Lays sound under the picture bit by bit: a file whose sound comes last plays badly from a disk."""

    def __init__(self, container: Any, samples: np.ndarray) -> None:
        self._container, self._samples = container, samples
        self._stream = container.add_stream("aac", rate=SOUND_RATE_HZ, layout="stereo")
        self._stream.codec_context.bit_rate = _SOUND_BITS_PER_S
        self._written = self._allowed = 0

    def write_until(self, time_s: float) -> None:
        """Write whole AAC blocks as far as the picture has come."""
        self._allowed = min(round(time_s * SOUND_RATE_HZ), self._samples.shape[1])
        while self._written + _AAC_SAMPLES <= self._allowed:
            self._encode(self._written + _AAC_SAMPLES)

    def finish(self) -> None:
        """Write the rest, up to the end of the picture."""
        if self._written < self._allowed:
            self._encode(self._allowed)
        self._container.mux(self._stream.encode(None))

    def _encode(self, end: int) -> None:
        from av.audio.frame import AudioFrame

        block = np.ascontiguousarray(self._samples[:, self._written : end])
        frame = AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE_HZ, self._written, Fraction(1, SOUND_RATE_HZ)
        self._container.mux(self._stream.encode(frame))
        self._written = end
