from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from editor.document.document import Curve, Settings
from editor.document.settings_json import recipe_text
from editor.panels.generate_panel import GeneratePanel
from editor.theme import DARK, LIGHT
from engine.motion.house import BODY_PARTS
from engine.structure.vocabulary import VOCABULARY
from tests.editor.panels.pieces import heard, select_bars, session

STYLES = [("ballet", 2.3), ("pop", 2.3), ("salsa", 12.8)]


@pytest.fixture
def panel(qtbot):
    out = GeneratePanel(session(), DARK)
    qtbot.addWidget(out)
    out.set_styles(STYLES)
    out.set_engine_ready(True)
    out.resize(290, 900)
    out.show()
    return out


def nudge(qtbot, slider):
    qtbot.keyClick(slider, Qt.Key.Key_PageUp)


def test_it_names_the_segment_and_whose_settings_it_shows(panel):
    assert (panel.title.text, panel.subtitle.text, panel.scope.text) == ("Whole dance of Ana", "32.0 s", "whole piece")

    select_bars(panel.session, 5, 8)

    assert (panel.title.text, panel.subtitle.text) == ("Bars 5\N{EN DASH}8", "8.0 s \u00b7 Ana")
    assert panel.scope.text == "as the piece"


def test_a_slider_without_a_selection_is_one_edit_of_the_piece(qtbot, panel):
    previews, changes = heard(panel.session.preview_wanted), heard(panel.session.changed)

    nudge(qtbot, panel.sliders["joy"])

    assert panel.session.document.settings.joy == pytest.approx(0.1)
    assert [label for _, _, label in changes] == ["joy of the piece"]
    assert previews == [(Settings(joy=0.1),), (None,)]


def test_a_slider_on_a_selection_gives_the_segment_settings_of_its_own(qtbot, panel):
    select_bars(panel.session, 5, 8)
    changes = heard(panel.session.changed)

    nudge(qtbot, panel.sliders["joy"])

    document = panel.session.document
    assert [label for _, _, label in changes] == ["joy of bars 5\N{EN DASH}8"]
    assert [clip.start_frame for clip in document.track("ana").clips] == [0, 240, 480]
    assert document.track("ana").clips[1].settings.joy == pytest.approx(0.1)
    assert document.settings == Settings()
    assert panel.scope.text == "own settings"

    assert panel.session.history.undo()
    assert len(panel.session.document.track("ana").clips) == 1
    assert panel.sliders["joy"].amount == 0.0


def test_a_refused_edit_says_so_and_leaves_the_sliders_where_the_document_is(qtbot, panel):
    document = panel.session.document
    track = document.track("ana")
    locked = replace(track, clips=(replace(track.clips[0], is_locked=True),))
    panel.session.history.replace(document.with_track(locked))
    select_bars(panel.session, 5, 8)
    said = heard(panel.session.said)

    nudge(qtbot, panel.sliders["joy"])

    assert len(said) == 1
    assert panel.sliders["joy"].amount == 0.0


@pytest.mark.parametrize("name", [name for name, _ in STYLES])
def test_style_shares_always_add_up(qtbot, panel, name):
    panel.mix.slider(name).setFocus()

    for _ in range(4):
        nudge(qtbot, panel.mix.slider(name))
        assert panel.mix.bar.total == 100
        assert round(sum(100 * panel.mix.slider(n).amount for n, _ in STYLES)) == 100

    assert sum(w for _, w in panel.session.document.settings.style) == pytest.approx(1.0)
    assert panel.session.history.undo_labels[0] == f"share of {name} of the piece"


