"""The hints of the first start: a strip with a few sentences, each pointing at a part of the window. Never modal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from app.keymap import KeyMap
from app.keys_overlay import shown
from app.look.fonts import current_scale
from app.look.icons import SIZE_PX, icon, pixmap
from app.settings import PreferenceStore
from editor.theme import SPACE, Theme


@dataclass(frozen=True)
class Hint:
    """One sentence or two.

    Attributes:
        part: Name of the part of the window that it points at; empty for the whole window.
        text: With {command} where that command's key is to stand.
    """

    part: str
    text: str


HINTS = (
    Hint("stage", "{play_pause} plays and stops. Hold Alt and drag to walk round the dancer, or drag with the middle "
                  "button."),
    Hint("timeline", "Drag along a dancer's lane to select some bars; drag in the rulers to hear and see any moment."),
    Hint("generate", "{regenerate} dances the selected bars anew, {four_takes} in four ways. Nothing outside them "
                     "changes."),
    Hint("takes", "{audition_1} to {audition_4} look at a take in place, {keep_take} keeps it, {return_take} goes "
                  "back. No take is ever lost."),
    Hint("", "Drop in a song of your own whenever you like. {keys_overlay} shows every key."),
)  # fmt: skip


def filled(text: str, keymap: KeyMap) -> str:
    """A hint's text with keys in place of commands; a command without a key is called by its name."""
    names = [name for _, name, _, _ in Formatter().parse(text) if name]
    keys = {name: keymap.keys(name) for name in names}
    return text.format(**{n: shown(k[0]) if k else f"\u201c{n.replace('_', ' ')}\u201d" for n, k in keys.items()})


class HintStrip(QFrame):
    """The hints one after the other; skipping or finishing them is remembered.

    Signals:
        finished(): The last one was seen, or they were skipped.

    Args:
        window: Holds the parts that are pointed at.
        store: Remembers that they were seen.
        keymap: Gives the keys.
        theme: Its colours.
        hints: In their order.
    """

    finished = Signal()

    def __init__(
        self, window: QWidget, store: PreferenceStore, keymap: KeyMap, theme: Theme, hints: Sequence[Hint] = HINTS
    ) -> None:
        super().__init__()
        self.setProperty("kind", "bar")
        self.setAccessibleName("Hints")
        self._store, self._keymap, self._hints = store, keymap, tuple(hints)
        self._parts: dict[str, QWidget] = {}
        self._index = 0
        self._ring = _Ring(window)
        self._picture, self._words, self._number = QLabel(), QLabel(), QLabel()
        self._words.setWordWrap(True)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._number.setProperty("kind", "muted")
        self.back, self.next, self.skip = QToolButton(), QPushButton("Next"), QPushButton("Skip")
        self.back.setAccessibleName("Hint before")
        self.back.setToolTip("Hint before\nThe one that was shown just now")
        self.next.setToolTip("Next (Return)\nThe next hint")
        self.skip.setProperty("kind", "quiet")
        self.skip.setToolTip("Skip (Esc)\nNo more hints; the Help menu has them")
        self.back.clicked.connect(lambda: self._go(self._index - 1))
        self.next.clicked.connect(lambda: self._go(self._index + 1))
        self.skip.clicked.connect(self.end)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE[2], SPACE[1], SPACE[2], SPACE[1])
        row.setSpacing(SPACE[1])
        row.addWidget(self._picture)
        row.addWidget(self._words, 1)
        for part in (self._number, self.back, self.next, self.skip):
            row.addWidget(part)
        self.set_theme(theme)
        self.hide()

    @property
    def text(self) -> str:
        """The hint that is shown; empty when none is."""
        return "" if self.isHidden() else self._words.text()

    def set_parts(self, parts: Mapping[str, QWidget]) -> None:
        """Say which widget is which part: "stage", "timeline", "generate", "takes"."""
        self._parts = dict(parts)

    def set_keymap(self, keymap: KeyMap) -> None:
        """Name these keys from now on."""
        self._keymap = keymap
        if not self.isHidden():
            self._go(self._index)

    def set_theme(self, theme: Theme) -> None:
        """Take a theme's colours."""
        scale = current_scale()
        side = round(SIZE_PX * scale)
        self._picture.setPixmap(pixmap("lightbulb", theme, side, self.devicePixelRatioF(), theme.accent))
        self.back.setIcon(icon("chevron-left", theme))
        self.back.setIconSize(QSize(side, side))
        self._ring.set_colour(theme.accent, max(round(2 * scale), 2))

    def start(self) -> None:
        """Show the hints from the first on."""
        self.show()
        self._go(0)

    def start_if_new(self) -> bool:
        """Show the hints unless they were seen before; whether they are shown."""
        if not self._store.values.is_first_start_done:
            self.start()
        return self.isVisibleTo(self.parentWidget()) if self.parentWidget() else not self.isHidden()

    def end(self) -> None:
        """Go away, and remember that."""
        if self.isHidden():
            return
        self.hide()
        self._ring.point_at(None)
        self._store.change(is_first_start_done=True)
        self.finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        else:
            super().keyPressEvent(event)

    def _go(self, index: int) -> None:
        if index >= len(self._hints):
            self.end()
            return
        self._index = max(index, 0)
        hint = self._hints[self._index]
        self._words.setText(filled(hint.text, self._keymap))
        self._number.setText(f"{self._index + 1} of {len(self._hints)}")
        self.back.setEnabled(self._index > 0)
        self.skip.setVisible(self._index + 1 < len(self._hints))
        self.next.setText("Done" if self._index + 1 == len(self._hints) else "Next")
        self._ring.point_at(self._parts.get(hint.part))


class _Ring(QWidget):
    """A frame round a part of the window; the mouse goes through it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._window, self._colour, self._width = window, "", 2
        self._part: QWidget | None = None
        self.hide()

    def set_colour(self, colour: str, width: int) -> None:
        self._colour, self._width = colour, width
        self.update()

    def point_at(self, part: QWidget | None) -> None:
        if self._part is not None:
            self._part.removeEventFilter(self)
        self._part = part
        if part is None:
            self.hide()
            return
        part.installEventFilter(self)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)
        if watched is self._part and event.type() in kinds:
            self._place()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(self._colour))

    def _place(self) -> None:
        part = self._part
        if part is None or not part.isVisible() or part.window() is not self._window.window():
            self.hide()
            return
        self.setGeometry(QRect(part.mapTo(self._window, QPoint(0, 0)), part.size()))
        w = self._width
        # Only the frame is a widget at all: a stage drawn by OpenGL under it need not be mixed with it.
        self.setMask(QRegion(self.rect()) - QRegion(self.rect().adjusted(w, w, -w, -w)))
        self.show()
        self.raise_()
