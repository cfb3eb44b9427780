"""What every dialog is made of: its frame, its texts, its row of buttons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QListWidget,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.look.fonts import current_scale
from app.look.icons import icon
from app.look.labels import ElidedLabel
from editor.theme import SPACE, Theme

_SCREEN_PART = 0.9  # of the screen, at most


class Dialog(QDialog):
    """A dialog with even margins, a column of content and buttons at its foot.

    Attributes:
        column: Where the content goes.
    """

    def __init__(self, parent: QWidget | None, title: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        frame = QVBoxLayout(self)
        frame.setContentsMargins(*[space(3)] * 4)
        frame.setSpacing(space(3))
        self.column = QVBoxLayout()
        self.column.setSpacing(space(2))
        frame.addLayout(self.column, 1)
        self._foot = QHBoxLayout()
        self._foot.setSpacing(space(1))
        frame.addLayout(self._foot)

    def add_button(
        self, text: str, slot: Callable[[], object], tooltip: str, *, kind: str = "", is_left: bool = False
    ) -> QPushButton:
        """Put a button at the foot; the "primary" one is what Return presses.

        Args:
            text: On it.
            slot: Called when it is pressed.
            tooltip: Action and one line of why.
            kind: "primary" or "quiet"; empty for a plain one.
            is_left: Apart from the others, on the left.
        """
        button = QPushButton(text)
        button.setToolTip(tooltip)
        button.clicked.connect(lambda: slot())
        button.setAutoDefault(False)
        if kind:
            button.setProperty("kind", kind)
        if kind == "primary":
            button.setDefault(True)
        if is_left:
            self._foot.insertWidget(0, button)
            self._foot.insertStretch(1, 1)
        else:
            if not self._foot.count():
                self._foot.addStretch(1)
            self._foot.addWidget(button)
        return button

    def resize_scaled(self, width: int, height: int) -> None:
        """Take a size in pixels of scale 1, within the screen; higher where the words need it at that width."""
        scale = current_scale()
        most = self.screen().availableSize() * _SCREEN_PART
        wanted = QSize(round(width * scale), round(height * scale)).boundedTo(most)
        layout = self.layout()
        if layout is not None and layout.hasHeightForWidth():
            # Qt would ask for the height that words have at their narrowest, and hold the dialog to it.
            layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
            wanted.setHeight(max(wanted.height(), layout.totalMinimumHeightForWidth(wanted.width())))
            self.setMinimumSize(wanted.boundedTo(most))
        self.resize(wanted.boundedTo(most))


class Sections(QWidget):
    """Names on the left, a page for each on the right."""

    def __init__(self, name: str, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._icons: list[str] = []
        self.names = QListWidget()
        self.names.setProperty("kind", "sections")
        self.names.setAccessibleName(name)
        self.names.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.pages = QStackedWidget()
        self.names.currentRowChanged.connect(self.pages.setCurrentIndex)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space(3))
        row.addWidget(self.names)
        row.addWidget(self.pages, 1)

    def add(self, name: str, icon_name: str, page: QWidget) -> None:
        """Put a page at the end."""
        self.names.addItem(name)
        self._icons.append(icon_name)
        self.pages.addWidget(page)
        if self.names.currentRow() < 0:
            self.names.setCurrentRow(0)
        self.set_theme(self._theme)

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in a theme's colours, and be as wide as the names need at the window's scale."""
        self._theme = theme
        scale = current_scale()
        self.names.setIconSize(QSize(round(16 * scale), round(16 * scale)))
        for i, name in enumerate(self._icons):
            self.names.item(i).setIcon(icon(name, theme))
            self.names.item(i).setSizeHint(QSize(0, round(30 * scale)))
        widest = max(
            self.names.fontMetrics().horizontalAdvance(self.names.item(i).text()) for i in range(len(self._icons))
        )
        self.names.setFixedWidth(widest + round(72 * scale))


def page(*parts: QWidget | QLayout) -> QWidget:
    """A page of a dialog: its parts from the top, the room below empty."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(space(2))
    for part in parts:
        if isinstance(part, QLayout):
            column.addLayout(part)
        else:
            column.addWidget(part)
    column.addStretch(1)
    return made


def scrolling(inner: QWidget) -> QScrollArea:
    """A page that can be scrolled where the window is low."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    inner.setProperty("kind", "page")
    area.setWidget(inner)
    return area


def form() -> QFormLayout:
    """Rows of a label and a control."""
    made = QFormLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setHorizontalSpacing(space(3))
    made.setVerticalSpacing(space(1))
    made.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    made.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    made.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
    return made


def add_row(rows: QFormLayout, label: str, control: QWidget, says: str = "") -> None:
    """Put a control into a form, with its name for screen readers, its tooltip and a line under it."""
    name = QLabel(label)
    name.setMinimumHeight(control.sizeHint().height())
    name.setBuddy(control)
    control.setAccessibleName(label or control.accessibleName())
    if isinstance(control, QComboBox | QAbstractSpinBox):
        control.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    if says and not control.toolTip():
        control.setToolTip(f"{label}\n{says}" if label else says)
    rows.addRow(name, control)
    if says:
        line = ElidedLabel(says)
        line.setProperty("kind", "small")
        rows.addRow("", line)


def space(step: int) -> int:
    """A step of editor.theme.SPACE at the window's scale."""
    return round(SPACE[step] * current_scale())


def words(text: str, kind: str = "") -> QLabel:
    """Text that breaks into lines; `kind` as the style sheet has it."""
    made = QLabel(text)
    made.setWordWrap(True)
    made.setMinimumWidth(1)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    if kind:
        made.setProperty("kind", kind)
    return made
