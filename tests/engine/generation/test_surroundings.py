import numpy as np
import pytest
import torch

from engine.generation.features import to_features
from engine.generation.model_constants import CODE_STRIDE
from engine.generation.request import GenerationRequest
from engine.generation.sampler import DENSE_LEAD, ON_GRID, n_dense
from engine.generation.surroundings import CONTEXT_FRAMES, surroundings
from engine.motion.contacts import detect_contacts
from tests.tiny import dancing, tiny_model

N_FRAMES = 112


@pytest.fixture(scope="module", params=[True, False], ids=["linear", "learned"])
def coder(prepared, request):
    return tiny_model(prepared, linear_codes=request.param)


@pytest.fixture(scope="module")
def motion():
    return dancing(300, seed=21)


def around(model, motion):
    """The surroundings of a segment whose motion is all locked: then nothing has to be bridged."""
    start, end = 60, 60 + N_FRAMES
    parts = frozenset({"spine", "left_arm", "right_arm", "left_leg", "right_leg"})
    return surroundings(
        GenerationRequest(
            N_FRAMES, np.arange(0.0, N_FRAMES, 15.0), np.ones(8), np.ones(N_FRAMES), np.zeros(N_FRAMES),
            before=motion.slice(0, start), after=motion.slice(end, 300), current=motion.slice(start, end), locked=parts,
        ),
        model,
        np.ones(3) / 3,
    )  # fmt: skip


def encoded(model, known):
    rows = ((known - model.mean) / model.std).T[np.newaxis].astype(np.float32)
    return model.encoder(torch.from_numpy(rows))[0][0].T.numpy()


def test_the_codes_of_what_lies_around_are_the_encoders_on_the_grid(coder, motion):
    found = around(coder, motion)

    assert found.codes.shape == (n_dense(len(found.known)), coder.bank.codes.shape[1])
    np.testing.assert_allclose(found.codes[ON_GRID], encoded(coder, found.known), atol=1e-4)


def test_between_the_grid_the_linear_part_of_a_code_is_that_of_the_frames_around_it(prepared, motion):
    model = tiny_model(prepared, linear_codes=True)
    with torch.no_grad():
        model.encoder.out.weight.zero_()  # what is not linear, which is interpolated
        model.encoder.upper_out.weight.zero_()
    found = around(model, motion)

    for shift in (4, 8, 12):
        moved = encoded(model, found.known[shift : len(found.known) - CODE_STRIDE + shift])
        first = (DENSE_LEAD + shift) // 4
        inner = found.codes[first::4][: len(moved)]
        np.testing.assert_allclose(inner[1:-1], moved[1:-1], atol=1e-4)


def test_the_known_frames_are_those_around_and_the_locked_ones(coder, motion):
    found = around(coder, motion)

    start, end = 60 - CONTEXT_FRAMES, 60 + N_FRAMES + CONTEXT_FRAMES
    rows = to_features(motion, detect_contacts(motion))[start:end]
    np.testing.assert_allclose(found.known[: len(rows), :132], rows[:, :132], atol=1e-5)
