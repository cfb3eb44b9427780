from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.errors import Cancelled, RequestRefused
from engine.generation import takes
from engine.generation.bridge import Bridge, BridgeConfig
from engine.generation.generate import generate
from engine.generation.request import GenerationRequest, SectionSpan
from engine.generation.takes import generate_takes, warm_up
from engine.motion.motion import Motion
from tests.tiny import dancing, tiny_model

N = 180  # with what lies around it more than one window of the network
DANCE = dancing(N + 120, seed=21)


def request(n_frames=N, **changes):
    beats = np.arange(3.0, n_frames, 15.0)
    values = {"loudness": np.full(n_frames, 0.5), "music_emotion": np.zeros(n_frames)}
    return GenerationRequest(n_frames, beats, np.ones(len(beats)), **(values | changes))


def between(**changes):
    before, current, after = DANCE.slice(0, 60), DANCE.slice(60, 60 + N), DANCE.slice(60 + N, 120 + N)
    return request(before=before, after=after, current=current, **changes)


def gap(**changes):
    """A request for a second between fixed motion."""
    sides = {"before": DANCE.slice(0, 60), "current": DANCE.slice(60, 90), "after": DANCE.slice(90, 120 + N)}
    return request(30, **(sides | changes))


def same_bits(a, b):
    return (
        a.root_positions_m.tobytes() == b.root_positions_m.tobytes()
        and a.local_rotations.tobytes() == b.local_rotations.tobytes()
    )


def copied(motion):
    return Motion(motion.skeleton, motion.frame_rate_hz, motion.root_positions_m.copy(), motion.local_rotations.copy())


SECTIONS = (SectionSpan(0, 40, "A", "introduction"), SectionSpan(40, N, "B", "development"))
GROUPS = {
    "seeds": [between(seed=s) for s in range(4)],
    "many seeds": [between(seed=s) for s in range(7)],
    "seeds without context": [request(seed=s, sections=SECTIONS) for s in (5, 2)],
    "locked legs": [between(seed=s, locked=frozenset({"left_leg", "right_leg"})) for s in range(3)],
    "settings": [between(emotion={"joy": joy}, novelty=joy) for joy in (0.0, 0.5, 1.0)],
    "styles": [between(style={name: 1.0}) for name in ("ballet", "salsa")],
    "kinds": [between(), request(seed=1), between(keep_path=True), request(path_m=np.zeros((N, 2)))],
    "lengths": [between(), *(replace(request(300, seed=s), before=DANCE.slice(5, 9)) for s in range(3)), between()],
    "one window": [request(100, seed=s) for s in range(3)],
    "many windows": [request(600, seed=s) for s in range(3)],
}
SHORT = {
    "seeds": [gap(seed=s) for s in range(3)],
    "styles": [gap(style={name: 1.0}) for name in ("ballet", "salsa")],
    "locked arm": [gap(seed=s, locked=frozenset({"left_arm"})) for s in range(2)],
    "no side": [gap(before=None), gap(after=None)],
}


@pytest.fixture(scope="module")
def bridging(prepared):
    """A model with a bridge whose weights are random."""
    model = tiny_model(prepared)
    torch.manual_seed(2)
    model.bridge = Bridge(BridgeConfig(len(model.styles), width=16, layers=1, heads=2, feed=16)).eval()
    torch.nn.init.normal_(model.bridge.last.weight, std=0.02)
    return model


@pytest.mark.parametrize("group", list(SHORT))
def test_short_takes_made_together_are_to_the_bit_those_made_alone(bridging, group):
    made = generate_takes(SHORT[group], bridging)

    assert all(same_bits(m, generate(r, bridging)) for m, r in zip(made, SHORT[group], strict=True))


def test_a_bridge_leads_across_short_gaps_alone(model, bridging):
    assert not same_bits(generate(gap(), model), generate(gap(), bridging))
    assert same_bits(generate(between(), model), generate(between(), bridging))


@pytest.mark.parametrize("group", list(GROUPS))
def test_takes_made_together_are_to_the_bit_those_made_alone(model, group):
    made = generate_takes(GROUPS[group], model)

    assert all(same_bits(m, generate(r, model)) for m, r in zip(made, GROUPS[group], strict=True))


@pytest.mark.parametrize("group", ["seeds", "locked legs", "many windows"])
def test_takes_of_a_network_with_a_linear_part_are_the_same_too(prepared, group):
    linear = tiny_model(prepared, linear_codes=True)

    made = generate_takes(GROUPS[group], linear)

    assert all(same_bits(m, generate(r, linear)) for m, r in zip(made, GROUPS[group], strict=True))


def test_copies_of_the_same_motion_are_the_same_surroundings(model):
    asked = between(seed=1)
    copy = replace(asked, before=copied(asked.before), after=copied(asked.after), current=copied(asked.current), seed=2)

    prepared = []
    first, second = (takes._prepared(r, model, prepared) for r in (asked, copy))

    assert first is second
    assert takes._prepared(replace(asked, emotion={"joy": 1.0}), model, prepared).around is first.around
    assert takes._prepared(replace(asked, before=DANCE.slice(0, 59)), model, prepared).around is not first.around


def test_each_take_is_handed_over_when_it_is_finished(model):
    seen, handed = [], []

    made = generate_takes(GROUPS["seeds"], model, seen.append, lambda i, motion: handed.append((i, motion, seen[-1])))

    assert [i for i, _, _ in handed] == [0, 1, 2, 3]
    assert all(motion is made[i] for i, motion, _ in handed)
    shares = [at for _, _, at in handed]
    assert shares[0] == pytest.approx(0.25)  # the first is made alone, to be there soon
    assert shares == sorted(shares)
    assert shares[-1] == seen[-1] == pytest.approx(1.0)
    assert seen == sorted(seen)
    assert seen[0] == 0.0


def test_takes_that_were_finished_before_cancelling_have_been_handed_over(model):
    handed = []

    def cancel(fraction):
        if len(handed) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        generate_takes(GROUPS["seeds"], model, cancel, lambda i, motion: handed.append(i))

    assert handed == [0, 1]


def test_a_take_that_is_refused_stops_the_rest(model):
    handed = []

    with pytest.raises(RequestRefused, match="tango"):
        generate_takes(
            [request(), request(style={"tango": 1.0}), request()], model, on_take=lambda i, _: handed.append(i)
        )

    assert handed == [0]


def test_no_requests_make_no_takes(model):
    assert generate_takes([], model) == []


def test_a_graphics_card_without_memory_hands_over_each_take_once(model):
    failures, handed = [torch.cuda.OutOfMemoryError("CUDA out of memory")], []

    def fails_once(module, args):
        if failures and handed:
            raise failures.pop()

    hook = model.generator.register_forward_pre_hook(fails_once)
    try:
        with pytest.warns(UserWarning, match="made on the processor"):
            generate_takes(GROUPS["seeds"][:2], model, on_take=lambda i, _: handed.append(i))
    finally:
        hook.remove()

    assert handed == [0, 1]


def test_warming_up_changes_no_dance(model):
    before = generate(between(), model)

    warm_up(model)

    assert same_bits(generate(between(), model), before)
