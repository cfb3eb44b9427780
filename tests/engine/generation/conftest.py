"""What the tests of generation share: a prepared folder, its clips, and a model with random weights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from engine.generation.checkpoint import TrainedModel
from engine.generation.training.dataset import Clip, load_clips
from tests.tiny import prepared_folder, tiny_model


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """Tiny networks run fastest on one thread, and several test processes share the processor."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared folder of synthetic takes. Tests that spoil it copy it first."""
    return prepared_folder(tmp_path_factory.mktemp("tiny") / "prepared")


@pytest.fixture(scope="session")
def clips(prepared: Path) -> list[Clip]:
    """The training clips, each followed by its mirror image."""
    return load_clips(prepared, "train")


@pytest.fixture(scope="session")
def model(prepared: Path) -> TrainedModel:
    """A model with random weights and the bank of the prepared clips."""
    return tiny_model(prepared)
