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
    """

    def __init__(self, worker: Worker, audition: Audition, session: Session, folder: Path) -> None:
        self.changed = Signal()
        self.text, self.trouble = "engine loading", ""
        self.model: dict[str, Any] = {}
        self._waiting: list[Callable[[], None]] = []
        self._worker, self._audition, self._session, self._folder = worker, audition, session, folder

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

    def load(self, device: str) -> None:
        """Load the model to "auto", "cpu" or "cuda"."""
        self.model = {}
        self._audition.model = {}
        self.text, self.trouble = "engine loading", ""
        self.changed.emit()

        def loaded(model: dict[str, Any]) -> None:
            self.model = self._audition.model = model
            self._show(model["memory_bytes"])
            waiting, self._waiting = self._waiting, []
            for call in waiting:
                call()

        def failed(error: JobFailed) -> None:
            self.text, self.trouble = "no engine", str(error)
            self._session.said.emit(str(error), "error")
            self.changed.emit()

        self._worker.submit(LOAD, str(self._folder), device, done=loaded, failed=failed)

    def ask_memory(self) -> None:
        """Bring the memory in `text` up to date, when the engine has time."""
        if self.is_ready and not self._worker.n_waiting:
            self._worker.submit(MEMORY, done=self._show)

    def _show(self, memory_bytes: int) -> None:
        held = f" \u00b7 {memory_bytes / (1 << 20):.0f} MB" if memory_bytes else ""
        self.text = f"{str(self.model['device']).upper()}{held}"
        self.changed.emit()
