"""A training step recorded once on a graphics card and replayed: thousands of small kernels then start as one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable

import torch
from torch import Tensor

_log = logging.getLogger(__name__)
_WARM_UPS = 4  # steps on a side stream before a recording, in which libraries choose their ways


class Recorder:
    """Runs steps: recorded on a CUDA device, as they are everywhere else.

    A step takes nothing, must not wait for the device, and gives tensors that its next replay overwrites. A step that
    cannot be recorded is run as it is from then on.
    """

    def __init__(self, device: torch.device, record: bool = True) -> None:
        self.records = record and device.type == "cuda"
        if device.type == "cuda":
            torch.backends.cudnn.benchmark = True  # all batches have one shape: it pays to try the ways once
        self._graphs: dict[Hashable, tuple[torch.cuda.CUDAGraph, dict[str, Tensor]]] = {}
        self._warm: dict[Hashable, int] = {}

    def run(self, key: Hashable, step: Callable[[], dict[str, Tensor]]) -> dict[str, Tensor]:
        """What `step` gives; steps of one `key` do the same work."""
        if not self.records:
            return step()
        if key in self._graphs:
            graph, out = self._graphs[key]
            graph.replay()
            return out
        if self._warm.get(key, 0) < _WARM_UPS:
            self._warm[key] = self._warm.get(key, 0) + 1
            side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                out = step()
            torch.cuda.current_stream().wait_stream(side)
            return out
        try:
            graph = torch.cuda.CUDAGraph()
            torch.cuda.synchronize()
            with torch.cuda.graph(graph):
                out = step()
        except RuntimeError as error:
            _log.warning("Steps are not recorded on this card (%s).", str(error).splitlines()[0])
            self.records = False
            torch.cuda.synchronize()
            return step()
        self._graphs[key] = (graph, out)
        graph.replay()
        return out
