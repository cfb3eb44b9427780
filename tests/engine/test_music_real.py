"""The analysis of real songs and loops, where they are at hand. Loops have an exact length, and so an exact tempo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.audio import Audio, read_audio
from engine.music import analyse

pytestmark = pytest.mark.shared_data

#            beats in the loop
LOOPS = {"amen": 4, "breakbeat": 4, "electric": 4, "mehackit1": 4, "mehackit2": 4, "amen_full": 16, "mika": 16}
# Accepted tempi: what one would tap, and its half or double where both are natural. None: free or unclear.
SONGS = {
    "Kevin_MacLeod_-_Vibe_Ace": (65.0, 130.0),
    "Kevin_MacLeod_-_Monkeys_Spinning_Monkeys": (72.0, 144.0),
    "Kevin_MacLeod_-_P_I_Tchaikovsky_Dance_of_the_Sugar_Plum_Fairy": (55.0, 110.0),
    "Karissa_Hobbs_-_Lets_Go_Fishin": (88.7, 177.4),
    "Linietsky_-_mr_mrs_robot": (110.8,),
    "HorrorPen_-_House_In_a_Forest_Loop": (71.5, 143.0),
    "Hungarian_Dance_number_5_-_Allegro_in_F_sharp_minor_(string_orchestra)": None,
    "sorohanro_-_solo-trumpet-06": None,
}


def test_every_song_is_analysed_and_has_a_sane_tempo(shared_music: Path):
    for name, tempi in SONGS.items():
        analysis = analyse(read_audio(shared_music / f"{name}.ogg"))

        assert tempi is None or any(analysis.tempo_bpm == pytest.approx(t, rel=0.02) for t in tempi), name
        assert np.all(np.diff(analysis.beat_times_s) > 0.2), name
        assert all(np.isfinite(v).all() for v in vars(analysis).values() if isinstance(v, np.ndarray)), name


@pytest.mark.parametrize("name", list(LOOPS))
def test_a_loop_that_is_repeated_has_exactly_its_tempo(shared_music: Path, name):
    loop = read_audio(shared_music / "loops" / f"loop_{name}.flac").mono()
    true_bpm = 60.0 * LOOPS[name] / loop.duration_s
    n_times = round(24.0 / loop.duration_s) + 1

    analysis = analyse(Audio(np.tile(loop.samples, (1, n_times)), loop.sample_rate_hz))

    assert analysis.is_steady
    assert analysis.tempo_bpm == pytest.approx(true_bpm, rel=0.002)


def test_every_loop_is_analysed(shared_music: Path):
    for path in sorted((shared_music / "loops").glob("*.flac")):
        analysis = analyse(read_audio(path))

        assert analysis.sections[-1].end_s == analysis.duration_s, path.name
