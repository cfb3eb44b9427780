"""Handing on from the window: a process beside it writes, the message says what is proven, the receipt can be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.deliver import DeliverOptions, DeliverOrder
from app.dialogs.receipt import ReceiptDialog
from app.exports import EXPORTERS, Order
from app.screen import has_screen
from app.window.main_window import EditorWindow
from tests.app.window.windows import editor_window, wait_for

pytestmark = [pytest.mark.gl, pytest.mark.skipif(not has_screen(), reason="no screen to open a window on")]


@pytest.fixture(scope="module")
def window(qapp, tmp_path_factory) -> Iterator[EditorWindow]:
    with editor_window(tmp_path_factory.mktemp("home")) as made:
        made.begin(None, opens_demo=True)
        wait_for(lambda: made.desk.piece.audio is not None)
        yield made


def told_after(window, begin) -> str:
    """What the window says was exported after something was begun."""
    window.messages.clear()

    def said() -> str:
        message = window.messages.message
        return message.sentence if message is not None and message.sentence.startswith("Exported") else ""

    begin()
    wait_for(said)
    return said()


def performance(window):
    """Two seconds of the demo duet."""
    return replace(window.wiring.files._performance(), span_s=(10.0, 12.0))


@pytest.mark.slow
def test_an_export_says_what_is_proven_and_keeps_its_receipt(window, tmp_path):
    options = EXPORTERS["FBX"].options(rig="humanik", span="selection")

    order = Order("FBX", performance(window), tmp_path / "duet.fbx", options)

    said = told_after(window, lambda: window.wiring.files.carry_out(order))

    assert "\u2713 Proven" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "duet.fbx", "duet.fbx.receipt.json", "duet.fbx.receipt.txt"
    ]  # fmt: skip
    seen: list[str] = []

    def read() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ReceiptDialog)
        seen.append(dialog.text.toPlainText())
        dialog.accept()

    QTimer.singleShot(0, read)
    window.wiring.files.show_receipt()
    assert "[PASS] duet.fbx" in seen[0]


@pytest.mark.slow
def test_a_delivery_is_repeated_as_the_next_version(window, tmp_path):
    options = DeliverOptions(show="NIGHT", span="selection", has_video=False, has_fbx=False, has_usd=False)

    order = DeliverOrder(performance(window), tmp_path, options)

    told_after(window, lambda: window.wiring.files.carry_out(order))
    told_after(window, window.wiring.files.export_again)

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "NIGHT_010_0010_dance_tk01_v001", "NIGHT_010_0010_dance_tk01_v002"
    ]  # fmt: skip
