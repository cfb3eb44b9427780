"""Undo and redo over immutable documents, within a memory budget."""

from __future__ import annotations

from dataclasses import dataclass

from editor.document.document import Document
from editor.document.weight import Weight
from editor.observable import Signal

MEMORY_BUDGET_BYTES = 2 << 30


@dataclass(frozen=True)
class Step:
    """A document that was left, and the name of the edit that left it.

    Attributes:
        is_tentative: Whether the edit may be taken back as if it had never been made.
        redo: For a tentative edit, what could be brought back before it.
    """

    label: str
    document: Document
    is_tentative: bool = False
    redo: tuple[Step, ...] = ()


class History:
    """The current document, and the ones before and after it.

    Steps are unlimited while the takes, songs and analyses that only old steps hold fit the budget; then
    the oldest steps are forgotten.

    Signals:
        changed(old, new, label): After every change, undo and redo included. What changed is found by
            comparing parts with `is`.
    """

    def __init__(self, document: Document, budget_bytes: int = MEMORY_BUDGET_BYTES) -> None:
        self.changed = Signal()
        self._document = document
        self._budget_bytes = budget_bytes
        self._undo: list[Step] = []
        self._redo: list[Step] = []
        self._weight = Weight()  # of the steps that undo goes back to

    @property
    def document(self) -> Document:
        """The document as it stands."""
        return self._document

    def commit(self, label: str, document: Document, is_tentative: bool = False) -> bool:
        """Make `document` current as one step; False where nothing changed.

        Args:
            label: Completes "Undo ...".
            document: After the edit.
            is_tentative: `take_back` may forget it, as long as no other kind of step follows.
        """
        if document is self._document or document == self._document:
            return False
        redo = tuple(self._redo) if is_tentative else ()
        self._undo.append(Step(label, self._document, is_tentative, redo))
        self._weight.add(self._document)
        self._redo.clear()
        self._forget_the_oldest(beside=document)
        self._show(document, label)
        return True

    def undo(self) -> bool:
        """Back by one step; False where there is none."""
        if not self._undo:
            return False
        step = self._undo.pop()
        self._weight.remove(step.document)
        self._redo.append(Step(step.label, self._document))
        self._show(step.document, step.label)
        return True

    def redo(self) -> bool:
        """Forth by one step; False where there is none."""
        if not self._redo:
            return False
        step = self._redo.pop()
        self._undo.append(Step(step.label, self._document))
        self._weight.add(self._document)
        self._show(step.document, step.label)
        return True

    def take_back(self, document: Document) -> bool:
        """Forget the latest steps that are tentative, back to `document` at the most, as if they had never been made.

        There is nothing to redo but what there was before them. False where nothing was forgotten.
        """
        begun, label = self._document, ""
        while self._undo and self._undo[-1].is_tentative and begun is not document:
            step = self._undo.pop()
            self._weight.remove(step.document)
            self._redo[:] = step.redo
            begun, label = step.document, step.label
        if begun is self._document:
            return False
        self._show(begun, label)
        return True

    def replace(self, document: Document) -> None:
        """Begin anew with another document (another project): there is nothing to undo."""
        self._undo.clear()
        self._redo.clear()
        self._weight = Weight()
        self._show(document, "Open")

    @property
    def undo_labels(self) -> tuple[str, ...]:
        """What undo would take back, the next first."""
        return tuple(step.label for step in reversed(self._undo))

    @property
    def redo_labels(self) -> tuple[str, ...]:
        """What redo would bring back, the next first."""
        return tuple(step.label for step in reversed(self._redo))

    def _show(self, document: Document, label: str) -> None:
        old, self._document = self._document, document
        self.changed.emit(old, document, label)

    def _forget_the_oldest(self, beside: Document) -> None:
        """Drop steps until what only they hold, beside the current document, fits the budget."""
        while self._weight.n_bytes > self._budget_bytes and self._weight.beside(beside) > self._budget_bytes:
            self._weight.remove(self._undo.pop(0).document)
