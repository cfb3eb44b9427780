"""Findings in the window: lane, panel, stage and keys hear of one another here."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from editor.document.assemble import dance
from editor.findings import NONE_SELECTED, Entry
from editor.panels.finding_words import marks_of
from engine.generation.request import avoidable

if TYPE_CHECKING:
    from app.window.main_window import EditorWindow
    from editor.panels.findings_panel import FindingsPanel
    from engine.motion.motion import Motion

# The first look waits until the window is there and the engine's process has begun to load.
_FIRST_LOOK_MS = 900
_OFFER = "Repaired"
_LOADED_LATE = ("editor.panels.findings_panel", "engine.structure.evidence")


class FindingWork:
    """Connects the findings with what shows them. The panel is made when there is something for it to show.

    Args:
        window: With its desk.
        regenerate: Makes a new take of what is selected that does not break a rule; "" for any take.
        show: Paints the stage anew.
    """

    def __init__(self, window: EditorWindow, regenerate: Callable[[str], None], show: Callable[[], None]) -> None:
        self.window, self.findings = window, window.desk.findings
        self.panel: FindingsPanel | None = None
        self._regenerate, self._show = regenerate, show
        findings = self.findings
        self.commands: dict[str, Callable[[], object]] = {
            "next_finding": lambda: findings.step(1),
            "finding_before": lambda: findings.step(-1),
            "repair_finding": findings.repair,
            "intend_finding": lambda: self._on_selected_one(lambda panel: panel.ask_note()),
            "why_finding": lambda: self._on_selected_one(lambda panel: panel.show_why()),
            "renew_movement": self.renew_movement,
            "show_findings": self.show_panel,
        }
        findings.changed.connect(self._refresh_lane)
        findings.selected_changed.connect(self._on_selected)
        findings.offer_changed.connect(self._on_offer)
        window.timeline.finding_picked.connect(self._pick)
        window.offer.keep_wanted.connect(findings.apply)
        window.offer.return_wanted.connect(findings.return_)
        self._first = QTimer(interval=_FIRST_LOOK_MS, singleShot=True)
        self._first.timeout.connect(self._begin)

    def begin(self) -> None:
        """Look at the dances, once the window has come to rest."""
        self._first.start()

    def set_motions(self, motions: dict[str, Motion]) -> None:
        """What is danced now, by track, as far as it is seen; who is hidden is judged too, references are not."""
        document = self.window.desk.session.document
        own = [track.id for track in document.dancers if track.clips]
        self.findings.set_motions({t: motions[t] if t in motions else dance(document, t) for t in own})

    def renew_movement(self) -> None:
        """Make the selected finding's movement anew, of phrases that do not break its rule."""
        entry, session = self.findings.selected, self.window.desk.session
        if entry is None:
            session.said.emit(NONE_SELECTED, "note")
            return
        session.select(*self.findings.segment_of(entry))
        rule = entry.finding.rule
        self._regenerate(rule if rule in avoidable() else "")

    def show_panel(self) -> None:
        """The panel, with the keyboard in its list."""
        dock = self.window.docks["Findings"]
        dock.show()
        dock.raise_()
        self._make_panel().list.setFocus()

    def stop(self) -> None:
        """No more looking."""
        self._first.stop()
        self.findings.close()

    def _begin(self) -> None:
        """The panel's modules are loaded beside the window; what is found waits for none of it."""
        self.findings.begin()
        self.window.desk.background.run_later(
            lambda: [import_module(name) for name in _LOADED_LATE], lambda _: self._make_panel()
        )

    def _make_panel(self) -> FindingsPanel:
        if self.panel is None:
            from editor.panels.findings_panel import FindingsPanel

            window = self.window
            self.panel = FindingsPanel(window.desk.session, self.findings, window.theme)
            self.panel.anew_wanted.connect(self.renew_movement)
            before = window.docks["Findings"].widget()
            window.docks["Findings"].setWidget(self.panel)
            before.deleteLater()
        return self.panel

    def _on_selected_one(self, do: Callable[[FindingsPanel], None]) -> None:
        """Do something with the card of the selected finding."""
        if self.findings.selected is None:
            self.window.desk.session.said.emit(NONE_SELECTED, "note")
            return
        self.window.docks["Findings"].show()
        do(self._make_panel())

    def _pick(self, key: object) -> None:
        if isinstance(key, Entry):
            self.findings.select(key)

    def _refresh_lane(self) -> None:
        findings, session = self.findings, self.window.desk.session
        marks = marks_of(findings, self.window.timeline.model.grid, session.document.frame_rate_hz)
        aged = [track.id for track in session.document.dancers if not findings.is_fresh(track.id)]
        self.window.timeline.set_findings(marks, aged, findings.selected)

    def _on_selected(self) -> None:
        self.window.desk.stage.finding = self.findings.selected
        self._refresh_lane()
        self._show()

    def _on_offer(self) -> None:
        offer = self.findings.offer
        self.window.desk.stage.repaired = offer
        self.window.desk.stage.finding = self.findings.selected
        self.window.offer.offer(_OFFER if offer is not None else "", offer is not None, compares=False)
        self._show()
