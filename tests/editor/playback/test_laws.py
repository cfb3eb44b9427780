"""What holds whatever is done to a transport, in any order."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.playback.stretch import HOP_S, SEARCH_S
from editor.playback.transport import Transport
from tests.editor.playback.driver import RATE_HZ, Driver, ramp, ready

DURATION_S = 3.0
STEP_S = 0.005
times_s = st.floats(-0.5, DURATION_S + 0.5)
spans_s = st.tuples(times_s, times_s)
doings = st.one_of(
    st.tuples(st.just("play")),
    st.tuples(st.just("play"), st.booleans()),
    st.tuples(st.just("pause")),
    st.tuples(st.just("toggle")),
    st.tuples(st.just("seek"), times_s),
    st.tuples(st.just("jog"), st.sampled_from((-1, 0, 1)), st.booleans()),
    st.tuples(st.just("set_loop"), st.none() | spans_s),
    st.tuples(st.just("set_speed"), st.floats(0.25, 1.0)),
    st.tuples(st.just("scrub"), times_s),
    st.tuples(st.just("scrub_end")),
)
scripts = st.lists(st.tuples(doings, st.floats(0.0, 0.6)), min_size=1, max_size=12)


def do(transport: Transport, doing: tuple) -> None:
    name, *arguments = doing
    getattr(transport, name)(*arguments)


def turned(transport: Transport, before_s: float, after_s: float) -> bool:
    """Whether a step from one position to the other may be a loop coming round."""
    loop_s = transport.loop_s
    return loop_s is not None and loop_s[0] - 0.03 <= after_s < before_s <= loop_s[1] + 0.03


@settings(max_examples=40)
@given(scripts, st.sampled_from((0.0, 0.03, 0.2)), st.booleans())
def test_the_position_stays_within_the_piece_and_goes_on_as_it_plays(script, latency_s, has_device):
    driver = Driver(latency_s=latency_s)
    driver.devices = driver.devices if has_device else []
    transport = Transport(driver.open, driver.clock)
    transport.set_song(ramp(DURATION_S), DURATION_S)
    ready(transport)
    forward_s = 0.0  # how long it has been going forward, with what was under way before heard out
    for doing, wait_s in script:
        do(transport, doing)
        forward_s = 0.0
        for _ in range(int(wait_s / STEP_S)):
            before_s = transport.position_s()
            driver.pass_time(STEP_S)
            after_s = transport.position_s()
            assert 0.0 <= after_s <= DURATION_S
            forward_s = forward_s + STEP_S if transport.rate > 0.0 and not transport.is_scrubbing else 0.0
            if forward_s > latency_s + 0.05:
                assert after_s >= before_s or turned(transport, before_s, after_s)
                assert after_s - before_s <= 4.0 * STEP_S + 0.03
    transport.close()


@settings(max_examples=40)
@given(scripts, st.sampled_from((0.01, 0.1)))
def test_the_position_is_what_was_handed_out(script, latency_s):
    driver = Driver(latency_s=latency_s)
    transport = Transport(driver.open, driver.clock)
    transport.set_song(ramp(DURATION_S), DURATION_S)
    ready(transport)
    for doing, wait_s in script:
        do(transport, doing)
        driver.pass_time(wait_s)
        heard_before = driver.streams[0].blocks[:]
        driver.pass_time(latency_s + 0.03)  # what was under way before is heard out
        loop_s = transport.loop_s or (0.0, DURATION_S)
        position_s = transport.position_s()
        is_even = transport.rate != 0.0 and not transport.is_scrubbing and len(heard_before) > 0
        near_an_edge = min(abs(position_s - edge) for edge in (*loop_s, 0.0, DURATION_S)) < 0.25
        if is_even and transport.count_in_left == 0 and not near_an_edge and wait_s > latency_s + 0.03:
            tolerance_s = 1.5 / RATE_HZ if transport.rate == 1.0 else _stretched_tolerance_s(transport.rate)
            assert abs(10 * driver.heard_now() - position_s) <= tolerance_s
    transport.close()


def _stretched_tolerance_s(rate: float) -> float:
    """Half a grain's way through the song beside the clock's, and what it may lie off."""
    return HOP_S / 2 * abs(1.0 - rate) + SEARCH_S + 0.002


@settings(max_examples=25)
@given(st.floats(0.25, 1.0), spans_s, st.integers(0, 10))
def test_what_is_heard_never_jumps_in_loudness(speed, span_s, seed):
    """A loop's seam, a stop, a seek: the sound of a constant is never above it, and never steps."""
    driver = Driver()
    transport = Transport(driver.open, driver.clock)
    transport.set_song(_constant(), DURATION_S)
    ready(transport)
    transport.set_loop(span_s)
    transport.set_speed(speed)
    rng = np.random.default_rng(seed)
    for _ in range(6):
        transport.seek(float(rng.uniform(0, DURATION_S)))
        transport.toggle()
        driver.pass_time(float(rng.uniform(0.0, 0.5)))
    sound = np.concatenate([block[:, 0] for _, block in driver.streams[0].blocks])

    assert sound.max(initial=0.0) <= 0.5 + 1e-5
    assert np.abs(np.diff(sound)).max(initial=0.0) < 0.06
    transport.close()


def _constant():
    audio = ramp(DURATION_S + 0.1)  # the song itself does not break off
    return type(audio)(np.full_like(audio.samples, 0.5), RATE_HZ)
