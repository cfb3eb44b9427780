"""What went wrong, or well, as a bar over the status bar: a sentence, its severity as a shape, never in the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from app.look.fonts import current_scale
from app.look.icons import SEVERITIES, SIZE_PX, icon, severity_pixmap
from editor.theme import SPACE, Theme

NOTE_STAYS_MS, FOLDER_STAYS_MS = 6000, 20_000  # what tells of a file may be acted upon
_MOST_WAITING = 20
_RANK = {"note": 0, "warning": 1, "error": 2}


@dataclass(frozen=True)
class Message:
    """One thing to say.

    Attributes:
        sentence: For a person: what, where, what to do.
        severity: "note", "warning" or "error".
        details: For whoever helps that person; may be empty.
        folder: Where it tells of a file, the folder that this is in; may be empty.
        is_of_piece: Whether it is about the piece that is open, and goes with it.
    """

    sentence: str
    severity: str = "note"
    details: str = ""
    folder: str = ""
    is_of_piece: bool = False


class MessageBar(QFrame):
    """Shows one message at a time, the gravest and newest first, and how many wait. A note goes by itself.

    Signals:
        emptied(): The last message was closed.
    """

    emptied = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "bar")
        self.setAccessibleName("Messages")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._theme = theme
        self._waiting: list[Message] = []
        self._shape, self._words, self._number = QLabel(), QLabel(), QLabel()
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._number.setProperty("kind", "muted")
        self._copy = QPushButton("Copy details")
        self._copy.setProperty("kind", "quiet")
        self._copy.setToolTip("Copy details\nPut the whole story on the clipboard, to send it to someone who can help")
        self._copy.clicked.connect(self.copy_details)
        self.show_folder = QPushButton("Show folder")
        self.show_folder.setProperty("kind", "quiet")
        self.show_folder.setToolTip("Show folder\nOpen the folder of the file in the system's own window")
        self.show_folder.clicked.connect(self._open_folder)
        self._close = QToolButton()
        self._close.setAccessibleName("Close the message")
        self._close.setToolTip("Close (Esc)\nThe next message, if any, takes its place")
        self._close.clicked.connect(self.close_message)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE[2], SPACE[0], SPACE[1], SPACE[0])
        row.setSpacing(SPACE[1])
        row.addWidget(self._shape)
        row.addWidget(self._words, 1)
        for part in (self._number, self.show_folder, self._copy, self._close):
            row.addWidget(part)
        self._timer = QTimer(self, interval=NOTE_STAYS_MS, singleShot=True)
        self._timer.timeout.connect(self._end_note)
        self.set_theme(theme)
        self.hide()

    @property
    def message(self) -> Message | None:
        """What is shown."""
        return self._waiting[0] if self._waiting else None

    @property
    def n_messages(self) -> int:
        """What is shown and what waits."""
        return len(self._waiting)

    def say(
        self, sentence: str, severity: str = "note", details: str = "", folder: str = "", is_of_piece: bool = False
    ) -> None:
        """Show a sentence, or let it wait behind a graver one; the same one is not said twice.

        Args:
            sentence: For a person.
            severity: "note", "warning" or "error".
            details: For "Copy details"; the sentence alone if left out.
            folder: For "Show folder"; none if left out.
            is_of_piece: It goes when another piece is opened.
        """
        if severity not in SEVERITIES:
            raise ValueError(f"a message is a {', '.join(SEVERITIES)}, not {severity!r}")
        message = Message(sentence, severity, details, folder, is_of_piece)
        if message in self._waiting:
            return
        if severity != "error":  # the newest note or warning is the one that answers what she just did
            self._waiting = [m for m in self._waiting if m.severity != "note"]
        self._waiting.insert(0, message)
        self._waiting.sort(key=lambda m: -_RANK[m.severity])
        del self._waiting[_MOST_WAITING:]
        self._show()

    def close_message(self) -> bool:
        """Close what is shown; False where nothing was. For the window's own Esc."""
        if not self._waiting:
            return False
        del self._waiting[0]
        self._show()
        if not self._waiting:
            self.emptied.emit()
        return True

    def drop_warnings(self) -> None:
        """What could not be done is past: something else was done since. Errors stay."""
        self._keep(lambda message: message.severity != "warning")

    def drop_piece(self) -> None:
        """Another piece is opened: what was said of the one before is past, errors too."""
        self._keep(lambda message: not message.is_of_piece)

    def clear(self) -> None:
        """Close everything."""
        self._waiting.clear()
        self._show()

    def copy_details(self) -> None:
        """Put the sentence and its details on the clipboard."""
        if self.message is not None:
            parts = (self.message.sentence, self.message.details)
            QGuiApplication.clipboard().setText("\n\n".join(part for part in parts if part))

    def set_theme(self, theme: Theme) -> None:
        """Draw shapes and icons in a theme's colours and at the window's scale."""
        self._theme = theme
        side = round(SIZE_PX * current_scale())
        self._close.setIcon(icon("x", theme))
        self._close.setIconSize(QSize(side, side))
        self._show_shape()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape or not self.close_message():
            super().keyPressEvent(event)

    def _keep(self, stays: Callable[[Message], bool]) -> None:
        kept = [message for message in self._waiting if stays(message)]
        if len(kept) < len(self._waiting):
            self._waiting = kept
            self._show()

    def _show(self) -> None:
        message = self.message
        self._timer.stop()
        self.setVisible(message is not None)
        if message is None:
            return
        self._words.setText(message.sentence)
        self._words.setAccessibleName(f"{message.severity}: {message.sentence}")
        self._number.setText(f"1 of {self.n_messages}" if self.n_messages > 1 else "")
        self._number.setVisible(self.n_messages > 1)
        self._copy.setVisible(message.severity != "note" or bool(message.details))
        self.show_folder.setVisible(bool(message.folder))
        self._show_shape()
        if message.severity == "note":
            self._timer.start(FOLDER_STAYS_MS if message.folder else NOTE_STAYS_MS)

    def _open_folder(self) -> None:
        if self.message is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(self.message.folder))

    def _show_shape(self) -> None:
        if self.message is not None:
            side = round(SIZE_PX * current_scale())
            ratio = self.devicePixelRatioF()
            self._shape.setPixmap(severity_pixmap(self.message.severity, self._theme, side, ratio))
            self._shape.setAccessibleName(self.message.severity)

    def _end_note(self) -> None:
        if self.underMouse():
            self._timer.start()
        elif self.message is not None and self.message.severity == "note":
            self.close_message()
