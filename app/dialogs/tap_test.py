"""Tap along with a click: how late this device is heard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app.dialogs.parts import Dialog, words
from editor.playback.tap_test import FEWEST_TAPS, TapTest
from editor.playback.transport import Transport

_STEADY_TAPS = 16


class TapTestDialog(Dialog):
    """Plays a click on a device and takes taps: the space bar, or the large button.

    Attributes:
        offset_s: How much later than the driver says the click is heard; None until enough taps agree.
    """

    def __init__(self, parent: QWidget | None, transport: Transport) -> None:
        super().__init__(parent, "Tap test")
        self.offset_s: float | None = None
        self._test = TapTest(transport)
        self.column.addWidget(words("Tap along with the click", "title"))
        self.column.addWidget(words(
            "Listen for two clicks, then tap the space bar or the button on every click. About sixteen taps are "
            "enough; the picture is then shown that much later.", "muted",
        ))  # fmt: skip
        self.tap_button = QPushButton("Tap")
        self.tap_button.setMinimumHeight(64)
        self.tap_button.setToolTip("Tap (Space)\nOnce on every click")
        # Pressed, not clicked: a click comes when the finger leaves, far too late.
        self.tap_button.pressed.connect(self.tap)
        self.said = QLabel()
        self.said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.column.addWidget(self.tap_button)
        self.column.addWidget(self.said)
        self.column.addStretch(1)
        self.add_button("Cancel", self.reject, "Cancel (Esc)\nLeave the latency as it was")
        self.use = self.add_button("Use it", self.accept, "Use it\nKeep this latency for the device")
        self.use.setEnabled(False)
        self.installEventFilter(self)
        self.tap_button.installEventFilter(self)
        self.tap_button.setFocus()
        self.resize_scaled(420, 300)
        self._show()
        self._test.start()
        self.finished.connect(lambda _: self._test.stop())

    def tap(self) -> None:
        """One tap, now."""
        self._test.tap()
        result = self._test.result
        self.offset_s = None if result is None else result.offset_s
        self.use.setEnabled(result is not None)
        self._show()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        is_space = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space
        if is_space and event.type() == QEvent.Type.KeyPress:
            if not event.isAutoRepeat():
                self.tap()
            return True
        # The button would take the release for a click of its own.
        return bool(is_space and event.type() == QEvent.Type.KeyRelease)

    def _show(self) -> None:
        result, n = self._test.result, self._test.n_taps
        if result is None:
            self.said.setText(f"{n} of {FEWEST_TAPS} taps")
        elif not result.is_trustworthy:
            self.said.setText(f"{1000 * result.offset_s:+.0f} ms, but the taps do not agree yet: go on")
        else:
            steady = "" if n >= _STEADY_TAPS else ", a few more make it surer"
            self.said.setText(f"{1000 * result.offset_s:+.0f} ms \u00b1 {1000 * result.spread_s:.0f}{steady}")


def measure_latency(parent: QWidget | None, device: str | None) -> float | None:
    """Ask the user to tap along on a device; seconds, or None where the answer was Cancel."""
    transport = Transport()
    try:
        if device:
            transport.reopen(device)
        dialog = TapTestDialog(parent, transport)
        return dialog.offset_s if dialog.exec() else None
    finally:
        transport.close()
