"""What menus show in grey: what could only say why it does nothing; keys still say it."""

from __future__ import annotations

import pytest

from app.screen import has_screen
from app.window.applicable import _CHECKS, NEEDS, inapplicable, is_applicable
from app.window.commands import BY_NAME
from editor.document.document import Document

needs_screen = pytest.mark.skipif(not has_screen(), reason="no screen to open a window on")
# Ask for something in any case, or go on with what was asked before.
ASKING = {
    "export", "export_grid", "export_again", "deliver", "receipt", "grid_tempo", "meter_here", "section_rename",
    "blend_clip",
}  # fmt: skip


def test_every_row_is_about_commands_and_can_be_looked_up():
    assert {name for names in NEEDS.values() for name in names} <= set(BY_NAME)
    assert set(NEEDS) == set(_CHECKS)


@needs_screen
@pytest.mark.gl
@pytest.mark.parametrize("is_empty", [True, False])
def test_what_is_grey_would_have_changed_nothing(window, is_empty):
    if is_empty:
        window.desk.session.history.replace(Document())
    before, grey = window.desk.session.document, inapplicable(window)
    assert {"paste_clip", "remove_clip", "keep_take", "receipt", "renew_stale"} <= grey
    assert ({"export", "grid_half", "split"} <= grey) == is_empty

    for name in sorted(grey - ASKING):
        assert not is_applicable(window, name)
        window.actions_.by_name[name].trigger()
        assert window.desk.session.document is before, name


@needs_screen
@pytest.mark.gl
def test_a_menu_is_grey_only_while_it_is_open_and_keys_still_say_why(window):
    menu, remove, split = window.menus["Clip"], *(window.actions_.by_name[n] for n in ("remove_clip", "split"))

    menu.popup(window.mapToGlobal(window.rect().center()))
    assert (remove.isEnabled(), split.isEnabled()) == (False, True)
    menu.close()
    assert remove.isEnabled()

    remove.trigger()
    assert window.messages.message.sentence == "Select a clip or a span to remove."


@needs_screen
@pytest.mark.gl
def test_what_is_selected_and_copied_is_no_longer_grey(window):
    session = window.desk.session
    session.select(session.document.tracks[0].id, 30, 60)
    assert not {"remove_clip", "loop_selection", "go_in", "copy_clip", "split"} & inapplicable(window)

    window.actions_.by_name["copy_clip"].trigger()

    assert "paste_clip" not in inapplicable(window)
    window.wiring.editing.copied = None
