"""A window with the demo piece in it, for tests that only look at it or take back what they do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.window.main_window import EditorWindow
from tests.app.window.windows import editor_window, wait_for


@pytest.fixture(scope="module")
def shared(qapp, tmp_path_factory) -> Iterator[EditorWindow]:
    with editor_window(tmp_path_factory.mktemp("home")) as window:
        window.begin(None, opens_demo=True)
        yield window


@pytest.fixture
def window(shared, qtbot) -> EditorWindow:
    shared.desk.piece.open_demo()
    shared.messages.clear()
    shared.activateWindow()
    wait_for(shared.isActiveWindow)
    return shared
