"""The findings: how many of what, by rule, and the card of the one that is selected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from editor.document.rule_edits import change_of, change_rule, reset_rule, set_genre
from editor.findings import FAMILIES, WORST_FIRST, Filter, Findings
from editor.panels import drawing
from editor.panels.buttons import Button
from editor.panels.controls import Ground, PanelScroll
from editor.panels.finding_card import BEYOND, IDLE, MENDING, OFFERED, Edge, Empty, FindingCard
from editor.panels.finding_list import FindingList, Group, Line
from editor.panels.finding_words import FAMILY_WORDS, place_words, where_words
from editor.panels.severity import SeverityToggle
from editor.session import Session
from editor.theme import SPACE, Theme
from editor.timeline.beat_grid import BeatGrid

_CARD_SHARE = 0.72  # of the panel's height, at most
_LEAST_LIST = 54


class FindingsPanel(Ground):
    """Everything that the rules find, and what is done about it.

    Signals:
        anew_wanted(): The selected finding's movement is to be made anew.
    """

    anew_wanted = Signal()

    def __init__(self, session: Session, findings: Findings, theme: Theme) -> None:
        super().__init__(theme)
        self.session, self.findings = session, findings
        self._grid: tuple[object, BeatGrid | None] = (None, None)
        self.setAccessibleName("Findings")
        self.toggles = {severity: SeverityToggle(severity, theme) for severity in WORST_FIRST}
        self.toggles["waived"] = SeverityToggle("warning", theme, is_hollow=True)
        self.menu_button = Button("All", theme, is_small=True, name="Which findings are shown",
                                  why="By dancer and family; and by which rules the piece is judged.")  # fmt: skip
        self.list = FindingList(theme)
        self.card = FindingCard(theme)
        self.empty = Empty(theme)
        self._lay_out()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        """Show what is found."""
        findings, counts = self.findings, self.findings.counts()
        for name, toggle in self.toggles.items():
            toggle.show_count(counts[name])
            wanted = findings.filter.has_waived if name == "waived" else name in findings.filter.severities
            toggle.blockSignals(True)
            toggle.setChecked(wanted)
            toggle.blockSignals(False)
        self.toggles["waived"].setVisible(counts["waived"] > 0)
        self.menu_button.setText(self._filter_words())
        self.list.show_groups(self._groups(), findings.selected, not findings.are_fresh)
        has_any = bool(findings.shown)
        self._list_scroll.setVisible(has_any)
        self.empty.setVisible(not has_any)
        if not has_any:
            self._say_empty()
        self._show_card()

    def refresh_offer(self) -> None:
        """Show where the repair stands."""
        findings = self.findings
        state = IDLE
        if findings.is_mending:
            state = MENDING
        elif findings.offer is not None:
            state = OFFERED
        elif findings.is_beyond_repair:
            state = BEYOND
        self.card.show_state(state)

    def show_why(self) -> None:
        """Open or close the rule of the selected finding."""
        if self.findings.selected is not None:
            self.card.why.toggle()

    def ask_note(self) -> None:
        """Mark the selected finding as intended, or let it count again."""
        if self.findings.selected is not None:
            self.card.toggle_intended()

    def menu(self) -> QMenu:
        """Which dancers and families are shown, and by which rules the piece is judged."""
        menu, filter_ = QMenu(self), self.findings.filter
        tracks = [(track.id, track.name) for track in self.session.document.dancers]
        self._choices(menu, [("", "All dancers"), *tracks], filter_.track_id,
                      lambda chosen: self._filter(track_id=chosen))  # fmt: skip
        menu.addSeparator()
        families = [("", "All kinds"), *((family, FAMILY_WORDS[family]) for family in FAMILIES)]
        self._choices(menu, families, filter_.family, lambda chosen: self._filter(family=chosen))
        menu.addSeparator()
        self._genres(menu.addMenu("Judged by the rules of"))
        self._changed_rules(menu.addMenu("Rules changed in this piece"))
        return menu

    # How it is done

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(SPACE[2], SPACE[1], SPACE[1], SPACE[1])
        head.setSpacing(SPACE[0])
        for toggle in self.toggles.values():
            head.addWidget(toggle)
        head.addStretch(1)
        head.addWidget(self.menu_button)
        inside = Ground(self.theme)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        column.addStretch(1)
        self._list_scroll = PanelScroll(inside, self.theme)
        self._card_scroll = PanelScroll(self.card, self.theme)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        # Placed by hand: a card that needs more room must not push the panels beside this one.
        self._room = QWidget()
        whole.addWidget(self._room, 1)
        self._edge = Edge(self.theme)
        for part in (self._list_scroll, self.empty, self._card_scroll, self._edge):
            part.setParent(self._room)

    def _connect(self) -> None:
        findings, card = self.findings, self.card
        ends = [
            findings.changed.connect(self.refresh),
            findings.selected_changed.connect(self.refresh),
            findings.offer_changed.connect(self.refresh_offer),
        ]
        self.destroyed.connect(lambda _=None: [end() for end in ends])
        for name, toggle in self.toggles.items():
            toggle.toggled.connect(lambda is_on, name=name: self._switch(name, is_on))
        self.menu_button.clicked.connect(self._open_menu)
        self.list.picked.connect(findings.select)
        self.list.entered.connect(self._enter)
        self.list.revealed.connect(
            lambda top, height: QTimer.singleShot(0, self, lambda: self._reveal(top, height))
        )
        card.repair_wanted.connect(findings.repair)
        card.keep_wanted.connect(findings.apply)
        card.return_wanted.connect(findings.return_)
        card.anew_wanted.connect(self.anew_wanted)
        card.take_back_wanted.connect(findings.take_back)
        card.waive_wanted.connect(findings.waive)
        card.step_wanted.connect(findings.step)
        card.size_changed.connect(self._share)
        card.rule.severity_wanted.connect(self._change_severity)
        card.rule.limit_wanted.connect(self._change_limit)
        card.rule.reset_wanted.connect(self._reset_rule)
        card.why.toggled.connect(self._show_why)

    def _enter(self) -> None:
        """Enter in the list: a repair, and once it was looked at, its place in the dance."""
        if not self.findings.apply():
            self.findings.repair()

    def _groups(self) -> list[Group]:
        texts = self.findings.texts if self.findings.shown else {}
        document, rate_hz = self.session.document, self.session.document.frame_rate_hz
        names = {track.id: track.name for track in document.tracks}
        has_several = len(document.dancers) > 1
        by_rule: dict[str, list[Line]] = {}
        for entry in self.findings.shown:
            where = place_words(entry.finding, self._beats(), rate_hz)
            line = Line(entry, where, names.get(entry.track_id, "") if has_several else "")
            by_rule.setdefault(entry.finding.rule, []).append(line)
        groups = [
            Group(rule, texts[rule].title if rule in texts else rule.replace("_", " "), tuple(lines))
            for rule, lines in by_rule.items()
        ]
        return sorted(groups, key=lambda g: (not g.n_open, WORST_FIRST.index(g.severity), -g.n_open, g.title))

    def _beats(self) -> BeatGrid | None:
        music = self.session.document.music
        if self._grid[0] is not music:
            self._grid = (music, BeatGrid(music) if music is not None and music.n_beats else None)
        return self._grid[1]

    def _show_card(self) -> None:
        entry, before = self.findings.selected, self.card.entry
        self._card_scroll.setVisible(entry is not None)
        if entry is None:
            self._share()
            return
        document, shown = self.session.document, self.findings.shown
        name = next((track.name for track in document.tracks if track.id == entry.track_id), "")
        where = where_words(entry, name, self._beats(), document.frame_rate_hz, document.n_frames)
        text = self.findings.texts.get(entry.finding.rule)
        number = f"{shown.index(entry) + 1}/{len(shown)}" if entry in shown else ""
        mends = self.findings.mends(entry.finding)
        self.card.show_entry(entry, text.title if text else entry.finding.rule, where, number, mends)
        if before is None or before.finding != entry.finding:
            self._card_scroll.verticalScrollBar().setValue(0)
        self._show_rule()

    def _show_rule(self) -> None:
        entry = self.findings.selected
        if entry is None or not self.card.why.isChecked():
            return
        rule = entry.finding.rule
        text, book = self.findings.texts.get(rule), self.findings.book_texts.get(rule)
        if text is not None and book is not None:
            self.card.rule.show_rule(text, book, change_of(self.session.document, rule))
        self._share()
        QTimer.singleShot(0, self, self._share)  # rows that are new have no height before

    def _show_why(self, is_open: bool) -> None:
        self._show_rule()
        bar, why = self._card_scroll.verticalScrollBar(), self.card.why
        # Once the rule has its place.
        QTimer.singleShot(20, self, lambda: bar.setValue(why.y() - SPACE[0] if is_open else 0))

    def _share(self) -> None:
        """The card is as high as it needs, and leaves some rows of the list."""
        layout, width, height = self.card.layout(), self._room.width(), self._room.height()
        if layout is None or width < 1:
            return
        card_px = 0
        if not self._card_scroll.isHidden():
            layout.activate()
            bar_px = self._card_scroll.verticalScrollBar().sizeHint().width()  # beside which words break sooner
            wanted = layout.totalHeightForWidth(width - bar_px)
            least = round(_LEAST_LIST * drawing.unit(self))
            card_px = min(wanted, max(height - least, round(_CARD_SHARE * height)))
            card_px = height - self.list.whole_rows_px(height - card_px)
        for part in (self._list_scroll, self.empty):
            part.setGeometry(0, 0, width, height - card_px)
        self._card_scroll.setGeometry(0, height - card_px, width, card_px)
        self._edge.setGeometry(0, height - card_px, width, 1)
        self._edge.setVisible(card_px > 0)
        self._edge.raise_()
        row = -1 if self.list.selected is None else self.list.row_of(self.list.selected)
        if row >= 0:  # a card that grew may have covered it
            rect = self.list.row_rect(row)
            self._reveal(round(rect.top()), round(rect.height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        whole = self.layout()
        if whole is not None:
            whole.activate()
        self._share()

    def _reveal(self, top: int, height: int) -> None:
        """Scroll by no more than is needed, and by whole rows."""
        bar, room = self._list_scroll.verticalScrollBar(), self._list_scroll.viewport().height()
        if top < bar.value():
            bar.setValue(top)
        elif top + height > bar.value() + room:
            bar.setValue(top + height - room)

    def _say_empty(self) -> None:
        findings = self.findings
        if not any(track.clips for track in self.session.document.dancers):
            self.empty.say("No dance yet", "Every movement is looked at as you work.", has_tick=False)
        elif not findings.are_fresh and not findings.entries:
            self.empty.say("Looking\u2026", has_tick=False)
        elif {entry.finding.severity for entry in findings.entries} == {"note"} and findings.filter == Filter():
            self.empty.say("Nothing but hints", "The circle above shows them.")
        elif findings.entries:
            self.empty.say("None of these is shown", "The switches above hide them.", has_tick=False)
        else:
            self.empty.say("Nothing found", "Every movement is looked at as you work.")

    def _filter_words(self) -> str:
        names = {track.id: track.name for track in self.session.document.tracks}
        filter_ = self.findings.filter
        parts = [names.get(filter_.track_id, ""), FAMILY_WORDS.get(filter_.family, "")]
        return (", ".join(part for part in parts if part) or "All") + " \u25be"

    def _open_menu(self) -> None:
        self.menu().popup(self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft()))

    def _genres(self, menu: QMenu) -> None:
        own, usual = self.session.document.rules.genre, self.findings.genre
        genres = sorted(self.findings.book.genres)
        mine = "The piece's style" + ("" if own else f" ({usual or 'every dance'})")
        named = [(genre, "Every dance" if genre == "general" else genre.capitalize()) for genre in genres]
        self._choices(menu, [("", mine), *named], own, lambda chosen: self.session.edit(
            "rules of another genre", lambda d: set_genre(d, chosen)
        ))  # fmt: skip

    def _changed_rules(self, menu: QMenu) -> None:
        """A rule that was switched off finds nothing that could be selected: here it is brought back."""
        texts = self.findings.texts
        for change in self.session.document.rules.changes:
            title = texts[change.rule].title if change.rule in texts else change.rule
            how = change.severity or ", ".join(f"{name} {value:g}" for name, value in change.limits)
            action = QAction(f"{title} ({how}): back to the book", menu)
            action.triggered.connect(lambda _=False, rule=change.rule: self.session.edit(
                "rule as the book has it", lambda d: reset_rule(d, rule)
            ))  # fmt: skip
            menu.addAction(action)
        menu.setEnabled(bool(self.session.document.rules.changes))

    def _choices(
        self, menu: QMenu, choices: list[tuple[str, str]], chosen: str, choose: Callable[[str], object]
    ) -> None:
        group = QActionGroup(menu)
        for key, words in choices:
            action = QAction(words, menu)
            action.setCheckable(True)
            action.setChecked(key == chosen)
            action.triggered.connect(lambda _=False, key=key: choose(key))
            group.addAction(action)
            menu.addAction(action)

    def _switch(self, name: str, is_on: bool) -> None:
        if name == "waived":
            self._filter(has_waived=is_on)
            return
        severities = self.findings.filter.severities
        self._filter(severities=severities | {name} if is_on else severities - {name})

    def _filter(self, **changes: object) -> None:
        self.findings.set_filter(replace(self.findings.filter, **changes))  # type: ignore[arg-type]

    def _change_severity(self, severity: str) -> None:
        entry = self.findings.selected
        if entry is not None:
            rule = entry.finding.rule
            book = self.findings.book_texts.get(rule)
            wanted = "" if book is not None and book.severity == severity else severity
            self.session.edit("severity of a rule", lambda d: change_rule(d, rule, severity=wanted))

    def _change_limit(self, name: str, value: float) -> None:
        entry = self.findings.selected
        if entry is not None:
            rule = entry.finding.rule
            self.session.edit("limit of a rule", lambda d: change_rule(d, rule, limits={name: value}))

    def _reset_rule(self) -> None:
        entry = self.findings.selected
        if entry is not None:
            rule = entry.finding.rule
            self.session.edit("rule as the book has it", lambda d: reset_rule(d, rule))

