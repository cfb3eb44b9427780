"""The selected finding: what is wrong, why, by how much, where, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout

from editor.findings import Entry
from editor.panels import drawing
from editor.panels.buttons import PRIMARY, QUIET, Button
from editor.panels.controls import ElidedLabel, Ground, Words
from editor.panels.drawing import Painted
from editor.panels.finding_gauge import Gauge
from editor.panels.finding_rule import RuleView
from editor.panels.glyphs import draw_glyph
from editor.panels.severity import Shape
from editor.theme import SPACE, Theme

IDLE, MENDING, OFFERED, BEYOND = "idle", "mending", "offered", "beyond repair"
_SAYS = {
    IDLE: "",
    MENDING: "Looking for a repair\u2026",
    OFFERED: "The green ghost on the stage is the repair.",
    BEYOND: "No repair helps that makes nothing else worse.",
}
_NO_REPAIR = "No repair is known for this; the movement can be made anew."
_WHOLE = "This is about the whole dance: no single movement mends it."


class FindingCard(Ground):
    """The card.

    Signals:
        repair_wanted(), keep_wanted(), return_wanted(), anew_wanted(), take_back_wanted(): Buttons.
        waive_wanted(note: str): It is intended, and why.
        step_wanted(by: int): To the next finding, or the one before.
        size_changed(): It needs more or less room.
    """

    repair_wanted, keep_wanted, return_wanted = Signal(), Signal(), Signal()
    anew_wanted, take_back_wanted, size_changed = Signal(), Signal(), Signal()
    waive_wanted = Signal(str)
    step_wanted = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.entry: Entry | None = None
        self._state = IDLE
        self.setAccessibleName("Selected finding")
        self.shape = Shape(theme)
        self.title = Heading(theme)
        self.number = ElidedLabel("", theme, drawing.SMALL, is_muted=True)
        self.number.setSizePolicy(self.shape.sizePolicy())
        self.before = Button("", theme, glyph="back", kind=QUIET, is_small=True, key="Shift+F8", name="Finding before")
        self.after = Button("", theme, glyph="forward", kind=QUIET, is_small=True, key="F8", name="Next finding")
        for button in (self.before, self.after):
            button.key = ""  # in the tooltip alone
        self.where = Words("", theme)
        self.explanation = Words("", theme, is_muted=False)
        self.gauge = Gauge(theme)
        self.note_line = Words("", theme)
        self.state = Words("", theme)
        self._make_buttons(theme)
        self.note = NoteField(theme)
        self.rule = RuleView(theme)
        self._lay_out()
        self._connect()
        self.show_state(IDLE)
        self.rule.hide()
        self.note.hide()

    def show_entry(self, entry: Entry, title: str, where: str, number: str, mends: str = "") -> None:
        """Show a finding; `mends` says what its repair does."""
        is_other = self.entry is None or entry.finding != self.entry.finding or entry.track_id != self.entry.track_id
        self.entry, finding = entry, entry.finding
        self.shape.show_severity(finding.severity, not entry.is_open)
        self.title.setText(title)
        self.number.set_text(number)
        self.where.setText(where)
        self.explanation.setText(finding.explanation)
        self.gauge.show_finding(finding)
        said = "Intended." if entry.waiver is None or not entry.waiver.note else f"Intended: {entry.waiver.note}"
        self.note_line.setText(said)
        self.note_line.setVisible(not entry.is_open)
        self.intended.setText("Intended" if entry.is_open else "Count again")
        self.intended.set_reason("" if entry.is_open else "Count again (Shift+F9)\nIt is no longer intended.")
        why = f"{mends[:1].upper()}{mends[1:]}: shown as a ghost first." if mends else ""
        self.repair.set_reason(drawing.tip("Repair", "F9", why) if why else "")
        if is_other:
            self.note.hide()
            self.show_state(self._state)
        self.size_changed.emit()

    def show_state(self, state: str) -> None:
        """Where the repair stands: one of IDLE, MENDING, OFFERED, BEYOND."""
        had_keyboard = any(b.hasFocus() for b in (self.repair, self.keep, self.back, self.anew))
        self._state, says, finding = state, _SAYS[state], self.entry.finding if self.entry is not None else None
        is_whole = finding is not None and finding.family == "integrity"
        has_repair = finding is None or finding.repair is not None
        if not has_repair:
            says = _WHOLE if is_whole else _NO_REPAIR
        self.state.setText(says)
        self.state.setVisible(bool(says))
        self.repair.setVisible(state in (IDLE, MENDING) and has_repair)
        self.repair.setEnabled(state == IDLE)
        self.keep.setVisible(state == OFFERED)
        self.back.setVisible(state in (OFFERED, MENDING))
        self.anew.setVisible((state == BEYOND or not has_repair) and not is_whole)
        self.intended.setVisible(state in (IDLE, BEYOND))
        self.why.setVisible(state in (IDLE, BEYOND))
        if had_keyboard:
            wanted = {IDLE: self.repair, MENDING: self.back, OFFERED: self.keep, BEYOND: self.anew}[state]
            (wanted if not wanted.isHidden() else self.intended).setFocus()
        self.size_changed.emit()

    def ask_note(self) -> None:
        """Ask why it is intended; Enter says so, with or without words."""
        if self.entry is None:
            return
        self.note.setText(self.entry.waiver.note if self.entry.waiver is not None else "")
        self.note.show()
        self.note.setFocus()
        self.note.selectAll()
        self.size_changed.emit()

    def toggle_intended(self) -> None:
        """Mark it as intended, or let it count again."""
        if self.entry is not None:
            if self.entry.is_open:
                self.ask_note()
            else:
                self.take_back_wanted.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        drawing.begin(self).fillRect(self.rect(), drawing.mixed(self.theme.panel, self.theme.raised, 0.55))

    # How it is made

    def _make_buttons(self, theme: Theme) -> None:
        self.repair = Button("Repair", theme, key="F9", kind=PRIMARY, is_small=True,
                             why="Shows a mended dance as a ghost; nothing changes before you keep it.")  # fmt: skip
        self.keep = Button("Keep", theme, key="Enter", kind=PRIMARY, is_small=True, name="Keep the repair",
                           why="One step; nothing outside of it changes.")  # fmt: skip
        self.back = Button("Return", theme, key="Esc", is_small=True, why="The dance stays as it is.")
        self.anew = Button("Make it anew", theme, kind=PRIMARY, is_small=True, name="Make this movement anew",
                           why="Selects the movement and makes a new take of it.")  # fmt: skip
        self.intended = Button("Intended", theme, key="Shift+F9", is_small=True,
                               why="It is meant so: kept with the piece, with a note; no longer counted.")  # fmt: skip
        self.why = Button("Why?", theme, key="Alt+F9", is_small=True, checkable=True,
                          why="The rule, where its limit comes from, and the limit for this piece.")  # fmt: skip

    def _lay_out(self) -> None:
        head, buttons = QHBoxLayout(), QHBoxLayout()
        for row in (head, buttons):
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(SPACE[0] + 2)
        for part in (self.shape, self.title, self.before, self.number, self.after):
            head.addWidget(part, 1 if part is self.title else 0, Qt.AlignmentFlag.AlignTop)
        for button in (self.repair, self.anew, self.keep, self.back, self.intended, self.why):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE[2], SPACE[1], SPACE[2], SPACE[1])
        column.setSpacing(SPACE[0])
        column.addLayout(head)
        for line in (self.where, self.explanation, self.gauge, self.note_line, self.state):
            column.addWidget(line)
        column.addLayout(buttons)
        column.addWidget(self.note)
        column.addWidget(self.rule)
        column.addStretch(1)

    def _connect(self) -> None:
        self.before.clicked.connect(lambda: self.step_wanted.emit(-1))
        self.after.clicked.connect(lambda: self.step_wanted.emit(1))
        self.repair.clicked.connect(self.repair_wanted)
        self.keep.clicked.connect(self.keep_wanted)
        self.back.clicked.connect(self.return_wanted)
        self.anew.clicked.connect(self.anew_wanted)
        self.intended.clicked.connect(self.toggle_intended)
        self.why.toggled.connect(self.rule.setVisible)
        self.why.toggled.connect(lambda _: self.size_changed.emit())
        self.note.done.connect(self._take_note)

    def _take_note(self, note: str | None) -> None:
        self.note.hide()
        self.size_changed.emit()
        self.intended.setFocus()
        if note is not None:
            self.waive_wanted.emit(note)


class Heading(Words):
    """A title that takes two lines where it needs them."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("", theme, is_muted=False)
        self.setFont(drawing.font_of(self, drawing.NORMAL, True))

    def on_theme(self) -> None:
        super().on_theme()
        self.setStyleSheet("font-weight: 600;")


