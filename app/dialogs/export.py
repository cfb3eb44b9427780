"""File > Export: what to write, how, and where to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from app.checks import checked
from app.dialogs.findings import FindingsList
from app.dialogs.option_form import OptionForm
from app.dialogs.parts import Dialog, Sections, add_row, form, page, scrolling, space, words
from app.dialogs.skeletons import offer, skeletons_button
from app.exports import (
    EXPORTERS,
    Order,
    Performance,
    file_stem,
    paths_for,
)
from app.look.fonts import current_scale
from app.look.icons import severity_pixmap
from app.rigs import target_rigs
from app.settings import PreferenceStore
from editor.theme import Theme
from engine.formats.exporters import RIGS
from engine.formats.options import options_as_json, options_from
from engine.formats.preflight import Finding

_ICONS = {
    "FBX": "box", "BVH": "person-standing", "glTF": "box", "USD": "box", "USD as text": "box", "Video": "film",
    "Picture": "image", "Picture sequence": "images", "Markers": "bookmark", "Tempo map": "metronome",
    "Timeline": "clapperboard", "Cut list": "scissors", "Cue sheet": "list-start",
}  # fmt: skip
_LAST = "last"  # in the kept options: which exporter was used last


def offer_selection(forms: Iterable[OptionForm], span_s: tuple[float, float] | None) -> None:
    """Say in forms how long the selection is; without one it cannot be chosen."""
    for choice in (shown.controls.get("span") for shown in forms):
        if not isinstance(choice, QComboBox):
            continue
        index, item = choice.findData("selection"), None
        if span_s is not None:
            choice.setItemText(index, f"The selection, {span_s[1] - span_s[0]:.1f} s")
            continue
        choice.setItemText(index, "The selection: nothing is selected")
        choice.setCurrentIndex(choice.findData("piece"))
        model = choice.model()
        item = model.item(index) if isinstance(model, QStandardItemModel) else None
        if item is not None:
            item.setEnabled(False)


class ExportDialog(Dialog):
    """Makes an `Order`; carrying it out is a job of the window's.

    Args:
        parent: Whose window it stands over.
        theme: Its colours.
        store: Keeps the options and the folder for the next time.
        performance: What is handed on.
        begin: Called with the order when Export is pressed.
    """

    def __init__(
        self,
        parent: QWidget | None,
        theme: Theme,
        store: PreferenceStore,
        performance: Performance,
        begin: Callable[[Order], None],
    ) -> None:
        super().__init__(parent, "Export")
        self._theme, self._store, self._performance, self._begin = theme, store, performance, begin
        target_rigs()  # her own are offered too
        kept = store.values.export_options
        self.sections = Sections("What to export", theme)
        self.forms: dict[str, OptionForm] = {}
        for name, exporter in EXPORTERS.items():
            self.forms[name] = OptionForm(options_from(exporter.options, kept.get(name)))
            self.sections.add(
                name, _ICONS.get(name, "file-input"), scrolling(page(words(exporter.says, "muted"), self.forms[name]))
            )
            self.forms[name].changed.connect(self._options_changed)
        offer_selection(self.forms.values(), performance.span_s)
        self.column.addWidget(self.sections, 3)
        self.findings = FindingsList(theme, self._mend)
        self.column.addWidget(self.findings, 1)
        self._add_place()
        self.add_button("Cancel", self.reject, "Cancel (Esc)\nWrite nothing")
        self.skeletons_button = skeletons_button(self, theme, self._rig, self._choose_rig)
        self.export_button = self.add_button(
            "Export", self.export, "Export (Return)\nWrite it; the status bar shows how far it is", kind="primary"
        )
        self.sections.names.currentRowChanged.connect(self._follow_exporter)
        last = str(kept.get(_LAST, {}).get("name", ""))
        self.sections.names.setCurrentRow(max(self._row_of(last), 0))
        self._set_path(self._folder() / f"{file_stem(performance.title)}{self._extension}")
        self.sections.names.setFocus()
        self.resize_scaled(680, 700)

    @property
    def exporter(self) -> str:
        """The name of the one that is chosen."""
        return list(EXPORTERS)[max(self.sections.names.currentRow(), 0)]

    @property
    def order(self) -> Order:
        """What would be written."""
        path = Path(self.place.text().strip()).expanduser()
        if path.name and path.suffix.lower() != self._extension:
            path = path.with_name(f"{path.name}{self._extension}")
        return Order(self.exporter, self._performance, path, self.forms[self.exporter].options)

    def export(self) -> None:
        """Hand the order over and close; say what is wrong with the place where something is."""
        if not self._place_is_good():
            return
        order = self.order
        kept = dict(self._store.values.export_options)
        kept |= {order.exporter: options_as_json(order.options), _LAST: {"name": order.exporter}}
        self._store.change(export_options=kept, default_folder=str(order.path.parent))
        self.accept()
        self._begin(order)

    def choose_place(self) -> None:
        """Ask for the file by the system's dialog."""
        path, _ = QFileDialog.getSaveFileName(
            self, "Export to", str(self.order.path), f"{self.exporter} (*{self._extension})",
            options=QFileDialog.Option.DontConfirmOverwrite,
        )  # fmt: skip
        if path:
            self._set_path(Path(path))

    def choose(self, name: str) -> None:
        """Turn to an exporter by its name."""
        self.sections.names.setCurrentRow(self._row_of(name))

    def _add_place(self) -> None:
        self.place, choose = QLineEdit(), QPushButton("Choose\u2026")
        self.place.setAccessibleName("File")
        self.place.setToolTip("File\nWhere it is written; its folder is remembered")
        choose.setToolTip("Choose\u2026\nPick the place in a file dialog")
        choose.setAutoDefault(False)
        choose.clicked.connect(self.choose_place)
        line = QHBoxLayout()
        line.setSpacing(space(1))
        line.addWidget(self.place, 1)
        line.addWidget(choose)
        holder = QWidget()
        line.setContentsMargins(0, 0, 0, 0)
        holder.setLayout(line)
        rows = form()
        add_row(rows, "File", holder)
        self.column.addLayout(rows)
        self._shape, self.note = QLabel(), words("", "muted")
        side = round(16 * current_scale())
        self._shape.setFixedSize(QSize(side, side))
        note = QHBoxLayout()
        note.setSpacing(space(1))
        note.addWidget(self._shape)
        note.addWidget(self.note, 1)
        self.column.addLayout(note)
        self.place.textChanged.connect(lambda _: self._place_is_good())

    def _place_is_good(self) -> bool:
        """Whether something can be written there; the note says what will be, or why not."""
        order = self.order
        folder = order.path.parent
        severity, says = "", ""
        if not order.path.stem.strip(" .") or self.place.text().endswith("/"):
            severity, says = "error", "Give the file a name."
        elif not folder.is_dir():
            severity, says = "error", f"There is no folder {folder}; choose another one."
        else:
            names = [path.name for path in paths_for(order.exporter, self._performance, order.path, order.options)]
            is_many = len(names) > 1
            says = f"Files: {', '.join(names)}" if is_many else ""
            there = [name for name in names if (folder / name).exists()] if order.exporter != "Picture sequence" else []
            if there:
                severity, says = "warning", f"{' and '.join(there)} will be replaced."
        self.note.setText(says)
        self._shape.setVisible(bool(severity))
        if severity:
            side, ratio = self._shape.width(), self.devicePixelRatioF()
            self._shape.setPixmap(severity_pixmap(severity, self._theme, side, ratio))
        self.findings.show_findings(checked(self._performance, self.exporter, order.options))
        is_good = severity != "error" and not self.findings.is_refused
        self.export_button.setEnabled(is_good)
        return is_good

    def _rig(self) -> str:
        return str(getattr(self.forms[self.exporter].options, "rig", "plain"))

    def _choose_rig(self, name: str) -> None:
        """Offer the skeletons as they are now in every form, and choose one in the form that is shown."""
        for exporter, shown in self.forms.items():
            combo = shown.controls.get("rig")
            if isinstance(combo, QComboBox):
                offer(combo, RIGS, name if exporter == self.exporter else str(combo.currentData()))
        self._place_is_good()

    def _options_changed(self) -> None:
        if hasattr(self, "note"):
            self._place_is_good()

    def _mend(self, finding: Finding) -> None:
        """Do what the button of a finding says."""
        if finding.fix is not None:
            self.forms[self.exporter].show_options(finding.fix(self.forms[self.exporter].options))
            self._place_is_good()

    def _follow_exporter(self, _row: int) -> None:
        self.skeletons_button.setVisible("rig" in self.forms[self.exporter].controls)
        path = Path(self.place.text())
        if path.suffix.lower() in {e.extension for e in EXPORTERS.values()}:
            path = path.with_suffix(self._extension)
        self._set_path(path)

    def _set_path(self, path: Path) -> None:
        self.place.setText(str(path))
        self._place_is_good()

    @property
    def _extension(self) -> str:
        return EXPORTERS[self.exporter].extension

    def _row_of(self, name: str) -> int:
        return list(EXPORTERS).index(name) if name in EXPORTERS else -1

    def _folder(self) -> Path:
        chosen = Path(self._store.values.default_folder)
        return chosen if self._store.values.default_folder and chosen.is_dir() else Path.home()
