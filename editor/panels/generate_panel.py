"""How the selected segment is to be danced, and the buttons that make it so."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from editor.document.document import Curve, Document, Take
from editor.document.setting_edits import set_settings
from editor.document.settings_json import recipe_text, settings_in_text
from editor.document.take_edits import make_segment
from editor.panels import drawing
from editor.panels.body_map import PRESETS, BodyMap
from editor.panels.buttons import PRIMARY, Button, SegmentedButton
from editor.panels.controls import Chip, ElidedLabel, Ground, PanelScroll, Section
from editor.panels.naming import mean_of, span_words
from editor.panels.path_view import PathView
from editor.panels.progress import ProgressRow
from editor.panels.recipe_chip import RecipeChip
from editor.panels.slider import Range, ValueSlider
from editor.panels.style_mix import StyleMix, constant_button, drawn_points
from editor.panels.without import Without
from editor.session import Session
from editor.theme import SPACE, Theme
from engine.generation.request import MOST_INTENSITY
from engine.motion.house import BODY_PARTS
from engine.timebase import time_of

HIGHEST_SEED = 999_999
_APPEARS_AFTER_MS = 150  # takes are often there sooner, and then nothing shall flicker
_SEEDS = Range(0, HIGHEST_SEED, 0, "", 1.0, 0, 1.0)


@dataclass(frozen=True)
class Row:
    """A setting with a slider."""

    field: str
    label: str
    numbers: Range
    hue: str
    why: str


EMOTION_ROWS = (
    Row("joy", "Joy", Range(), "joy", "Light, springing, open."),
    Row("sorrow", "Sorrow", Range(), "sorrow", "Heavy, slow, sunken."),
    Row("tension", "Tension", Range(), "tension", "Sharp, sudden, held."),
    Row("serenity", "Serenity", Range(), "serenity", "Calm, flowing, sustained."),
)
MOVEMENT_ROWS = (
    Row("follow_music", "Follow the music", Range(default=1.0), "accent", "How much the music's own energy drives it."),
    Row("intensity", "Intensity", Range(most=2.0, default=1.0, step=0.01, typed_most=MOST_INTENSITY), "accent",
        "Size and drive; 100 % as learned. Up to 300 % can be typed."),
    Row("novelty", "How new", Range(default=0.3), "accent", "0 % best-fitting phrases, 100 % far freer ones."),
)  # fmt: skip
PATHS = (
    ("free", "Free", "The dancer goes where the dance leads."),
    ("keep", "Keep", "A new take walks the present path."),
    ("drawn", "Drawn", "A new take walks the path drawn on the floor."),
)


class GeneratePanel(Ground):
    """Settings of the segment, or of the piece where nothing is selected.

    A slider under the hand asks the session for a preview; when it is let go that is one edit.

    Signals:
        regenerate_wanted(), four_takes_wanted(), cancel_wanted(): The buttons.
        draw_path_wanted(): She wants to draw a path on the floor.
        randomise(): Another seed was thrown.
    """

    regenerate_wanted = Signal()
    four_takes_wanted = Signal()
    cancel_wanted = Signal()
    draw_path_wanted = Signal()
    randomise = Signal()

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(theme)
        self.session = session
        self.sliders: dict[str, ValueSlider] = {}
        self._is_previewing = False
        self._constants: dict[str, Button] = {}
        self.setAccessibleName("Generate")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header())
        inside = Ground(theme)
        self._sections = QVBoxLayout(inside)
        self._sections.setContentsMargins(0, 0, 0, SPACE[1])
        self._sections.setSpacing(0)
        for section in (self._style(), self._emotion(), self._movement(), self._without(), self._keep(), self._path()):
            self._sections.addWidget(section)
        self._sections.addStretch(1)
        column.addWidget(PanelScroll(inside, theme), 1)
        column.addWidget(self._footer())
        self.setMinimumWidth(240)
        self._disconnect = [
            session.changed.connect(lambda *_: self.refresh()),
            session.selection_changed.connect(self.refresh),
        ]
        self.destroyed.connect(partial(_call_all, self._disconnect))
        self.set_engine_ready(False, "The generator is still loading.")
        self.refresh()

    def set_styles(self, styles: Sequence[tuple[str, float]]) -> None:
        """Offer the styles of the model's card, as (name, minutes seen)."""
        self.mix.set_styles(styles)
        self.refresh()

    def set_engine_ready(self, is_ready: bool, why: str = "") -> None:
        """Let the buttons be used, or say in their tooltips why not."""
        for button in (self.regenerate, self.four_takes):
            button.setEnabled(is_ready)
            button.set_reason("" if is_ready else why)

    def set_progress(self, fraction: float | None, eta_s: float | None = None, text: str = "") -> None:
        """Show how far the takes are instead of the buttons; None when nothing runs."""
        self.progress.show_progress(fraction, eta_s, text)
        if fraction is None:
            self._appears.stop()
            self._stack.setCurrentIndex(0)
        elif self._stack.currentIndex() == 0 and not self._appears.isActive():
            self._appears.start()

    def refresh(self) -> None:
        """Show the settings of what is selected; what is under the hand stays."""
        settings = self.session.settings
        self._show_header()
        self.mix.set_style(settings.style)
        for field, slider in self.sliders.items():
            if not slider.is_held:
                value = getattr(settings, field)
                slider.set_drawn(drawn_points(value))
                slider.set_amount(mean_of(value))
                if field in self._constants:
                    self._constants[field].setVisible(isinstance(value, Curve))
        if not self.seed.is_held:
            self.seed.set_amount(settings.seed)
        self.body_map.set_kept(settings.locked_parts)
        self.without.set_avoided(settings.avoid)
        self._leaving_out.set_summary(f"{len(settings.avoid)} left out" if settings.avoid else "anything goes")
        n_kept = len(settings.locked_parts)
        self._keeping.set_summary(f"{n_kept} of {len(BODY_PARTS)} parts kept" if n_kept else "all danced anew")
        self.path.set_choice("drawn" if settings.path_m else "keep" if settings.keep_path else "free")
        self.path_view.set_path(settings.path_m)
        self.path_view.setVisible(bool(settings.path_m))
        self.draw.setText("Draw again" if settings.path_m else "Draw on the floor")
        self.recipe.set_take(self._take())

    # What it is made of

    def _header(self) -> QWidget:
        self.title = ElidedLabel("", self.theme, drawing.LARGE, is_bold=True)
        self.subtitle = ElidedLabel("", self.theme, drawing.SMALL, is_muted=True)
        self.scope = Chip("", self.theme)
        below = _beside([self.subtitle, self.scope], stretched=self.subtitle)
        return _stacked([self.title, below], (SPACE[2], SPACE[1], SPACE[2], SPACE[1]), 0)

    def _style(self) -> Section:
        self.mix = StyleMix(self.theme)
        self.mix.previewed.connect(lambda style: self._preview(style=style))
        self.mix.committed.connect(lambda style, what: self.commit(what, style=style))
        self.mix.let_go.connect(self._let_go)
        return _section("Style", self.theme, [self.mix])

    def _emotion(self) -> Section:
        return _section("Emotion", self.theme, [self._row(row, can_be_drawn=True) for row in EMOTION_ROWS])

    def _movement(self) -> Section:
        self.seed = ValueSlider("Seed", self.theme, _SEEDS, "trunk", "The same seed and settings, the same dance.")
        self.seed.previewed.connect(lambda value: self._preview(seed=int(value)))
        self.seed.committed.connect(lambda value: self.commit("seed", seed=int(value)))
        self.seed.let_go.connect(self._let_go)
        self.die = Button("", self.theme, glyph="die", is_small=True, name="Another seed",
                          why="Another seed gives another dance.")  # fmt: skip
        self.die.clicked.connect(self._throw)
        seeds = _beside([self.seed, self.die], stretched=self.seed)
        return _section("Movement", self.theme, [*(self._row(row) for row in MOVEMENT_ROWS), seeds])

    def _row(self, row: Row, can_be_drawn: bool = False) -> QWidget:
        slider = ValueSlider(row.label, self.theme, row.numbers, row.hue, row.why)
        slider.previewed.connect(lambda value: self._preview(**{row.field: value}))
        slider.committed.connect(lambda value: self.commit(row.label.lower(), **{row.field: value}))
        slider.let_go.connect(self._let_go)
        self.sliders[row.field] = slider
        if not can_be_drawn:
            return slider
        constant = constant_button(row.label, self.theme)
        constant.clicked.connect(partial(self._make_constant, row))
        self._constants[row.field] = constant
        return _beside([slider, constant], stretched=slider)

    def _without(self) -> Section:
        self.without = Without(self.theme)
        self.without.changed.connect(lambda names: self.commit("movements left out", avoid=names))
        self._leaving_out = _section("Do without", self.theme, [self.without])
        return self._leaving_out

    def _keep(self) -> Section:
        self.body_map = BodyMap(self.theme)
        self.body_map.changed.connect(lambda parts: self.commit("kept parts", locked_parts=parts))
        self.presets: list[Button] = []
        for words, parts, why in PRESETS:
            preset = Button(words, self.theme, is_small=True, why=f"{why}.")
            preset.clicked.connect(partial(self._keep_parts, words, parts))
            self.presets.append(preset)
        side = _stacked(self.presets, (0, SPACE[1], 0, 0), SPACE[0], is_top=True)
        self._keeping = _section("Keep", self.theme, [_beside([self.body_map, side], stretched=side)])
        return self._keeping

    def _path(self) -> Section:
        self.path = SegmentedButton(PATHS, self.theme, "Path over the floor")
        self.path.chosen.connect(self._choose_path)
        self.path_view = PathView(self.theme)
        self.draw = Button("Draw on the floor", self.theme, glyph="path", is_small=True, name="Draw the path",
                           why="Draw in the viewport where the dancer shall go.")  # fmt: skip
        self.draw.clicked.connect(self.draw_path_wanted)
        return _section("Path", self.theme, [self.path, self.path_view, self.draw])

    def _footer(self) -> QWidget:
        self.regenerate = Button("Regenerate", self.theme, glyph="again", key="R", kind=PRIMARY,
                                 why="One new take of the segment; the present one stays on the shelf.")  # fmt: skip
        self.four_takes = Button("Four takes", self.theme, glyph="four", key="Shift+R",
                                 why="Four new takes to choose from; nothing changes until you keep one.")  # fmt: skip
        self.regenerate.clicked.connect(self.regenerate_wanted)
        self.four_takes.clicked.connect(self.four_takes_wanted)
        self.progress = ProgressRow(self.theme)
        self.progress.cancel.clicked.connect(self.cancel_wanted)
        self._stack = QStackedWidget()
        self._stack.addWidget(_beside([self.regenerate, self.four_takes], stretched=self.four_takes))
        self._stack.addWidget(self.progress)
        self._stack.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._appears = QTimer(self, interval=_APPEARS_AFTER_MS, singleShot=True)
        self._appears.timeout.connect(lambda: self._stack.setCurrentIndex(1))
        self.recipe = RecipeChip(self.theme)
        self.recipe.copy_wanted.connect(self.copy_recipe)
        self.recipe.paste_wanted.connect(self.paste_recipe)
        return _Footer([self._stack, self.recipe], self.theme)

    # What she does

    def commit(self, what: str, **changes: Any) -> bool:
        """Change settings of what is selected, as one step: "joy of bars 5-8".

        A step that a slider ends with stands only if something of its preview is kept: Esc forgets both.
        """
        settings, chosen = replace(self.session.settings, **changes), self.session.selection
        if chosen is None or not chosen.n_frames:
            return self.session.edit(f"{what} of the piece", lambda d: set_settings(d, settings))

        def make(document: Document) -> Document:
            document, clip_id = make_segment(document, chosen.track_id, chosen.start_frame, chosen.end_frame)
            return set_settings(document, settings, clip_id)

        name = self._span()
        done = self.session.edit(f"{what} of {name[:1].lower()}{name[1:]}", make, is_tentative=self._is_previewing)
        if not done:
            self.refresh()  # a refused edit leaves the sliders where the document is
        return done

    def copy_recipe(self) -> None:
        """Put the recipe of the take that is danced on the clipboard."""
        take = self._take()
        if take is not None and take.recipe is not None:
            QGuiApplication.clipboard().setText(recipe_text(take.recipe))
            self.session.said.emit(f"The recipe of {take.name} is on the clipboard.", "note")

    def paste_recipe(self) -> None:
        """Take over the settings of the recipe on the clipboard, as one step."""
        try:
            settings = settings_in_text(QGuiApplication.clipboard().text())
        except ValueError as error:
            self.session.said.emit(
                f"The clipboard cannot be pasted here, {error}: copy the recipe of a take first.", "warning"
            )
            return
        self.commit("pasted recipe", **{name: getattr(settings, name) for name in settings.__dataclass_fields__})

    def _preview(self, **changes: Any) -> None:
        self._is_previewing = True
        self.session.preview_wanted.emit(replace(self.session.settings, **changes))

    def _let_go(self) -> None:
        self._is_previewing = False
        self.session.preview_wanted.emit(None)

    def _throw(self) -> None:
        # For variety, not for secrets.
        self.commit("another seed", seed=random.randint(0, HIGHEST_SEED))
        self.randomise.emit()

    def _make_constant(self, row: Row, _checked: bool = False) -> None:
        value = round(mean_of(getattr(self.session.settings, row.field)), 3)
        self.commit(f"constant {row.label.lower()}", **{row.field: value})

    def _keep_parts(self, words: str, parts: frozenset[str], _checked: bool = False) -> None:
        self.commit("keep nothing" if not parts else words.lower(), locked_parts=parts)

    def _choose_path(self, choice: str) -> None:
        settings = self.session.settings
        if choice == "drawn" and not settings.path_m:
            self.refresh()  # there is none yet: the choice stands once it is drawn
            self.draw_path_wanted.emit()
        elif choice == "free":
            self.commit("free path", keep_path=False, path_m=())
        elif choice == "keep":
            self.commit("kept path", keep_path=True, path_m=())

    # What it is about

    def _span(self) -> str:
        chosen, document = self.session.selection, self.session.document
        assert chosen is not None
        rate_hz = document.frame_rate_hz
        return span_words(document.music, time_of(chosen.start_frame, rate_hz), time_of(chosen.end_frame, rate_hz))

    def _show_header(self) -> None:
        session = self.session
        chosen, track = session.selection, session.active_track
        name = track.name if track is not None else ""
        if chosen is None or not chosen.n_frames:
            self.title.set_text(f"Whole dance of {name}" if name else "No dancer yet")
            length_s = session.document.duration_s
            self.subtitle.set_text(f"{length_s:.1f} s" if name else "Add a dancer, then choose how to dance.")
            self._show_scope("whole piece", "These settings hold wherever a segment has none of its own.")
            return
        length_s = time_of(chosen.n_frames, session.document.frame_rate_hz)
        self.title.set_text(self._span())
        clip = session.selected_clip
        self.subtitle.set_text(f"{length_s:.1f} s \u00b7 {name}")
        if clip is not None and clip.settings is not None:
            self._show_scope("own settings", "This segment has settings of its own.", "accent")
        else:
            self._show_scope("as the piece", "Moving a slider gives this segment settings of its own.")

    def _show_scope(self, words: str, why: str, hue: str = "muted") -> None:
        """Say whose settings are shown."""
        self.scope.set_text(words, hue=hue)
        self.scope.setToolTip(why)

    def _take(self) -> Take | None:
        clip = self.session.meant_clip
        return clip.take if clip is not None else None