class NoteField(Painted, QLineEdit):
    """Why a finding is intended.

    Signals:
        done(str | None): The words, which may be none; None where she thought better of it.
    """

    done = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setPlaceholderText("Why is it meant so? Enter keeps it.")
        self.setAccessibleName("Why it is intended")
        self.setMaxLength(400)
        self.on_theme()

    def on_theme(self) -> None:
        drawing.fill_with(self, self.theme.window, self.theme.text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.done.emit(self.text().strip())
        elif event.key() == Qt.Key.Key_Escape:
            self.done.emit(None)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # letters are letters here
            return True
        return super().event(event)


class Edge(Ground):
    """The line over the card, which stays where it is when the card is scrolled."""

    def paintEvent(self, event: QPaintEvent) -> None:
        drawing.begin(self).fillRect(self.rect(), drawing.mixed(self.theme.line, self.theme.muted, 0.3))


class Empty(Ground):
    """A quiet tick where nothing is found."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.words, self.more, self.has_tick = "", "", True

    def say(self, words: str, more: str = "", has_tick: bool = True) -> None:
        """Say something else."""
        self.words, self.more, self.has_tick = words, more, has_tick
        self.setAccessibleName(f"{words} {more}".strip())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter, scale, theme = drawing.begin(self), drawing.unit(self), self.theme
        top = max(0.5 * self.height() - 44 * scale, 4.0)
        if self.has_tick:
            ring = QRectF(0.5 * self.width() - 15 * scale, top, 30 * scale, 30 * scale)
            drawing.box(painter, ring, None, drawing.mixed(theme.panel, theme.note, 0.7), 15 * scale)
            inside = ring.adjusted(7 * scale, 7 * scale, -7 * scale, -7 * scale)
            draw_glyph(painter, "tick", inside, QColor(theme.note), 1.8)
        room = QRectF(SPACE[2], top + 38 * scale, self.width() - 2 * SPACE[2], 20 * scale)
        for words, ink, size in ((self.words, theme.text, drawing.NORMAL), (self.more, theme.muted, drawing.SMALL)):
            painter.setFont(drawing.font_of(self, size))
            painter.setPen(QColor(ink))
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(room.adjusted(0, 0, 0, 40 * scale), flags, words)
            room.translate(0, 19 * scale)
