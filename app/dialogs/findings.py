"""What a preflight found, as lines of a shape, a sentence and, where there is one, a button that mends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.dialogs.parts import space, words
from app.look.fonts import current_scale
from app.look.icons import SIZE_PX, pixmap, severity_pixmap
from editor.theme import Theme
from engine.formats.preflight import Finding

_LEAST_HEIGHT = 84  # two lines


class FindingsList(QScrollArea):
    """The findings that need a look, the gravest first, and a line on the checks that are met.

    Args:
        theme: Its colours.
        mend: Called with a finding whose button was pressed.
    """

    def __init__(self, theme: Theme, mend: Callable[[Finding], None]) -> None:
        super().__init__()
        self.setAccessibleName("Checks")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(round(_LEAST_HEIGHT * current_scale()))
        self._theme, self._mend = theme, mend
        self.findings: tuple[Finding, ...] = ()
        self.fixes: dict[str, QPushButton] = {}
        page = QFrame()
        page.setProperty("kind", "page")
        self.setWidget(page)
        self._lines = QVBoxLayout(page)
        self._lines.setContentsMargins(*[space(1)] * 4)
        self._lines.setSpacing(space(1))
        self._lines.setSizeConstraint(QLayout.SizeConstraint.SetMinimumSize)

    @property
    def is_refused(self) -> bool:
        """Whether something must be mended first."""
        return any(finding.severity == "error" for finding in self.findings)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show other findings; the focus stays on a fix of the same name."""
        if [(f.name, f.says) for f in findings] == [(f.name, f.says) for f in self.findings]:
            return
        focused = next((name for name, button in self.fixes.items() if button.hasFocus()), "")
        self.findings, self.fixes = tuple(findings), {}
        while (item := self._lines.takeAt(0)) is not None:
            if (line := item.widget()) is not None:
                line.hide()  # at once, where its going waits for the button that was pressed
                line.deleteLater()
        met = [finding for finding in findings if finding.severity == "passed"]
        for finding in findings:
            if finding.severity != "passed":
                self._lines.addWidget(self._line(finding))
        line = self._passed_line(len(met), len(findings))
        line.setToolTip("\n".join(f"{finding.name}: {finding.says}" for finding in met))
        self._lines.addWidget(line)
        self._lines.addStretch(1)
        if focused in self.fixes:
            self.fixes[focused].setFocus()

    def _line(self, finding: Finding) -> QWidget:
        shape = self._shape()
        shape.setPixmap(severity_pixmap(finding.severity, self._theme, shape.width(), self.devicePixelRatioF()))
        shape.setAccessibleName(finding.severity)
        says = words(finding.says)
        says.setToolTip(f"{finding.severity.capitalize()}: {finding.name}")
        line = _row(shape, says)
        if finding.fix is not None:
            button = QPushButton(finding.fix_text)
            button.setAutoDefault(False)
            button.setToolTip(f"{finding.fix_text}\nMends it: {finding.says}")
            button.clicked.connect(lambda: self._mend(finding))
            line.layout().addWidget(button)  # type: ignore[union-attr]
            line.setMinimumHeight(button.sizeHint().height())
            self.fixes[finding.name] = button
        return line

    def _passed_line(self, n_met: int, n_all: int) -> QWidget:
        shape = self._shape()
        side = shape.width()
        shape.setPixmap(pixmap("circle-check", self._theme, side, self.devicePixelRatioF(), self._theme.accent))
        return _row(shape, words(f"{n_met} of {n_all} checks are met.", "muted"))

    def _shape(self) -> QLabel:
        shape, side = QLabel(), round(SIZE_PX * current_scale())
        shape.setFixedSize(QSize(side, side))
        return shape


def _row(shape: QLabel, says: QLabel) -> QWidget:
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(space(1))
    row.addWidget(shape, 0, Qt.AlignmentFlag.AlignVCenter)
    row.addWidget(says, 1)
    return line