def test_a_kind_of_movement_is_left_out_by_its_button_and_comes_back_with_undo(qtbot, panel):
    assert set(panel.without.buttons) == set(VOCABULARY)

    qtbot.mouseClick(panel.without.buttons["jumps"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.without.buttons["turns"], Qt.MouseButton.LeftButton)

    assert panel.session.document.settings.avoid == {"jumps", "turns"}
    assert panel.session.history.undo_labels[0] == "movements left out of the piece"
    panel.session.history.undo()
    assert panel.without.buttons["jumps"].isChecked()
    assert not panel.without.buttons["turns"].isChecked()


def test_clear_goes_back_to_the_usual_mix(qtbot, panel):
    nudge(qtbot, panel.mix.slider("salsa"))
    qtbot.mouseClick(panel.mix.clear, Qt.MouseButton.LeftButton)

    assert panel.session.document.settings.style == ()


def test_a_drawn_emotion_can_be_made_constant(qtbot, panel):
    drawn = replace(panel.session.settings, tension=Curve((0.0, 8.0), (0.2, 0.6)))
    panel.commit("drawn", tension=drawn.tension)
    assert panel.sliders["tension"].text == "drawn \u00b7 40 %"
    button = panel._constants["tension"]
    assert button.isVisible()

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    assert panel.session.document.settings.tension == pytest.approx(0.4)
    assert not button.isVisible()


def test_parts_are_kept_by_a_click_on_the_figure(qtbot, panel):
    body = panel.body_map
    for part in BODY_PARTS:
        assert body.part_at(body.place_of(part)) == part

    qtbot.mouseClick(body, Qt.MouseButton.LeftButton, pos=body.place_of("left_leg").toPoint())

    assert panel.session.document.settings.locked_parts == {"left_leg"}
    assert body.part_at(body.rect().topLeft()) == ""


def test_parts_are_kept_by_the_keyboard_and_by_presets(qtbot, panel):
    qtbot.keyClick(panel.body_map.toggle_of("hips"), Qt.Key.Key_Space)
    assert panel.session.document.settings.locked_parts == {"hips"}

    qtbot.mouseClick(panel.presets[1], Qt.MouseButton.LeftButton)
    assert panel.session.document.settings.locked_parts == {"left_arm", "right_arm"}

    qtbot.mouseClick(panel.presets[-1], Qt.MouseButton.LeftButton)
    assert panel.session.document.settings.locked_parts == frozenset()


def test_what_is_kept_along_with_an_arm_says_so(panel):
    panel.body_map.set_kept(frozenset({"left_arm"}))

    states = {part: panel.body_map.toggle_of(part).accessibleDescription() for part in BODY_PARTS}

    assert states["left_arm"] == "kept"
    assert states["hips"] == states["spine"] == "kept along"
    assert states["left_leg"] == "danced anew"


def test_a_drawn_path_has_to_be_drawn_first(qtbot, panel):
    with qtbot.waitSignal(panel.draw_path_wanted):
        qtbot.mouseClick(panel.path.button("drawn"), Qt.MouseButton.LeftButton)
    assert panel.path.choice == "free"

    panel.commit("path", path_m=((0.0, 0.0), (3.0, 4.0)))
    assert panel.path.choice == "drawn"
    assert panel.path_view.length_m == pytest.approx(5.0)

    qtbot.mouseClick(panel.path.button("keep"), Qt.MouseButton.LeftButton)
    settings = panel.session.document.settings
    assert (settings.keep_path, settings.path_m) == (True, ())


def test_the_die_throws_another_seed(qtbot, panel):
    with qtbot.waitSignal(panel.randomise):
        qtbot.mouseClick(panel.die, Qt.MouseButton.LeftButton)

    assert panel.seed.amount == panel.session.document.settings.seed
    assert panel.session.history.undo_labels == ("another seed of the piece",)


def test_the_buttons_ask_and_are_shut_with_a_reason_while_the_model_loads(qtbot, panel):
    with qtbot.waitSignals([panel.regenerate_wanted, panel.four_takes_wanted]):
        qtbot.mouseClick(panel.regenerate, Qt.MouseButton.LeftButton)
        qtbot.mouseClick(panel.four_takes, Qt.MouseButton.LeftButton)

    panel.set_engine_ready(False, "The generator is still loading.")

    assert not panel.regenerate.isEnabled()
    assert panel.four_takes.toolTip() == "The generator is still loading."


def test_progress_takes_the_buttons_place_and_can_be_cancelled(qtbot, panel):
    panel.set_progress(0.4, 3.2, "Take 2 of 4")
    qtbot.waitUntil(panel.progress.isVisible)
    assert panel.progress.words.text == "Take 2 of 4 \u00b7 3 s left"

    with qtbot.waitSignal(panel.cancel_wanted):
        qtbot.mouseClick(panel.progress.cancel, Qt.MouseButton.LeftButton)
    panel.set_progress(None)

    assert panel.regenerate.isVisible()


def test_a_recipe_is_copied_and_pasted_into_another_segment(panel):
    take = panel.session.document.track("ana").clips[0].take
    assert panel.recipe.words == "Usual mix \u00b7 joy 60 % \u00b7 seed 12 \u00b7 model ab12cd \u00b7 made 14:02"
    panel.copy_recipe()
    assert QApplication.clipboard().text() == recipe_text(take.recipe)

    select_bars(panel.session, 1, 2)
    panel.paste_recipe()

    assert panel.session.settings == take.recipe.settings


def test_other_text_on_the_clipboard_is_refused_in_a_sentence(panel):
    QApplication.clipboard().setText("milk, eggs")
    said = heard(panel.session.said)

    panel.paste_recipe()

    assert "it is no recipe" in said[0][0]
    assert panel.session.history.undo_labels == ()


@pytest.mark.parametrize("font_px", [12, 24])
def test_nothing_is_wider_than_the_panel_at_its_narrowest(qtbot, panel, font_px):
    font = panel.font()
    font.setPixelSize(font_px)
    panel.setFont(font)
    width = 260 * font_px // 12
    panel.resize(width, 700)
    panel.set_theme(LIGHT)
    qtbot.waitUntil(lambda: panel.mix.width() > 0)
    QApplication.processEvents()

    assert panel.minimumSizeHint().width() <= width
    for widget in (*panel.sliders.values(), panel.die, panel.body_map, *panel.presets, panel.draw, panel.four_takes):
        right = widget.mapTo(panel, QPoint(widget.width(), 0)).x()
        assert right <= width, widget.accessibleName()
        assert widget.width() >= widget.minimumSizeHint().width()


def test_every_control_has_a_name_and_a_tooltip(panel):
    from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QScrollBar

    controls = [w for kind in (QAbstractButton, QAbstractSlider) for w in panel.findChildren(kind)]
    named = [w for w in controls if not isinstance(w, QScrollBar)]

    assert [type(w).__name__ for w in named if not w.accessibleName() or not w.toolTip()] == []
