"""Writing sound: WAV of 24 bits, as cutting and mixing rooms want it."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from engine.audio.audio import Audio
from engine.errors import AudioFileError
from engine.formats.whole_file import replacing

RATE_HZ = 48_000
_FULL_SCALE = 8_388_607


def write_wav(path: Path, audio: Audio, start_s: float, n_samples: int) -> None:
    """Write a stretch of a sound at 48 kHz, stereo; silence stands for what lies outside of it.

    Args:
        path: Where; an existing file is replaced by a whole new one.
        audio: The sound.
        start_s: The moment of it that the file begins with; may lie before its start.
        n_samples: Length of the file, samples at 48 kHz.

    Raises:
        AudioFileError: It cannot be written.
    """
    first = round(start_s * audio.sample_rate_hz)
    wanted = audio.slice(max(first, 0), audio.n_samples)
    wanted = wanted if wanted.n_channels == 2 else wanted.mono()
    out = np.zeros((2, n_samples), np.float64)
    lead = min(round(max(-start_s, 0.0) * RATE_HZ), n_samples)
    if wanted.n_samples:
        samples = wanted.resampled(RATE_HZ).samples[:, : n_samples - lead]
        out[:, lead : lead + samples.shape[1]] = samples
    whole = np.clip(np.round(out.T * _FULL_SCALE), -_FULL_SCALE - 1, _FULL_SCALE).astype("<i4")
    try:
        with replacing(path) as file, wave.open(file, "wb") as sound:
            sound.setnchannels(2)
            sound.setsampwidth(3)
            sound.setframerate(RATE_HZ)
            # The lower three bytes of each four.
            sound.writeframes(whole.reshape(-1, 1).view(np.uint8)[:, :3].tobytes())
    except OSError as error:
        raise AudioFileError(path, f"cannot be written ({error.strerror or error}); name another place.") from error
