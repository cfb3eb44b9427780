"""The engine's process as the window sees it: loading the model, and saying what it is doing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from editor.audition import Audition
from editor.jobs.engine_tasks import LOAD, MEMORY
from editor.jobs.worker import JobFailed, Worker
from editor.observable import Signal
from editor.session import Session


class EngineRoom:
    """Loads the model and keeps what it says of itself.

    Signals:
        changed(): `text`, `is_ready` or `model`.

    Attributes:
        device: What was asked for last: "auto", "cpu" or "cuda"; empty before the first time.
        text, trouble: For the status bar, and why there is no engine.
        model: What it says of itself; empty while none is loaded.
    """

    def __init__(self, worker: Worker, audition: Audition, session: Session, folder: Path, rules: Path) -> None:
        self.changed = Signal()
        self.device, self.text, self.trouble = "", "engine loading", ""
        self.model: dict[str, Any] = {}
        self._waiting: list[Callable[[], None]] = []
        self._worker, self._audition, self._session, self._folder = worker, audition, session, folder
        self._rules = rules
        self._n_loads = 0
        worker.restarted.connect(lambda: self.load(self.device) if self.device else None)

    @property
    def is_ready(self) -> bool:
        """Whether takes can be asked for."""
        return bool(self.model)

    def when_ready(self, call: Callable[[], None]) -> None:
        """Call it once takes can be asked for: now, or when the model is loaded."""
        if self.is_ready:
            call()
        else:
            self._waiting.append(call)

    def forget_waiting(self) -> None:
        """What was to be called when the model is loaded is not wanted any more."""
        self._waiting.clear()

    def load(self, device: str) -> None:
        """Load the model to "auto", "cpu" or "cuda"; where this is asked for several times, the last one counts."""
        self.device = device
        self._n_loads += 1
        number = self._n_loads
        self.model = {}
        self._audition.model = {}
        self.text, self.trouble = "engine loading", ""
        self.changed.emit()

        def loaded(model: dict[str, Any]) -> None:
            if number != self._n_loads:
                return
            self.model = self._audition.model = model
            self._show(model["memory_bytes"])
            waiting, self._waiting = self._waiting, []
            for call in waiting:
                call()

        def failed(error: JobFailed) -> None:
            if number != self._n_loads:
                return
            self.text, self.trouble = "no engine", str(error)
            self._session.said.emit(str(error), "error")
            self.changed.emit()

        self._worker.submit(LOAD, str(self._folder), device, str(self._rules), done=loaded, failed=failed)

    def ask_memory(self) -> None:
        """Bring the memory in `text` up to date, when the engine has time."""
        if self.is_ready and not self._worker.n_waiting:
            self._worker.submit(MEMORY, done=self._show)

    def _show(self, memory_bytes: int) -> None:
        if not self.model:
            return
        held = f" \u00b7 {memory_bytes / (1 << 20):.0f} MB" if memory_bytes else ""
        self.text = f"{str(self.model['device']).upper()}{held}"
        self.changed.emit()
