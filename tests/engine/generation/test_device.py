import pytest
import torch

from engine.errors import DeviceError
from engine.generation.device import choose_device


def test_the_processor_is_everywhere():
    assert choose_device("cpu") == torch.device("cpu")


def test_auto_takes_a_card_where_there_is_one():
    assert choose_device().type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("name", ["abacus", "", "gpu", "cudax", "cuda:", "cuda:one", "cuda:-1", "CPU"])
def test_what_is_no_device_is_refused_by_name(name):
    with pytest.raises(DeviceError, match="no device called"):
        choose_device(name)


def test_a_card_that_is_not_there_is_refused():
    with pytest.raises(DeviceError, match="cuda:99"):
        choose_device("cuda:99")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a card")
def test_without_a_card_the_way_out_is_told():
    with pytest.raises(DeviceError, match="--device cpu"):
        choose_device("cuda")
