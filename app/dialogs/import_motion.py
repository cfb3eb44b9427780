"""File > Import motion: how a file is understood, what it looks like on our body, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QSpinBox,
    QStackedWidget,
    QTabWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)
from PySide6.QtWidgets import QDoubleSpinBox as _Spin

from app.dialogs.joint_map import BY_HAND, JointMap
from app.dialogs.motion_preview import MotionPreview
from app.dialogs.option_form import OptionForm
from app.dialogs.parts import Dialog, add_row, form, page, space, words
from app.look.icons import severity_pixmap
from app.rigs import file_word
from editor.document.import_edits import Fit
from editor.jobs.import_tasks import READ, Fitted, ImportWish
from editor.jobs.motion_wire import motion_of
from editor.jobs.worker import Job, JobFailed, Worker
from editor.theme import Theme
from engine.errors import RigError
from engine.formats.import_fit import ImportReport
from engine.formats.importers import options_for
from engine.formats.rig_maps import save_rig_map
from engine.motion.motion import Motion
from engine.motion.rig import RigMap

DANCER, TAKE, REFERENCE, STYLE = "dancer", "take", "reference", "style"
_USES = {
    DANCER: ("A new dancer", "A dancer of the piece, from the playhead on."),
    TAKE: ("A take of the selection", "Danced where the selection is, going on from what is danced before it; "
                                      "what was there stays on the shelf."),
    REFERENCE: ("A reference", "Somebody to look at: shown faded, never exported, never made anew."),
    STYLE: ("Style material", "Kept in your style library, cleaned, with where it came from. Nothing is learned now: "
                              "training is a step of its own, on the command line (kinetograph train)."),
}  # fmt: skip
_FITS: dict[Fit, str] = {"trim": "Trim it to the selection", "stretch": "Change its speed to fit"}
_SETTLE_MS = 250  # after the last change of an option


@dataclass(frozen=True, eq=False)
class ImportChoice:
    """What is to be made of a file.

    Attributes:
        use: DANCER, TAKE, REFERENCE or STYLE.
        fitted: The motion as the preview showed it.
        name: Of the dancer, the reference or the take.
        fit: How a take is made as long as the selection.
        style, consent: Of style material.
    """

    use: str
    fitted: Fitted
    name: str
    fit: Fit = "trim"
    style: str = ""
    consent: str = ""

    @property
    def motion(self) -> Motion:
        """On the house skeleton at the project's rate."""
        motion = motion_of(self.fitted.frames)
        assert motion is not None
        return motion


