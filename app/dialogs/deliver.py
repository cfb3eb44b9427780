"""File > Deliver shot: what the shot is called, what goes along, and where to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from app.checks import subject_of
from app.deliver import PARTS, DeliverOptions, DeliverOrder, bundle_name, files_of, version_for
from app.dialogs.export import offer_selection
from app.dialogs.findings import FindingsList
from app.dialogs.option_form import OptionForm
from app.dialogs.parts import Dialog, Sections, add_row, form, page, space, words
from app.dialogs.skeletons import offer, skeletons_button
from app.exports import Performance
from app.rigs import target_rigs
from app.settings import PreferenceStore
from app.shot_names import TEMPLATE, BadTemplate, plain_part
from editor.theme import Theme
from engine.formats.exporters import RIGS
from engine.formats.options import options_as_json, options_from
from engine.formats.preflight import Finding, preflight

KEPT_AS = "Deliver shot"  # in the preferences' export options
_PAGES = (
    ("Names", "bookmark", ("show", "seq", "shot", "take", "template")),
    ("Shot", "clapperboard", ("span", "rate", "start_frame", "handles", "rig")),
    ("In the folder", "folder-open", (
        "has_fbx", "has_bvh", "has_usd", "has_glb", "has_video", "has_frames", "has_song", "has_lists", "has_cue_sheet",
        "has_mesh", "has_t_pose", "is_split",
    )),
    ("Film, paper", "film", ("size", "view", "has_safe_frame", "paper", "pictures")),
)  # fmt: skip


class DeliverDialog(Dialog):
    """Makes a `DeliverOrder`; carrying it out is a job of the window's.

    Args:
        parent: Whose window it stands over.
        theme: Its colours.
        store: Keeps the options and the folder for the next time.
        performance: What is delivered.
        begin: Called with the order when Deliver is pressed.
    """

    def __init__(
        self,
        parent: QWidget | None,
        theme: Theme,
        store: PreferenceStore,
        performance: Performance,
        begin: Callable[[DeliverOrder], None],
    ) -> None:
        super().__init__(parent, "Deliver shot")
        self._store, self._performance, self._begin = store, performance, begin
        target_rigs()  # her own are offered too
        kept = store.values.export_options.get(KEPT_AS)
        options = options_from(DeliverOptions, kept or {"show": plain_part(performance.title) or "SHOW"})
        self.sections = Sections("Deliver shot", theme)
        self.forms: dict[str, OptionForm] = {}
        for title, icon_name, names in _PAGES:
            self.forms[title] = OptionForm(options, names)
            self.forms[title].changed.connect(self._show)
            self.sections.add(title, icon_name, page(self.forms[title]))
        offer_selection(self.forms.values(), performance.span_s)
        self.column.addWidget(self.sections)
        self.preview = words("", "heading")
        self.preview.setAccessibleName("The shot's folder")
        self.column.addWidget(self.preview)
        self._add_place()
        self.findings = FindingsList(theme, self._mend)
        self.column.addWidget(self.findings, 1)
        self.add_button("Cancel", self.reject, "Cancel (Esc)\nDeliver nothing")
        skeletons_button(self, theme, lambda: self.options.rig, self._choose_rig)
        self.deliver_button = self.add_button(
            "Deliver", self.deliver, "Deliver (Return)\nMake the folder; the status bar shows how far it is",
            kind="primary",
        )  # fmt: skip
        self._show()
        self.forms["Names"].controls["shot"].setFocus()
        self.resize_scaled(700, 520)

    @property
    def options(self) -> DeliverOptions:
        """As the controls stand."""
        read = {name: getattr(self.forms[title].options, name) for title, _, names in _PAGES for name in names}
        return DeliverOptions(**read)

    @property
    def folder(self) -> Path:
        """Where the shot's folder is to appear."""
        return Path(self.place.text().strip()).expanduser()

    def deliver(self) -> None:
        """Hand the order over and close."""
        self._show()
        if not self.deliver_button.isEnabled():
            return
        options = self.options
        kept = dict(self._store.values.export_options) | {KEPT_AS: options_as_json(options)}
        self._store.change(export_options=kept, default_folder=str(self.folder))
        self.accept()
        self._begin(DeliverOrder(self._performance, self.folder, options, datetime.now().isoformat(timespec="minutes")))

    def choose_place(self) -> None:
        """Ask for the folder by the system's dialog."""
        chosen = QFileDialog.getExistingDirectory(self, "Deliver to", str(self.folder))
        if chosen:
            self.place.setText(chosen)

    def _show(self) -> None:
        """The name that it would get, and what stands in the way."""
        if not hasattr(self, "deliver_button"):
            return
        options, trouble, names = self.options, [], []
        try:
            version = version_for(self.folder, options)
            names = files_of(options, self._performance, version)
            self.preview.setText(f"{bundle_name(options, version)}, {len(names)} files")
        except BadTemplate as error:
            self.preview.setText("")
            trouble.append(Finding("template", "error", str(error), "Usual names", _usual_names))
        if not self.folder.is_dir():
            trouble.append(Finding("folder", "error", f"There is no folder {self.folder}; choose another one."))
        if not any(part.is_wanted(options) for part in PARTS):
            trouble.append(Finding("contents", "error", "Nothing is chosen: choose a format."))
        self.preview.setToolTip("\n".join(("A new version; those before stay as they are.", *names)))
        subject = subject_of(
            self._performance, options, "BVH" if options.has_bvh else "", not options.has_bvh or options.has_fbx
        )
        self.findings.show_findings((*trouble, *preflight(subject, options)))
        self.deliver_button.setEnabled(not self.findings.is_refused)

    def _choose_rig(self, name: str) -> None:
        combo = self.forms["Shot"].controls["rig"]
        assert isinstance(combo, QComboBox)
        offer(combo, RIGS, name)
        self._show()

    def _mend(self, finding: Finding) -> None:
        if finding.fix is not None:
            mended = finding.fix(self.options)
            for shown in self.forms.values():
                shown.show_options(mended)
            self._show()

    def _add_place(self) -> None:
        self.place, choose = QLineEdit(str(self._usual_folder())), QPushButton("Choose\u2026")
        self.place.setAccessibleName("Folder")
        self.place.setToolTip("Folder\nThe shot's own folder appears in it")
        self.place.textChanged.connect(lambda _: self._show())
        choose.setToolTip("Choose\u2026\nPick the folder in a file dialog")
        choose.setAutoDefault(False)
        choose.clicked.connect(self.choose_place)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(space(1))
        line.addWidget(self.place, 1)
        line.addWidget(choose)
        holder = QWidget()
        holder.setLayout(line)
        rows = form()
        add_row(rows, "Folder", holder)
        self.column.addLayout(rows)

    def _usual_folder(self) -> Path:
        chosen = self._store.values.default_folder
        return Path(chosen) if chosen and Path(chosen).is_dir() else Path.home()


def _usual_names(options: DeliverOptions) -> DeliverOptions:
    return replace(options, template=TEMPLATE)
