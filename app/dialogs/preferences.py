"""Edit > Preferences: look, keys, sound, engine, editing. Everything applies at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from app.dialogs.beat_tracker import TrackerChoice
from app.dialogs.keys_editor import KeysEditor
from app.dialogs.parts import Dialog, Sections, add_row, form, page, space, words
from app.keymap import KeyMap
from app.settings import Preferences, PreferenceStore
from app.window.commands import Command
from editor.theme import THEMES

_SCALES = (0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)
_ENGINES = {"auto": "Automatic", "cpu": "Processor (CPU)", "cuda": "NVIDIA graphics card (CUDA)"}
_DEFAULT_OUTPUT = "The system\u2019s output"
_SIZE = (720, 520)


class PreferencesDialog(Dialog):
    """Changes the preferences; the window hears of it through `store.changed` and dresses itself anew.

    Args:
        parent: Whose window it stands over.
        store: The preferences.
        commands: The table, for the keys.
        audio_devices: Names of outputs.
        tap_test: Measures the latency by tapping along: given the dialog, answers seconds, or None where it was
            cancelled; None for no such test.
    """

    def __init__(
        self,
        parent: QWidget | None,
        store: PreferenceStore,
        commands: Sequence[Command],
        audio_devices: Sequence[str] = (),
        tap_test: Callable[[QWidget], float | None] | None = None,
    ) -> None:
        super().__init__(parent, "Preferences")
        self._store, self._tap_test = store, tap_test
        values = store.values
        self.keys = KeysEditor(commands, KeyMap(values.key_preset, values.key_overrides))
        self.keys.changed.connect(self._keep_keys)
        self.sections = Sections("Sections", THEMES[values.theme])
        self.sections.add("Look", "monitor", self._look_page(values))
        self.sections.add("Keys", "keyboard", self.keys)
        self.sections.add("Sound", "volume-2", self._sound_page(values, audio_devices))
        self.sections.add("Engine", "cpu", self._engine_page(values))
        self.sections.add("Editing", "pencil", self._editing_page(values))
        self.column.addWidget(self.sections, 1)
        self.add_button("Close", self.accept, "Close (Esc)\nEverything is kept already", kind="primary")
        self._forget = store.changed.connect(self._follow)
        self.finished.connect(lambda _: self._forget())
        self.sections.names.setFocus()
        self.resize_scaled(*_SIZE)

    def _look_page(self, values: Preferences) -> QWidget:
        self.theme = QComboBox()
        for name in THEMES:
            self.theme.addItem(name.capitalize(), name)
        self.theme.setCurrentIndex(list(THEMES).index(values.theme))
        self.theme.activated.connect(lambda _: self._store.change(theme=self.theme.currentData()))
        self.scale = QComboBox()
        for scale in sorted({*_SCALES, values.ui_scale}):
            self.scale.addItem(f"{100 * scale:.0f} %", scale)
        self.scale.setCurrentIndex(self.scale.findData(values.ui_scale))
        self.scale.activated.connect(lambda _: self._store.change(ui_scale=self.scale.currentData()))
        rows = form()
        add_row(rows, "Theme", self.theme, "High contrast has the strongest lines and text")
        add_row(rows, "Size", self.scale, "Of text and controls; your screen\u2019s own scale comes on top")
        self.reduce_motion = self._box("reduce_motion", "Reduce motion", "No fades in the window itself")
        rows.addRow("", self.reduce_motion)
        return page(rows)

    def _sound_page(self, values: Preferences, devices: Sequence[str]) -> QWidget:
        self.audio_device = QComboBox()
        self.audio_device.addItem(_DEFAULT_OUTPUT, "")
        gone = [values.audio_device] if values.audio_device and values.audio_device not in devices else []
        for name in [*devices, *gone]:
            self.audio_device.addItem(f"{name} (not there now)" if name in gone else name, name)
        self.audio_device.setCurrentIndex(max(self.audio_device.findData(values.audio_device), 0))
        self.audio_device.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.audio_device.setMinimumContentsLength(24)
        self.audio_device.activated.connect(lambda _: self._choose_device())
        self.latency = QDoubleSpinBox()
        self.latency.setRange(-2000.0, 2000.0)
        self.latency.setDecimals(0)
        self.latency.setSingleStep(5.0)
        self.latency.setSuffix(" ms")
        self.latency.setValue(1000.0 * values.latency_s.get(values.audio_device, 0.0))
        self.latency.setKeyboardTracking(False)
        self.latency.valueChanged.connect(lambda value: self._keep_latency(value / 1000.0))
        self.tap_button = QPushButton("Tap test\u2026")
        self.tap_button.setAutoDefault(False)
        self.tap_button.setToolTip("Tap test\u2026\nTap along with a click; the latency is measured from it")
        self.tap_button.setVisible(self._tap_test is not None)
        self.tap_button.clicked.connect(self._tap)
        self.latency.setAccessibleName("Picture later by")
        rows = form()
        add_row(rows, "Output", self.audio_device, "Where the song is heard")
        add_row(rows, "Picture later by", _side_by_side(self.latency, self.tap_button),
                "Raise it where the picture runs ahead of what you hear, as with wireless headphones")  # fmt: skip
        return page(rows)

    def _engine_page(self, values: Preferences) -> QWidget:
        self.engine_device = QComboBox()
        for name, text in _ENGINES.items():
            self.engine_device.addItem(text, name)
        self.engine_device.setCurrentIndex(list(_ENGINES).index(values.engine_device))
        self.engine_device.activated.connect(
            lambda _: self._store.change(engine_device=self.engine_device.currentData())
        )
        self.tracker = TrackerChoice(values.beat_weights)
        self.tracker.chosen.connect(lambda path: self._store.change(beat_weights=path))
        rows = form()
        add_row(rows, "Dances on", self.engine_device, "Automatic takes a graphics card where one can be used")
        add_row(rows, "Beats by", self.tracker, "Songs are heard by it from now on; Beats > Listen again for this one")
        same = words("The same settings and seed give the same dance on the same device.", "small")
        offer = words(self.tracker.offer, "small")
        offer.setMinimumWidth(40 * offer.fontMetrics().averageCharWidth())  # narrower, it would need the whole screen
        return page(rows, same, offer)

    def _editing_page(self, values: Preferences) -> QWidget:
        self.autosave = self._box("is_autosave_on", "Autosave", "Every edit goes to a journal beside the piece")
        self.embeds = self._box("embeds_songs", "Keep the song inside the project", "Else only where it lies is kept")
        self.wheel = self._box("wheel_zooms", "The wheel zooms the timeline", "Else it moves it, and Ctrl zooms")
        self.folder = QLineEdit(values.default_folder)
        self.folder.setPlaceholderText("Your home folder")
        self.folder.setReadOnly(True)
        self.folder.setAccessibleName("Folder")
        choose = QPushButton("Choose\u2026")
        choose.setAutoDefault(False)
        choose.setToolTip("Choose\u2026\nThe folder in which file dialogs open")
        choose.clicked.connect(self._choose_folder)
        rows = form()
        rows.addRow("", self.autosave)
        rows.addRow("", self.embeds)
        rows.addRow("", self.wheel)
        add_row(rows, "Folder", _side_by_side(self.folder, choose), "Where file dialogs open")
        return page(rows)

    def _box(self, field: str, text: str, says: str) -> QCheckBox:
        made = QCheckBox(text)
        made.setChecked(bool(getattr(self._store.values, field)))
        made.setAccessibleName(text)
        made.setToolTip(f"{text}\n{says}")
        made.toggled.connect(lambda is_on: self._store.change(**{field: is_on}))
        return made

    def _choose_device(self) -> None:
        name = self.audio_device.currentData()
        self._store.change(audio_device=name)
        self.latency.blockSignals(True)
        self.latency.setValue(1000.0 * self._store.values.latency_s.get(name, 0.0))
        self.latency.blockSignals(False)

    def _keep_latency(self, latency_s: float) -> None:
        kept: dict[str, Any] = dict(self._store.values.latency_s)
        kept[self._store.values.audio_device] = latency_s
        self._store.change(latency_s=kept)

    def _tap(self) -> None:
        measured = self._tap_test(self) if self._tap_test is not None else None
        if measured is not None:
            self.latency.setValue(round(1000.0 * measured))

    def _choose_folder(self) -> None:
        start = self._store.values.default_folder or str(Path.home())
        chosen = QFileDialog.getExistingDirectory(self, "Choose a folder", start)
        if chosen:
            self.folder.setText(chosen)
            self._store.change(default_folder=chosen)

    def _keep_keys(self) -> None:
        keymap = self.keys.keymap
        self._store.change(key_preset=keymap.preset, key_overrides=keymap.overrides)

    def _follow(self, old: Preferences, new: Preferences) -> None:
        if (old.theme, old.ui_scale) != (new.theme, new.ui_scale):
            self.sections.set_theme(THEMES[new.theme])
        if old.ui_scale != new.ui_scale:
            self.resize_scaled(*_SIZE)


def _side_by_side(*widgets: QWidget) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(space(1))
    is_text = isinstance(widgets[0], QLineEdit)
    row.addWidget(widgets[0], int(is_text))
    for widget in widgets[1:]:
        row.addWidget(widget)
    if not is_text:
        row.addStretch(1)
    made.setFocusProxy(widgets[0])
    return made
