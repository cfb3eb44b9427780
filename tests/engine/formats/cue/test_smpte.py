"""Timecode, held against OpenTimelineIO's, the standard's own figures and its laws."""

from __future__ import annotations

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.formats.cue import TimecodeError, frame_of, timecode
from engine.formats.scene import RATES

rates = st.sampled_from(list(RATES.values()))
ONE_DAY_DF = 24 * 107_892  # frames of 29.97 in a day, SMPTE ST 12-1


@pytest.mark.parametrize(
    ("rate", "frame", "text"),
    [
        ("24", 1001, "00:00:41:17"),
        ("23.976", 86_400, "01:00:00:00"),
        ("25", 25 * 60 * 60 - 1, "00:59:59:24"),
        ("29.97", 1799, "00:00:59;29"),
        ("29.97", 1800, "00:01:00;02"),
        ("29.97", 17_981, "00:09:59;29"),
        ("29.97", 17_982, "00:10:00;00"),
        ("29.97", 107_892, "01:00:00;00"),
        ("29.97", ONE_DAY_DF - 1, "23:59:59;29"),
        ("59.94", 3600, "00:01:00;04"),
        ("59.94", 215_784, "01:00:00;00"),
        ("120", 119, "00:00:00:119"),
    ],
)
def test_known_frames(rate, frame, text):
    assert timecode(frame, RATES[rate]) == text
    assert frame_of(text, RATES[rate]) == frame


@pytest.mark.parametrize("rate", ["29.97", "59.94"])
def test_an_hour_of_drop_frame_is_an_hour_on_the_wall(rate):
    frame = frame_of("01:00:00;00", RATES[rate])

    assert frame / RATES[rate].exact_hz == pytest.approx(3600.0, abs=0.004)


def test_without_dropping_the_numbers_run_on():
    assert timecode(1800, RATES["29.97"], drop=False) == "00:01:00:00"
    assert frame_of("00:01:00:00", RATES["29.97"]) == 1800


def test_after_a_day_it_begins_again_and_before_zero_it_is_the_day_before():
    assert timecode(24 * 3600 * 25, RATES["25"]) == "00:00:00:00"
    assert timecode(-1, RATES["25"]) == "23:59:59:24"
    assert timecode(ONE_DAY_DF, RATES["29.97"]) == "00:00:00;00"
    assert timecode(-1, RATES["29.97"]) == "23:59:59;29"


@given(rates, st.integers(0, ONE_DAY_DF - 1), st.booleans())
def test_what_is_written_is_read(rate, frame, drops):
    frame %= 24 * 107_892 if rate.timecode_hz <= 30 else 24 * 215_784
    frame %= 24 * 3600 * rate.timecode_hz

    assert frame_of(timecode(frame, rate, drops and rate.drops_frames), rate) == frame


@given(rates, st.integers(0, 2_000_000))
def test_timecodes_rise_with_the_frames(rate, frame):
    assert timecode(frame, rate) < timecode(frame + 1, rate)


@given(st.sampled_from(["23.976", "24", "25", "29.97", "30", "50", "59.94", "60"]), st.integers(0, 2_000_000))
def test_opentimelineio_counts_the_same(name, frame):
    rate = RATES[name]

    theirs = otio.opentime.to_timecode(otio.opentime.RationalTime(frame, rate.hz), rate.hz, rate.drops_frames)
    assert timecode(frame, rate) == theirs


@pytest.mark.parametrize(
    ("text", "rate", "problem"),
    [
        ("soon", "24", "is no timecode"),
        ("01:00:00:24", "24", "is beyond 23:59:59:23"),
        ("24:00:00:00", "24", "is beyond"),
        ("00:01:00;01", "29.97", "is left out by drop-frame; the minute begins with frame 02"),
        ("00:01:00;00", "25", "is drop-frame, which there is not at 25 fps"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(text, rate, problem):
    with pytest.raises(TimecodeError, match=problem):
        frame_of(text, RATES[rate])