class _Footer(Ground):
    """What stays in sight below what scrolls."""

    def __init__(self, widgets: Sequence[QWidget], theme: Theme) -> None:
        super().__init__(theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE[2], SPACE[1] + 1, SPACE[2], SPACE[2])
        column.setSpacing(SPACE[1])
        for widget in widgets:
            column.addWidget(widget)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = drawing.begin(self)
        painter.fillRect(0, 0, self.width(), 1, drawing.colour(self.theme.line))


def _section(title: str, theme: Theme, widgets: Sequence[QWidget]) -> Section:
    section = Section(title, theme)
    for widget in widgets:
        section.body.addWidget(widget)
    return section


def _beside(widgets: Sequence[QWidget], stretched: QWidget) -> QWidget:
    out = QWidget()
    row = QHBoxLayout(out)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(SPACE[0])
    for widget in widgets:
        row.addWidget(widget, 1 if widget is stretched else 0)
    return out


def _stacked(
    widgets: Sequence[QWidget], margins: tuple[int, int, int, int], spacing: int, is_top: bool = False
) -> QWidget:
    out = QWidget()
    column = QVBoxLayout(out)
    column.setContentsMargins(*margins)
    column.setSpacing(spacing)
    for widget in widgets:
        column.addWidget(widget)
    if is_top:
        column.addStretch(1)
        column.setAlignment(Qt.AlignmentFlag.AlignTop)
    return out


def _call_all(functions: Sequence[Any], *_: object) -> None:
    for function in functions:
        function()
