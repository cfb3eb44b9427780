"""A few files of the matrix, judged by every program that is installed; `run.py bench matrix` judges all of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.exports import Dancer, Performance
from tests.dances import improvised
from tests.judges.account import of_read_back, verdict_on
from tests.judges.cases import JUDGES, LACKS, Case, written

RIGS_AND_RATES = (("humanik", "23.976"), ("ue5", "29.97"), ("mixamo", "120"))


@pytest.fixture(scope="module")
def cases(tmp_path_factory) -> list[Case]:
    dance = improvised(90, 0, 30.0)
    performance = Performance("Tiny", (Dancer("Ana", dance, "woman", 1.62),), duration_s=dance.duration_s)
    folder = tmp_path_factory.mktemp("matrix")
    return [
        case
        for rig, rate in RIGS_AND_RATES
        for case in written(folder, performance, (0.5, 2.0), rigs=(rig,), rates=(rate,))
    ]


@pytest.mark.slow
@pytest.mark.parametrize("judge", JUDGES)
def test_other_programs_find_in_every_format_what_was_written(cases, judge):
    verdicts = JUDGES[judge](cases)
    if verdicts is None:
        pytest.skip(LACKS[judge])

    assert {name: verdict for name, verdict in verdicts.items() if not verdict.agrees} == {}
    assert len(verdicts) >= len(RIGS_AND_RATES)


@pytest.mark.slow
def test_a_verdict_names_what_differs(cases):
    case = cases[0]
    found = of_read_back(case.kind.read_back(case.path))
    off = found.positions_m.copy()
    off[1, 3] += [0.0, 0.0002, 0.0]

    assert verdict_on(replace(found, positions_m=off), case.wanted).position_mm == pytest.approx(0.2, rel=0.01)
    for change, word in (
        ({"positions_m": off[..., ::-1].copy()}, "facing"),
        ({"frame_rate_hz": 24.0}, "rate"),
        ({"n_frames": found.n_frames + 1}, "frames"),
        ({"roots": ("Hips", "Hips.001")}, "roots"),
        ({"joints": ("Other", *found.joints[1:])}, "joints missing"),
    ):
        verdict = verdict_on(replace(found, **change), case.wanted)
        assert not verdict.agrees
        assert [fault.partition(":")[0] for fault in verdict.faults] == [word]
    taller = verdict_on(replace(found, top_m=1.70), case.wanted, top_m=1.62)
    assert taller.faults == ("height: 1.7000 m, not 1.6200 m",)
