"""Data-parallel training over several processes started by `torchrun`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import nn

from engine.generation.device import choose_device


@dataclass
class Workers:
    """The processes that train together: alone (size 1), or one of several that average gradients.

    Gradients are averaged by hand after each backward pass instead of by DistributedDataParallel, whose
    hooks expect one forward pass a step; an adversarial step has up to five through three networks.
    """

    rank: int
    size: int
    device: torch.device

    @staticmethod
    def from_environment(device: str) -> Workers:
        """This process's place, from the variables that `torchrun` sets; one GPU a process where there are any."""
        size = int(os.environ.get("WORLD_SIZE", "1"))
        if size == 1:
            return Workers(0, 1, choose_device(device))
        rank, local = int(os.environ["RANK"]), int(os.environ.get("LOCAL_RANK", "0"))
        on_gpu = device != "cpu" and torch.cuda.is_available()
        if not torch.distributed.is_initialized():
            torch.distributed.init_process_group("nccl" if on_gpu else "gloo", rank=rank, world_size=size)
        return Workers(rank, size, torch.device("cuda", local) if on_gpu else torch.device("cpu"))

    def broadcast(self, module: nn.Module) -> None:
        """Give every process the first one's weights."""
        if self.size > 1:
            for tensor in [*module.parameters(), *module.buffers()]:
                torch.distributed.broadcast(tensor.data, src=0)

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace every gradient by its mean over the processes. A parameter unused here counts as zero."""
        if self.size == 1:
            return
        for p in parameters:
            if p.grad is None:
                p.grad = torch.zeros_like(p)
            torch.distributed.all_reduce(p.grad)
            p.grad /= self.size
