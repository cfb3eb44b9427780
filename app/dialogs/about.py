"""What this program is: version, the model's card, licences."""

from __future__ import annotations

import html
import json
import platform
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QTabWidget, QTextBrowser, QVBoxLayout, QWidget

from app import __version__
from app.dialogs.parts import Dialog, space, words
from app.look.fonts import current_scale
from app.look.icons import pixmap
from app.resources import resource_path
from editor.theme import Theme

_WHAT = (
    "The editor in which film choreographers write dance to music, with a generator as assistant. It uses no network "
    "and sends nothing anywhere."
)
_LIBRARIES = (
    "PySide6-Essentials", "torch", "numpy", "scipy", "librosa", "soundfile", "soxr", "sounddevice", "av",
    "PyOpenGL", "trimesh", "pillow", "safetensors", "platformdirs",
)  # fmt: skip


class AboutDialog(Dialog):
    """Version and what it is, then tabs: the model, licences, libraries.

    Args:
        parent: Whose window it stands over.
        theme: Its colours.
        model: What the engine says of the loaded model ("card", "device", "digest"); the bundled card without.
    """

    def __init__(self, parent: QWidget | None, theme: Theme, model: Mapping[str, Any] | None = None) -> None:
        super().__init__(parent, "About Kinetograph")
        self.column.addLayout(_head(theme))
        self.tabs = QTabWidget()
        self.tabs.addTab(_browser("The model", card_html(dict(model or {}), theme)), "The model")
        self.tabs.addTab(_plain("Licences", notice_text()), "Licences")
        self.tabs.addTab(_plain("Libraries", libraries_text()), "Libraries")
        self.column.addWidget(self.tabs, 1)
        close = self.add_button("Close", self.accept, "Close (Esc)\nBack to the piece", kind="primary")
        close.setFocus()
        self.resize_scaled(640, 520)


def card_html(model: Mapping[str, Any], theme: Theme) -> str:
    """What the model's card says, for people: what it saw, from where, what it cannot do."""
    card = model.get("card") or _bundled_card()
    if not card:
        return "<p>No model is there.</p>"
    card = escaped(card)
    claimed = set(card.get("claimed_styles", ()))
    styles = sorted(card.get("styles", {}).items(), key=lambda item: -item[1])
    rows = _rows((f"{name}{'' if name in claimed else ' *'}", f"{minutes:.1f} min") for name, minutes in styles)
    sources = _rows(
        (f"{of['minutes']:.1f} min", f"{name}<br><span style='color:{theme.muted}'>{of['licence']}</span>")
        for name, of in card.get("sources", {}).items()
    )
    limits = "".join(f"<li>{limit}</li>" for limit in card.get("limits", ()))
    facts = [f"{card.get('name', 'model')}: {card.get('kind', '')}"]
    facts += [f"on {model['device']}"] if model.get("device") else []
    facts += [f"weights {str(model['digest'])[:12]}"] if model.get("digest") else []
    return (
        f"<p>{', '.join(facts)}.</p>"
        f"<p><b>Styles that it saw</b></p><table cellpadding='2'>{rows}</table>"
        f"<p style='color:{theme.muted}'>* too little to be offered as learned</p>"
        f"<p><b>Where the motion comes from</b></p><table cellpadding='2'>{sources}</table>"
        f"<p><b>What it cannot do</b></p><ul>{limits}</ul>"
    )


def escaped(value: Any) -> Any:
    """A card's texts made safe for HTML: a model's card may come from anywhere."""
    if isinstance(value, str):
        return html.escape(value)
    if isinstance(value, Mapping):
        return {escaped(key): escaped(entry) for key, entry in value.items()}
    return [escaped(entry) for entry in value] if isinstance(value, list) else value


def notice_text() -> str:
    """The NOTICE file, from the checkout or the installed package, with the licences of what is bundled."""
    beside = Path(__file__).resolve().parents[2] / "NOTICE"
    text = beside.read_text("utf-8") if beside.is_file() else _installed_notice()
    for name in ("fonts", "icons"):
        path = resource_path(name) / "LICENSE"
        if path.is_file():
            text += f"\n\n{'-' * 60}\n{path.read_text('utf-8')}"
    return text


def libraries_text() -> str:
    """The libraries at work, with their versions."""
    lines = [f"Python {platform.python_version()} on {platform.system()} {platform.machine()}", ""]
    for name in _LIBRARIES:
        try:
            lines.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            lines.append(f"{name}: not installed")
    return "\n".join(lines)


def _installed_notice() -> str:
    try:
        files = metadata.files("kinetograph") or []
    except metadata.PackageNotFoundError:
        return "Kinetograph is licensed under the Apache License, Version 2.0."
    found = next((file for file in files if file.name == "NOTICE"), None)
    return found.read_text() if found is not None else ""


def _bundled_card() -> dict[str, Any]:
    path = resource_path("models/kinetograph/card.json")
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}


def _rows(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(f"<tr><td>{left}&nbsp;&nbsp;</td><td>{right}</td></tr>" for left, right in pairs)


def _head(theme: Theme) -> QHBoxLayout:
    picture = QLabel()
    side = round(40 * current_scale())
    picture.setPixmap(pixmap("clapperboard", theme, side, picture.devicePixelRatioF(), theme.accent))
    name, version = QLabel("Kinetograph"), QLabel(f"Version {__version__}")
    name.setProperty("kind", "title")
    version.setProperty("kind", "muted")
    line = QHBoxLayout()
    line.setSpacing(space(1))
    line.addWidget(name)
    line.addWidget(version, alignment=Qt.AlignmentFlag.AlignBottom)
    line.addStretch(1)
    column = QVBoxLayout()
    column.setSpacing(space(0))
    column.addLayout(line)
    column.addWidget(words(_WHAT, "muted"))
    head = QHBoxLayout()
    head.setSpacing(space(3))
    head.addWidget(picture, alignment=Qt.AlignmentFlag.AlignTop)
    head.addLayout(column, 1)
    return head


def _browser(name: str, page: str) -> QTextBrowser:
    made = QTextBrowser()
    made.setAccessibleName(name)
    made.setOpenLinks(False)
    made.setHtml(page)
    return made


def _plain(name: str, text: str) -> QPlainTextEdit:
    made = QPlainTextEdit(text)
    made.setReadOnly(True)
    made.setTabChangesFocus(True)
    made.setAccessibleName(name)
    return made
