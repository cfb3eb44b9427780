"""The beats: the pulse that is best counted, drawn to the onsets, then put on a constant grid where one fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.music.harmony import Harmony
from engine.music.levels import FINE, Level, heard_of, levels_of
from engine.music.onsets import Onsets
from engine.music.pulse import CLIP, candidate_periods, follow
from engine.music.spectral import HOP_RATE_HZ, SILENCE_DB

# Noise has saliences of up to 0.14, and more the fewer periods it lasts; soft songs in free time have 0.3.
MIN_SALIENCE, SHORT_SALIENCE = 0.14, 3.0
MIN_BEATS, MIN_ON_ONSET = 4, 0.4
MIN_RISE = 0.03  # a vibrato alone has rises of 0.02, soft chords of 0.1 and more
N_TRIED = 3  # levels, the best first: one whose beats have nothing on them is passed over
DRAW_S = 0.035
# What a metronome is: so many strokes, so evenly apart, at no tempo beyond 50 to 215 BPM, and nothing else, not even
# as weak as this share of a strong onset.
MIN_STROKES, STROKE_SPREAD, STROKE_S, WEAKEST_STROKE = 8, 0.08, (60.0 / 215.0, 60.0 / 50.0), 0.2
SAME_TEMPO, LOYALTY = 0.08, 2.0
# A chord that is held is less than 20 dB below the loud passages; echoes soon are more.
HELD_SHARE, HELD_S = 1e-2, 0.25
# A grid is believed if nearly all beats lie this near to it, as a share of the beat; 20 ms is what hearing forgives.
GRID_TOLERANCE, GRID_TOLERANCE_S, GRID_SHARE = 0.07, 0.02, 0.9
GRID_GAIN, GRID_MOST = 0.88, 0.6


@dataclass(frozen=True, eq=False)
class Beats:
    """The beats of a song.

    Attributes:
        times_s: Ascending, [B].
        tempo_bpm: Over the whole song, 0.0 if there is none.
        tempo_curve_bpm: At each beat, [B].
        confidence: 0..1.
        is_steady: Whether the beats lie on a constant grid.
        grid_error_s: Median distance of the beats, as they were played, to the constant grid that fits best.
    """

    times_s: np.ndarray
    tempo_bpm: float
    tempo_curve_bpm: np.ndarray
    confidence: float
    is_steady: bool
    grid_error_s: float = 0.0


NO_BEATS = Beats(np.zeros(0), 0.0, np.zeros(0), 0.0, False)


def find_beats(
    rise: Onsets,
    harmony: Harmony,
    power: np.ndarray,
    progress: Callable[[float], None] | None = None,
    known_bpm: float = 0.0,
) -> Beats:
    """The beats of a song; none where there is no pulse clear enough to be one.

    Every likely pulse is followed through the song, then every way to count it is judged, and the best is kept.

    Args:
        rise: Its onset envelopes.
        harmony: Its pitch classes.
        power: Its K-weighted mean square, [H].
        progress: Called with 0..1.
        known_bpm: The tempo of what came before, if there was any: it is tried too, and kept unless another is
            clearly better.
    """
    if float(rise.groups.std(axis=1).max()) < MIN_RISE:
        return NO_BEATS
    smooth = smoothed(rise.envelope)
    strokes_s = equal_strokes(rise, smooth)
    beats = None if strokes_s is None else _beats_at(strokes_s, smooth, power)
    if beats is not None:
        return beats
    heard, found = heard_of(rise, harmony), []
    periods = candidate_periods(rise.envelope)
    if known_bpm > 0.0 and periods:
        periods = [60.0 * HOP_RATE_HZ / known_bpm, periods[0]]
    for done, period in enumerate(periods, start=1):
        pulse_s = refined(follow(smooth, period), smooth)
        if len(pulse_s) >= MIN_BEATS:
            found += levels_of(pulse_s, heard)
        if progress is not None:
            progress(done / len(periods))

    def worth(level: Level) -> float:
        stays = known_bpm > 0.0 and abs(np.log(level.bpm / known_bpm)) < SAME_TEMPO
        return level.worth + LOYALTY * stays

    for level in sorted(found, key=worth, reverse=True)[:N_TRIED]:
        beats = _beats_at(level.times_s, smooth, power)
        if beats is not None:
            return beats
    return NO_BEATS


def equal_strokes(rise: Onsets, smooth: np.ndarray) -> np.ndarray | None:
    """When the strokes of a metronome are: evenly spaced, alike in sound, and nothing between; None if there is more.

    How such strokes are counted cannot be told from how they differ: each is a beat.
    """
    is_top = np.zeros(len(smooth), dtype=bool)
    is_top[1:-1] = (smooth[1:-1] >= smooth[:-2]) & (smooth[1:-1] > smooth[2:])
    hops = np.flatnonzero(is_top & (smooth > WEAKEST_STROKE * _strong(smooth)))
    if len(hops) < MIN_STROKES:
        return None
    times = refined(hops, smooth)
    steps = np.diff(times)
    period_s = float(np.median(steps))
    sounds = np.stack([group[hops] for group in rise.groups], axis=1)
    mean = sounds.mean(axis=0)
    likeness = sounds @ mean / np.maximum(np.linalg.norm(sounds, axis=1) * np.linalg.norm(mean), 1e-9)
    is_even = np.abs(steps / period_s - 1.0).max() < STROKE_SPREAD and STROKE_S[0] < period_s < STROKE_S[1]
    is_one_sound = likeness.min() > 0.9 and smooth[hops].std() < 0.2 * smooth[hops].mean()
    return times if is_even and is_one_sound else None


def beats_of(times_s: np.ndarray, rise: Onsets, power: np.ndarray) -> Beats:
    """Beats [B] that another tracker found, drawn to the onsets and put on a constant grid where one fits."""
    found = None
    if len(times_s) >= MIN_BEATS:
        found = _beats_at(times_s, smoothed(rise.envelope), power, is_sure=True)
    return NO_BEATS if found is None else found


def _beats_at(times: np.ndarray, smooth: np.ndarray, power: np.ndarray, is_sure: bool = False) -> Beats | None:
    """The beats near these times, or None if they are too few, too weak, or have too little on them.

    Args:
        times: About when they are, [B].
        smooth: Smoothed onset envelope, [H].
        power: K-weighted mean square, [H].
        is_sure: Whether they are believed however weak they are.
    """
    times = _drawn_to_onsets(times, smooth)
    salience = _salience(times, smooth)
    if not is_sure and salience < MIN_SALIENCE + SHORT_SALIENCE / len(times):
        return None
    grid = _constant_grid(times, smooth)
    off_s = _off_any_grid(times)
    if grid is not None:
        first_s, period_s = grid
        n_before, n_after = int((first_s + 0.03) / period_s), int((len(smooth) / HOP_RATE_HZ - first_s) / period_s)
        times = first_s + period_s * np.arange(-n_before, n_after + 1)
    times = np.maximum(_heard(times, smooth, power), 0.0)
    n_on_onset = np.count_nonzero(_is_on_onset(times, smooth))
    if len(times) < MIN_BEATS or (not is_sure and n_on_onset < max(MIN_BEATS, MIN_ON_ONSET * len(times))):
        return None
    confidence = _confidence(times, smooth, salience)
    if grid is not None:
        return Beats(times, 60.0 / grid[1], np.full(len(times), 60.0 / grid[1]), confidence, True, off_s)
    tempo_bpm = 60.0 * (len(times) - 1) / float(times[-1] - times[0])
    return Beats(times, tempo_bpm, _tempo_curve_bpm(times), confidence, False, off_s)


def _salience(times: np.ndarray, smooth: np.ndarray) -> float:
    """Autocorrelation some beats later in musical time, 0..1: how far what sounds comes again after a beat, or a bar.

    The tempo is smoothed before: beats that jump from onset to onset of a noise are no pulse.
    """
    steps = np.diff(times)
    reach = min(4, (len(steps) - 1) // 2)
    kernel = np.hanning(2 * reach + 3)[1:-1]
    even = np.convolve(np.pad(steps, reach, mode="edge"), kernel / kernel.sum(), mode="valid")
    even_s = times[0] + np.concatenate([[0.0], np.cumsum(even)])
    even_s += float(np.mean(times - even_s))
    places = np.interp(np.arange(0.0, len(even_s) - 1.0, 1.0 / FINE), np.arange(len(even_s)), even_s)
    curve = np.interp(places * HOP_RATE_HZ, np.arange(len(smooth)), np.minimum(smooth, CLIP))
    curve = curve - curve.mean()
    power = max(float(curve @ curve) / len(curve), 1e-9)

    def again(beats: int) -> float:
        """Autocorrelation some beats later, 0 where the song is too short for that."""
        rest = len(curve) - beats * FINE
        return float(curve[-rest:] @ curve[:rest]) / rest / power if rest > FINE else 0.0

    # Where every second beat is silent, two and four beats later tell more; three and six in a waltz without drums.
    return float(np.clip(max(again(1) + again(2), again(2) + again(4), again(3) + again(6)) / 2.0, 0.0, 1.0))


def _drawn_to_onsets(times: np.ndarray, smooth: np.ndarray) -> np.ndarray:
    """Times moved to the top of the strongest onset within DRAW_S, where there is a strong one."""
    reach = round(DRAW_S * HOP_RATE_HZ)
    hops = np.clip(np.round(times * HOP_RATE_HZ).astype(int), 0, len(smooth) - 1)
    near = np.clip(hops[:, None] + np.arange(-reach, reach + 1), 0, len(smooth) - 1)
    top = near[np.arange(len(hops)), smooth[near].argmax(axis=1)]
    is_strong = smooth[top] > _strong(smooth)
    drawn = np.where(is_strong, refined(top, smooth), times)
    return drawn if np.all(np.diff(drawn) > 0.0) else times


def smoothed(envelope: np.ndarray) -> np.ndarray:
    """The envelope [H] under a Gaussian of 1.5 hops, of unit deviation, [H]."""
    kernel = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    smooth = np.convolve(envelope, kernel / kernel.sum(), mode="full")[5 : 5 + len(envelope)]
    return smooth / max(float(smooth.std()), 1e-9)


def refined(hops: np.ndarray, smooth: np.ndarray) -> np.ndarray:
    """Beats in seconds, each moved to the top of the parabola if it is at a local maximum."""
    inner = np.clip(hops, 1, max(len(smooth) - 2, 1))
    left, middle, right = smooth[inner - 1], smooth[inner], smooth[inner + 1]
    bend = left - 2.0 * middle + right
    is_top = (middle >= left) & (middle >= right) & (bend < -1e-9)
    shift = np.where(is_top, 0.5 * (left - right) / np.where(is_top, bend, -1.0), 0.0)
    return (hops + shift) / HOP_RATE_HZ


def _constant_grid(times: np.ndarray, smooth: np.ndarray) -> tuple[float, float] | None:
    """First beat and period in seconds of the grid on which nearly all beats lie, or None.

    Beats are numbered by their intervals, then fitted by least squares, weighted by their onsets and with outliers
    left out again and again; last, the period and phase that collect most onset strength.
    """
    period = float(np.median(np.diff(times)))
    index = np.concatenate([[0], np.cumsum(np.maximum(np.round(np.diff(times) / period), 1.0))])
    strength = np.interp(times * HOP_RATE_HZ, np.arange(len(smooth)), smooth)
    weight = strength + 1e-3 * strength.max() + 1e-9
    for _ in range(5):
        slope, start = np.polyfit(index, times, 1, w=np.sqrt(weight))
        off = np.abs(times - (start + slope * index))
        weight = np.where(off < max(0.1 * period, 2.0 * float(np.median(off))), strength, 0.0) + 1e-6
    tolerance = max(GRID_TOLERANCE * period, GRID_TOLERANCE_S)
    is_onset = strength > 0.3 * np.quantile(strength, 0.9)
    sharp = _sharpened(float(start), float(slope), int(index[-1]) + 1, smooth)
    if np.mean(off[is_onset] < tolerance) >= GRID_SHARE and np.mean(off < 2.0 * tolerance) >= GRID_SHARE:
        return sharp
    # Beats that were drawn aside for some bars: the grid is believed if it meets nearly as much as they do.
    on_grid = sharp[0] + sharp[1] * index
    met = float(np.interp(on_grid * HOP_RATE_HZ, np.arange(len(smooth)), np.minimum(smooth, CLIP)).mean())
    is_as_good = met >= GRID_GAIN * float(np.minimum(strength, CLIP).mean()) and np.mean(off < tolerance) >= GRID_MOST
    return sharp if is_as_good else None


def _off_any_grid(times: np.ndarray) -> float:
    """Median distance of beats to the line through them."""
    index = np.arange(len(times))
    slope, start = np.polyfit(index, times, 1)
    return float(np.median(np.abs(times - (start + slope * index))))


def _sharpened(start: float, period: float, n_beats: int, smooth: np.ndarray) -> tuple[float, float]:
    """The grid near the given one whose n beats collect the most onset strength.

    Searched over shifts of its first and of its last beat by up to 30 ms each.
    """
    shifts = np.arange(-0.03, 0.0301, 0.0025)
    place = np.linspace(0.0, 1.0, n_beats)
    at = start + period * (n_beats - 1) * place
    hops = np.arange(len(smooth))
    collected = np.array(
        [[np.interp((at + a + (b - a) * place) * HOP_RATE_HZ, hops, smooth).sum() for b in shifts] for a in shifts]
    )
    near = collected >= collected.max() - 0.002 * abs(collected.max())
    a, b = (float(np.mean(shifts[i])) for i in np.nonzero(near))
    return start + a, (period * (n_beats - 1) + b - a) / max(n_beats - 1, 1)


def _heard(times: np.ndarray, smooth: np.ndarray, power: np.ndarray) -> np.ndarray:
    """The beats from the first onset to the last, and on while a last chord is held, but none in a long silence."""
    strong = np.flatnonzero(smooth > _strong(smooth))
    sounding = is_sounding(power)
    if len(strong) == 0 or not sounding.any():
        return np.zeros(0)
    held_s = int(np.flatnonzero(is_sounding(power, HELD_SHARE))[-1]) / HOP_RATE_HZ
    end = max(strong[-1] / HOP_RATE_HZ + 0.03, held_s - HELD_S)
    hops = np.clip(np.round(times * HOP_RATE_HZ), 0, len(smooth) - 1).astype(int)
    kept = (times >= strong[0] / HOP_RATE_HZ - 0.06) & (times <= end) & (times > -0.03)
    return times[kept & ~in_long_silence(sounding)[hops]]


def is_sounding(power: np.ndarray, share: float = 1e-4) -> np.ndarray:
    """Where a power [H] is above a share of that of the loud passages, and above SILENCE_DB, bool [H]."""
    return power > max(10.0 ** (SILENCE_DB / 10.0), share * float(np.quantile(power, 0.95)))


def _strong(smooth: np.ndarray) -> float:
    """What an onset must exceed to count as one: a quarter of a strong one."""
    return 0.25 * float(np.quantile(smooth[smooth > 0.0], 0.95)) if smooth.any() else np.inf


def _is_on_onset(times: np.ndarray, smooth: np.ndarray) -> np.ndarray:
    """Whether there is an onset within 45 ms of each time, bool [B]."""
    near = np.round(times * HOP_RATE_HZ).astype(int)[:, np.newaxis] + np.arange(-4, 5)
    return smooth[np.clip(near, 0, len(smooth) - 1)].max(axis=1) > _strong(smooth)


def in_long_silence(is_sounding: np.ndarray, long_s: float = 4.0) -> np.ndarray:
    """Where a silence lasts at least long_s, bool [H]."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], is_sounding, [True]]).astype(int)))
    out = np.zeros(len(is_sounding), dtype=bool)
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        out[first:end] = end - first >= long_s * HOP_RATE_HZ
    return out


def _confidence(times: np.ndarray, smooth: np.ndarray, salience: float) -> float:
    """How far beats stand out from what lies between them, together with the salience of the pulse, 0..1."""
    hops = np.arange(len(smooth))
    on = np.interp(times * HOP_RATE_HZ, hops, smooth).mean()
    between = times[:-1, None] + np.diff(times)[:, None] * np.linspace(0.2, 0.8, 7)
    off = np.interp(between.ravel() * HOP_RATE_HZ, hops, smooth).mean()
    contrast = (on - off) / max(float(on + off), 1e-9)
    return float(np.clip(0.5 * salience + 0.6 * contrast, 0.0, 1.0))


def _tempo_curve_bpm(times: np.ndarray) -> np.ndarray:
    """Tempo at each beat: the slope of a line through the four beats before and after."""
    n = len(times)
    first, last = np.maximum(np.arange(n) - 4, 0), np.minimum(np.arange(n) + 4, n - 1)
    return 60.0 * (last - first) / (times[last] - times[first])
