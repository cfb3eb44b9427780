"""The takes of the selected clip: nothing that was made is lost."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from editor.document.document import Clip, Take
from editor.document.take_edits import remove_take, rename_take, use_take
from editor.panels import drawing
from editor.panels.buttons import QUIET, Button
from editor.panels.controls import ElidedLabel, Ground, PanelScroll, Words
from editor.panels.drawing import Painted
from editor.panels.figure import Figure
from editor.panels.naming import made_words, settings_words
from editor.panels.rows import Row, empty
from editor.session import Session
from editor.theme import SPACE, Theme
from engine.motion.motion import Motion

_ROW_HEIGHT, _PICTURE_WIDTH = 62, 50
_LAID_OUT_MS = 50  # until then new rows have their places
_KEPT_FIGURES = 64


class TakesShelf(Painted, QWidget):
    """The takes of the clip that is meant. A click dances another one, as an undoable step.

    Signals:
        compare_marked(clip_id: str, a: int | None, b: int | None): The takes that A/B shall flip between.
    """

    compare_marked = Signal(str, object, object)

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self.session, self.theme = session, theme
        self.rows: list[TakeRow] = []
        self._engine = ("", "", "")
        self._shown: tuple[str, tuple[Take, ...]] | None = None
        self._is_built = False
        self._danced: str | None = None
        self._marks: dict[str, str] = {}  # "A" and "B" -> id of a take
        self._figures: dict[int, tuple[Motion, Figure]] = {}
        self.setAccessibleName("Takes of the selected clip")
        self.title = ElidedLabel("", theme, is_bold=True)
        self.hint = Words("", theme)
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        inside = Ground(theme)
        column = QVBoxLayout(inside)
        column.setContentsMargins(SPACE[2], SPACE[1], SPACE[2], SPACE[1])
        column.setSpacing(SPACE[0])
        for widget in (self.title, self._list, self.hint):
            column.addWidget(widget)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        self._scroll = PanelScroll(inside, theme)
        whole.addWidget(self._scroll)
        ends = [session.changed.connect(lambda *_: self.refresh()), session.selection_changed.connect(self.refresh)]
        self.destroyed.connect(lambda _=None: [end() for end in ends])
        self.refresh()

    @property
    def marked(self) -> tuple[int | None, int | None]:
        """The indices of the takes marked A and B."""
        ids = [row.take.id for row in self.rows]
        a, b = (self._marks.get(mark) for mark in "AB")
        return (ids.index(a) if a in ids else None), (ids.index(b) if b in ids else None)

    def set_engine(self, model: str, engine_version: str, device: str) -> None:
        """Say what the engine here is: takes made by it can be made again bit for bit."""
        self._engine = (model, engine_version, device)
        self._is_built = False
        self.refresh()

    def refresh(self) -> None:
        """Show the takes of the clip that is meant."""
        clip = self.session.meant_clip
        shown = None if clip is None else (clip.id, clip.takes)
        if shown != self._shown or not self._is_built:
            self._shown, self._is_built = shown, True
            self._rebuild(clip)
        for i, row in enumerate(self.rows):
            row.set_current(clip is not None and i == clip.active)
            row.set_marks({mark for mark, take_id in self._marks.items() if take_id == row.take.id})
        danced = None if clip is None else clip.take.id
        if danced != self._danced:
            self._danced = danced
            QTimer.singleShot(_LAID_OUT_MS, self, self._show_danced)

    def _show_danced(self) -> None:
        row = next((row for row in self.rows if row.take.id == self._danced), None)
        if row is not None:
            self._scroll.ensureWidgetVisible(row)

    def _rebuild(self, clip: Clip | None) -> None:
        empty(self._list)
        self.rows = []
        takes = clip.takes if clip is not None else ()
        for i, take in enumerate(takes):
            row = TakeRow(take, self._figure(take), self.theme, self._badge(take))
            row.chosen.connect(partial(self._use, i))
            row.renamed.connect(partial(self._rename, i))
            row.remove_wanted.connect(partial(self._remove, i))
            for mark, button in row.mark_buttons.items():
                button.clicked.connect(partial(self._mark, button, mark, take.id))
            self.rows.append(row)
            self._column.addWidget(row)
        name = (clip.name if clip is not None else "") or "this clip"
        self.title.set_text("No clip selected" if clip is None else f"Takes of {name}")
        self.hint.setText(_hint(len(takes), clip is not None))
        self.hint.setVisible(len(takes) < 2)

    def _figure(self, take: Take) -> Figure | None:
        if not take.motion.n_frames:
            return None
        key = id(take.motion)
        if key not in self._figures:
            if len(self._figures) >= _KEPT_FIGURES:
                self._figures.pop(next(iter(self._figures)))
            middle = take.motion.n_frames // 2
            # One frame is enough for a still, however long the take is.
            self._figures[key] = (take.motion, Figure(take.motion.slice(middle, middle + 1)))
        return self._figures[key][1]

    def _badge(self, take: Take) -> str:
        recipe = take.recipe
        if recipe is None:
            return take.kind
        here = bool(recipe.model) and (recipe.model, recipe.engine_version, recipe.device) == self._engine
        return "replayable here" if here else "stored result"

    def _edit(self, label: str, index: int, edit: object, *arguments: object) -> None:
        clip = self.session.meant_clip
        if clip is not None and callable(edit):
            self.session.edit(label, lambda d: edit(d, clip.id, index, *arguments))

    def _use(self, index: int) -> None:
        self._edit(f"use {self.rows[index].take.name.lower()}", index, use_take)

    def _rename(self, index: int, name: str) -> None:
        self._edit("rename take", index, rename_take, name)

    def _remove(self, index: int) -> None:
        self._edit(f"remove {self.rows[index].take.name.lower()}", index, remove_take)

    def _mark(self, button: Button, mark: str, take_id: str) -> None:
        if button.isChecked():
            self._marks = {other: marked for other, marked in self._marks.items() if marked != take_id}
            self._marks[mark] = take_id
        else:
            self._marks.pop(mark, None)
        self.refresh()
        clip = self.session.meant_clip
        if clip is not None:
            self.compare_marked.emit(clip.id, *self.marked)


class TakeRow(Row):
    """A take: a still of its middle, its name, where it comes from, how it was made."""

    def __init__(self, take: Take, figure: Figure | None, theme: Theme, badge: str) -> None:
        self.take, self._figure, self._badge = take, figure, badge
        self.mark_buttons = {
            mark: Button(mark, theme, kind=QUIET, is_small=True, checkable=True, name=f"Mark {take.name} as {mark}",
                         why="The key A flips between the takes marked A and B.")
            for mark in "AB"
        }  # fmt: skip
        super().__init__(take.name, theme, what="Take", buttons=tuple(self.mark_buttons.values()))
        recipe = take.recipe
        words = settings_words(recipe.settings) if recipe is not None else []
        if recipe is not None:
            words += [f"seed {recipe.settings.seed}", made_words(recipe)]
        self._words = " \u00b7 ".join(filter(None, words)) or f"{take.motion.duration_s:.1f} s"
        self.setAccessibleDescription(f"{badge}, {self._words}")
        self.setToolTip(drawing.tip(f"Dance {take.name}", "Enter", f"{badge}: {_BADGES.get(badge, '')}\n{self._words}"))

    @property
    def height_px(self) -> float:
        return _ROW_HEIGHT

    def set_marks(self, marks: set[str]) -> None:
        """Show which of A and B the take is."""
        for mark, button in self.mark_buttons.items():
            button.setChecked(mark in marks)

    def name_rect(self) -> QRectF:
        scale = drawing.unit(self)
        left = (_PICTURE_WIDTH + 12) * scale
        return QRectF(left, 5 * scale, self._right() - left, 20 * scale)

    def sizeHint(self) -> QSize:
        return QSize(round(220 * drawing.unit(self)), round(_ROW_HEIGHT * drawing.unit(self)))

    def _button_top(self, high: int) -> int:
        return round(3 * drawing.unit(self))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme, painter, scale = self.theme, drawing.begin(self), drawing.unit(self)
        picture = QRectF(7 * scale, 4 * scale, _PICTURE_WIDTH * scale, self.height() - 8 * scale)
        ground = drawing.mixed(theme.window, theme.raised, 0.3)
        drawing.box(painter, picture, ground, QColor(theme.line))
        if self._figure is not None:
            painter.setClipRect(picture.adjusted(1, 1, -1, -1))
            self._figure.paint(painter, picture.adjusted(2, 3, -2, -1), 0.0, theme, ground)
            painter.setClipping(False)
        left = self.name_rect().left()
        painter.setFont(drawing.font_of(self, drawing.SMALL))
        lines = ((self._badge, theme.text, 25), (self._words, self.quiet_ink, 41))
        for words, ink, top in lines:
            room = QRectF(left, top * scale, self.width() - left - 8 * scale, 16 * scale)
            if words == self._badge:
                dot = QRectF(left, (top + 5) * scale, 6 * scale, 6 * scale)
                hue = QColor(theme.note if self._badge == "replayable here" else theme.muted)
                is_full = self._badge == "replayable here"
                drawing.box(painter, dot, hue if is_full else None, hue, 3 * scale)
                room.setLeft(left + 11 * scale)
            painter.setPen(QColor(ink))
            fitting = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, fitting)


_BADGES = {
    "replayable here": "the same recipe gives the same dance on this computer.",
    "stored result": "its frames are kept; another model, version or device made it.",
    "imported": "read from a motion file.",
    "baked": "joined from other takes.",
}


def _hint(n_takes: int, has_clip: bool) -> str:
    if not has_clip:
        return "Select a clip to see its takes here."
    return "" if n_takes > 1 else "Every new take of this clip stays here, whichever one you keep."