class ImportDialog(Dialog):
    """Reads the file in the job process whenever an option changes; nothing is changed before Import is pressed.

    Args:
        parent: Whose window it stands over.
        theme: Its colours.
        path: The file.
        worker: Where it is read.
        rigs: The known maps of joints, and where her own are kept.
        selection: What is selected, such as "Ana, 4.0 s"; empty for nothing.
        choose: Called with the choice when Import is pressed.
        is_still: Whether the preview waits for the button.
    """

    def __init__(
        self,
        parent: QWidget | None,
        theme: Theme,
        path: Path,
        worker: Worker,
        rigs: tuple[tuple[RigMap, ...], Path],
        selection: str,
        choose: Callable[[ImportChoice], None],
        is_still: bool = False,
    ) -> None:
        super().__init__(parent, f"Import {path.name}")
        self._theme, self._path, self._worker, self._choose = theme, path, worker, choose
        self._rigs, self._folder = rigs
        self._by_hand: RigMap | None = None
        self.fitted: Fitted | None = None
        self._job: Job | None = None
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settling.timeout.connect(self.read)
        columns = QHBoxLayout()
        columns.setSpacing(space(3))
        columns.addWidget(self._left(selection), 2)
        columns.addLayout(self._right(is_still), 3)
        self.column.addLayout(columns, 1)
        self._add_note()
        self.add_button("Cancel", self.reject, "Cancel (Esc)\nChange nothing")
        self.import_button = self.add_button(
            "Import", self.take, "Import (Return)\nOne step, which can be undone", kind="primary"
        )
        self.finished.connect(lambda _: self._cancel())
        self._show_use()
        self.resize_scaled(960, 660)
        self.read()

    def read(self) -> None:
        """Read the file under the options as they stand, in the other process."""
        self._cancel()
        rig = self._by_hand or next((r for r in self._rigs if r.name == self.rig.currentData()), None)
        wish = ImportWish(self._path, self.options.options, self._rigs, rig, max(self.motion.currentIndex(), 0))
        self._say("", f"Reading {self._path.name}\u2026")
        self.progress.setVisible(True)
        self.progress.setValue(0)
        self.import_button.setEnabled(False)
        self._job = self._worker.submit(
            READ, wish, done=self._came, failed=self._failed,
            progressed=lambda fraction: self.progress.setValue(round(100 * fraction)),
        )  # fmt: skip

    def take(self) -> None:
        """Hand the choice over and close."""
        choice = self.choice
        if choice is not None and not self._lacks():
            self.accept()
            self._choose(choice)

    @property
    def use(self) -> str:
        """What becomes of it, as chosen."""
        return str(self.uses.currentData())

    @property
    def choice(self) -> ImportChoice | None:
        """What would be done; None while the file is not read."""
        if self.fitted is None:
            return None
        return ImportChoice(
            self.use, self.fitted, self.name.text().strip() or self._path.stem, self.fit.currentData(),
            self.style_name.text().strip(), self.consent.text().strip(),
        )  # fmt: skip

    # What it is made of

    def _left(self, selection: str) -> QWidget:
        self.options = OptionForm(options_for(self._path)())
        self.motion, self.rig = QComboBox(), QComboBox()
        self.motion.setToolTip("Motion\nWhich of the file's motions")
        self.rig.setToolTip("Joints\nWhich map says which of the file's joints is which of ours")
        self._fill_rigs()
        self.rig.activated.connect(lambda _: self._let_go())
        rows = form()
        add_row(rows, "Motion", self.motion)
        add_row(rows, "Joints", self.rig)
        for combo in (self.motion, self.rig):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(20)
            combo.activated.connect(lambda _: self._settling.start())
        for control in self.options.controls.values():
            self._follow(control)
        rate = self.options.controls["rate_hz"]
        if isinstance(rate, _Spin):
            rate.setSpecialValueText("the file's own")
            rate.setDecimals(3)
        use = self._use(selection)
        left = page(_heading("How it is read"), self.options, rows, _heading("What becomes of it"), use)
        _aligned(left)
        return left

    def _follow(self, control: QWidget) -> None:
        start = self._settling.start
        if isinstance(control, QComboBox):
            control.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            control.setMinimumContentsLength(20)
            control.activated.connect(lambda _: start())
        elif isinstance(control, QCheckBox):
            control.toggled.connect(lambda _: start())
        elif isinstance(control, QSpinBox | _Spin):
            control.valueChanged.connect(lambda _: start())
        elif isinstance(control, QLineEdit):
            control.editingFinished.connect(start)

    def _use(self, selection: str) -> QWidget:
        self.uses, self.fit = QComboBox(), QComboBox()
        self.name, self.style_name, self.consent = QLineEdit(self._path.stem), QLineEdit(), QLineEdit()
        for use, (label, _) in _USES.items():
            if use != TAKE or selection:
                self.uses.addItem(f"{label} ({selection})" if use == TAKE else label, use)
        self.uses.setToolTip("Use it as\nWhat becomes of the motion")
        for fit, label in _FITS.items():
            self.fit.addItem(label, fit)
        self.fit.setToolTip("Length\nHow the take is made as long as the selection")
        self.name.setToolTip("Name\nShown on the clip and beside the lane")
        self.style_name.setToolTip("Style\nThe name under which such movement is learned")
        self.style_name.setPlaceholderText("such as: my contemporary")
        self.consent.setToolTip("Consent\nWho danced it, and that it may be learned from; kept with the clip")
        self.consent.setPlaceholderText("such as: danced by Ana, who agreed on 3 May")
        rows, named, styled = form(), form(), form()
        add_row(rows, "Use it as", self.uses)
        add_row(named, "Name", self.name)
        self._fit_label = QLabel("Length")
        named.addRow(self._fit_label, self.fit)
        self.fit.setAccessibleName("Length")
        add_row(styled, "Style", self.style_name)
        add_row(styled, "Consent", self.consent)
        self._details = QStackedWidget()
        for part in (named, styled):
            self._details.addWidget(page(part))
        self._says = words("", "small")
        self.uses.currentIndexChanged.connect(lambda _: self._show_use())
        for edit in (self.style_name, self.consent):
            edit.textChanged.connect(lambda _: self._check())
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(1))
        column.addLayout(rows)
        column.addWidget(self._details)
        column.addWidget(self._says)
        return holder

    def _right(self, is_still: bool) -> QVBoxLayout:
        self.preview = MotionPreview(self._theme, is_still)
        self.report, self.joints = QTextBrowser(), JointMap(self.keep_map)
        self.report.setAccessibleName("Report")
        self.joints.changed.connect(self._map_by_hand)
        self.joints.dismissed.connect(self._find_anew)
        self.tabs = QTabWidget()
        self.tabs.addTab(self.report, "Report")
        self.tabs.addTab(self.joints, "Joints")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("How far the file is read")
        column = QVBoxLayout()
        column.setSpacing(space(1))
        for widget, stretch in ((self.preview, 3), (self.progress, 0), (self.tabs, 3)):
            column.addWidget(widget, stretch)
        return column

    def _add_note(self) -> None:
        self._shape, self.note = QLabel(), words("", "muted")
        side = space(3)
        self._shape.setFixedSize(side, side)
        row = QHBoxLayout()
        row.setSpacing(space(1))
        row.addWidget(self._shape)
        row.addWidget(self.note, 1)
        self.column.addLayout(row)

    # What comes back

    def _came(self, fitted: Fitted) -> None:
        self._job = None
        self.fitted = fitted
        self.progress.setVisible(False)
        if self.motion.count() != len(fitted.names):
            self.motion.clear()
            self.motion.addItems(list(fitted.names))
            self.motion.setEnabled(len(fitted.names) > 1)
        self.preview.show_motion(motion_of(fitted.frames))
        self.report.setHtml(report_html(fitted.report, self._theme))
        if self._by_hand is None:
            self.joints.show_map(fitted.joints, dict(fitted.report.joint_map), fitted.rig)
        self._say("", "")
        self._check()

    def _failed(self, error: JobFailed) -> None:
        self._job, self.fitted = None, None
        self.progress.setVisible(False)
        self.preview.show_motion(None)
        self.report.setHtml("")
        if self._by_hand is None:
            self.joints.show_map((), {}, RigMap(BY_HAND, "", {}))
        self._say("error", str(error))
        self.import_button.setEnabled(False)

    # The map of joints

    def keep_map(self, rig: RigMap, title: str) -> None:
        """Keep a map in her folder under a title, and read the file by it; one of hers of that title is replaced."""
        taken = {r.name: r for r in self._rigs}
        twin = next((r.name for r in self._rigs if r.is_own and r.title == title), "")
        name = twin or file_word(title, taken)
        kept = replace(rig, name=name, title=title, is_own=True)
        try:
            save_rig_map(self._folder / f"{name}.toml", kept)
        except RigError as error:
            self._say("error", str(error))
            return
        self._rigs = (kept, *(r for r in self._rigs if r.name != name))
        self._by_hand = None
        self._fill_rigs(name)
        self.read()

    def _fill_rigs(self, chosen: str = "") -> None:
        self.rig.clear()
        self.rig.addItem("found by itself", "")
        for rig in self._rigs:
            self.rig.addItem(f"{rig.title} (yours)" if rig.is_own else rig.title, rig.name)
        self.rig.setCurrentIndex(max(self.rig.findData(chosen), 0))

    def _map_by_hand(self, rig: RigMap) -> None:
        self._by_hand = rig
        if self.rig.findData(BY_HAND) < 0:
            self.rig.insertItem(1, "by hand", BY_HAND)
        self.rig.setCurrentIndex(self.rig.findData(BY_HAND))
        self._settling.start()

    def _let_go(self) -> None:
        """Another map was chosen: what was changed by hand is dropped."""
        if self.rig.currentData() != BY_HAND:
            self._by_hand = None
            self.rig.removeItem(self.rig.findData(BY_HAND))

    def _find_anew(self) -> None:
        self.rig.setCurrentIndex(0)
        self._let_go()
        self.read()

    def _show_use(self) -> None:
        self._details.setCurrentIndex(int(self.use == STYLE))
        for widget in (self._fit_label, self.fit):
            widget.setVisible(self.use == TAKE)
        self._says.setText(_USES[self.use][1])
        self._check()

    def _lacks(self) -> str:
        """What is still missing, a sentence; empty for nothing."""
        if self.use == STYLE and not (self.style_name.text().strip() and self.consent.text().strip()):
            return "Style material needs the name of its style and a line of consent."
        return ""

    def _check(self) -> None:
        if not hasattr(self, "import_button"):
            return
        lacks = self._lacks()
        if self._job is None and self.fitted is not None:
            self._say("note" if lacks else "", lacks)
        self.import_button.setEnabled(self.fitted is not None and self._job is None and not lacks)

    def _say(self, severity: str, sentence: str) -> None:
        self.note.setText(sentence)
        self._shape.setVisible(bool(severity))
        if severity:
            pixmap = severity_pixmap(severity, self._theme, self._shape.width(), self.devicePixelRatioF())
            self._shape.setPixmap(pixmap)

    def _cancel(self) -> None:
        self._settling.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None


def _aligned(root: QWidget) -> None:
    """Give the labels of all forms one width, so that their controls stand in one column."""
    forms = root.findChildren(QFormLayout)
    fields = [f.itemAt(i, QFormLayout.ItemRole.LabelRole) for f in forms for i in range(f.rowCount())]
    labels = [field.widget() for field in fields if field is not None and field.widget() is not None]
    widest = max(label.sizeHint().width() for label in labels)
    for label in labels:
        label.setMinimumWidth(widest)


def report_html(report: ImportReport, theme: Theme) -> str:
    """The report as a table; notes stand apart by their word, not by colour alone."""
    rows = "".join(
        f'<tr><td style="color:{theme.muted}; padding-right:12px">{escape(word)}</td><td>{escape(sentence)}</td></tr>'
        for word, sentence in report.lines()
    )
    return f'<table cellspacing="0" cellpadding="2">{rows}</table>'


def _heading(text: str) -> QWidget:
    label = QLabel(text)
    label.setProperty("kind", "heading")
    label.setAlignment(Qt.AlignmentFlag.AlignLeft)
    return label
