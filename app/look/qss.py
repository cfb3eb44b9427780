"""The one style sheet: every Qt widget in a theme's colours and measures.

A widget may carry the property `kind` to be more than its class says:
    QLabel          "title" (large), "heading" (semibold), "muted", "small" (small and muted)
    QPushButton     "primary" (the one that Enter presses), "quiet" (no frame until hovered)
    QLineEdit       "inline" (typed over what it names, no higher than its row)
    QFrame, QWidget "bar" (panel with a line above), "card" (raised, rounded), "sunken"
"""

from __future__ import annotations

from app.look.contrast import contrast, mixed
from app.look.fonts import SIZES
from app.look.icons import disabled_colour
from app.look.pictures import picture_url
from editor.theme import CONTROL_HEIGHT, RADIUS, ROW_HEIGHT, SPACE, Theme

# What a picture in the sheet is called -> the icon, and the theme's colour for it.
_PICTURES = {
    "tick": ("check", "on_accent"),
    "dash": ("minus", "on_accent"),
    "menu_tick": ("check", "accent"),
    "down": ("chevron-down", "text"),
    "up": ("chevron-up", "text"),
    "right": ("chevron-right", "text"),
    "left": ("chevron-left", "text"),
    "close": ("x", "text"),
    "float": ("maximize", "text"),
}
_LEAST_EDGE = 3.0  # contrast of a control's edge to what is round it


def style_sheet(theme: Theme, scale: float) -> str:
    """The sheet for a theme at a scale."""
    return _SHEET % {**_colours(theme), **_measures(scale), **_urls(theme)}


def edge_colour(theme: Theme) -> str:
    """The faintest mix of line and text that still shows where a box to tick or to write in is."""
    shares = (step / 20 for step in range(21))
    edges = (mixed(theme.line, theme.text, share) for share in shares)
    return next(e for e in edges if min(contrast(e, s) for s in (theme.window, theme.panel)) >= _LEAST_EDGE)


def _colours(theme: Theme) -> dict[str, str]:
    names = ("window", "panel", "raised", "line", "text", "muted", "accent", "on_accent", "error", "warning")
    return {name: getattr(theme, name) for name in names} | {
        "hover": mixed(theme.raised, theme.text, 0.08),
        "pressed": mixed(theme.raised, theme.window, 0.5),
        "selected": mixed(theme.panel, theme.accent, 0.22),
        "accent_hover": mixed(theme.accent, theme.text, 0.15),
        "edge": edge_colour(theme),
        "field": theme.window if theme.is_dark else theme.raised,
        "thumb": mixed(theme.line, theme.muted, 0.5),
        "off": disabled_colour(theme),
    }


def _measures(scale: float) -> dict[str, str]:
    pixels = {
        **{f"s{space}": space for space in SPACE},
        **{f"font_{name}": size for name, size in SIZES.items()},
        "s2": 2, "s6": 6, "radius": RADIUS, "row": ROW_HEIGHT, "control": CONTROL_HEIGHT - 2, "bar": 10,
        "box": 14, "mark": 12, "handle": 14, "groove": 4, "arrow": 20, "menu_left": 18, "spin": 16, "thumb_least": 24,
        "spin_least": CONTROL_HEIGHT - 5, "float_right": 26, "icon": 18,
    }  # fmt: skip
    measures = {name: f"{max(round(value * scale), 1)}px" for name, value in pixels.items()}
    handle, groove = round(14 * scale), max(round(4 * scale), 1)
    bar = round(10 * scale)
    return measures | {
        "handle_out": f"-{(handle - groove) // 2}px",
        "handle_round": f"{handle // 2}px",
        "radio_round": f"{round(14 * scale) // 2 + 1}px",
        "bar_round": f"{max((bar - 4) // 2, 1)}px",
    }


def _urls(theme: Theme) -> dict[str, str]:
    return {key: picture_url(name, getattr(theme, colour)) for key, (name, colour) in _PICTURES.items()} | {
        "down_off": picture_url("chevron-down", disabled_colour(theme)),
        "up_off": picture_url("chevron-up", disabled_colour(theme)),
    }


_SHEET = """
* { outline: none; }
QMainWindow, QDialog { background: %(window)s; color: %(text)s; }
QMainWindow::separator { background: %(window)s; width: %(s4)s; height: %(s4)s; }
QMainWindow::separator:hover { background: %(accent)s; }
QSplitter::handle { background: %(window)s; }
QSplitter::handle:horizontal { width: %(s4)s; }
QSplitter::handle:vertical { height: %(s4)s; }
QSplitter::handle:hover { background: %(accent)s; }

QLabel { background: transparent; color: %(text)s; }
QLabel:disabled { color: %(off)s; }
QLabel[kind="title"] { font-size: %(font_large)s; font-weight: 600; }
QLabel[kind="heading"] { font-weight: 600; }
QLabel[kind="muted"] { color: %(muted)s; }
QLabel[kind="small"] { color: %(muted)s; font-size: %(font_small)s; }
QFrame[kind="bar"], QWidget[kind="bar"] { background: %(panel)s; border: none; border-top: 1px solid %(line)s; }
QFrame[kind="card"], QWidget[kind="card"] {
    background: %(raised)s; border: 1px solid %(line)s; border-radius: %(radius)s; }
QFrame[kind="sunken"], QWidget[kind="sunken"] {
    background: %(window)s; border: 1px solid %(line)s; border-radius: %(radius)s; }
QFrame[frameShape="4"], QFrame[frameShape="5"] { color: %(line)s; }
QGroupBox { border: none; margin-top: %(s16)s; padding-top: %(s4)s; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; left: 0; padding: 0; }

QMenuBar { background: %(window)s; color: %(text)s; padding: 0 %(s4)s; border: none; }
QMenuBar::item { background: transparent; padding: %(s6)s %(s8)s; border-radius: %(radius)s; }
QMenuBar::item:selected { background: %(raised)s; }
QMenuBar::item:pressed { background: %(selected)s; }
QMenu { background: %(raised)s; color: %(text)s; border: 1px solid %(line)s; padding: %(s4)s; }
QMenu::item { padding: %(s4)s %(s16)s %(s4)s %(menu_left)s; min-height: %(s16)s; border-radius: %(radius)s; }
QMenu::item:selected { background: %(selected)s; }
QMenu::item:disabled { color: %(off)s; }
QMenu::separator { height: 1px; background: %(line)s; margin: %(s4)s %(s4)s; }
QMenu::icon { padding-left: %(s4)s; }
QMenu::indicator { width: %(mark)s; height: %(mark)s; left: %(s4)s; }
QMenu::indicator:checked { image: %(menu_tick)s; }
QMenu::right-arrow { image: %(right)s; width: %(mark)s; height: %(mark)s; right: %(s4)s; }

QToolTip { background: %(raised)s; color: %(text)s; border: 1px solid %(edge)s; padding: %(s4)s %(s6)s; }
QStatusBar { background: %(panel)s; color: %(muted)s; border: none; }
QStatusBar::item { border: none; }

QDockWidget { color: %(muted)s; titlebar-close-icon: %(close)s; titlebar-normal-icon: %(float)s; }
QDockWidget::title {
    background: %(panel)s; text-align: left; padding: %(s6)s %(s12)s; border-bottom: 1px solid %(line)s; }
QDockWidget::close-button, QDockWidget::float-button { background: transparent; border: none;
    width: %(s16)s; height: %(s16)s; border-radius: %(radius)s; subcontrol-origin: padding;
    subcontrol-position: center right; position: absolute; top: 0; bottom: 0; }
QDockWidget::close-button { right: %(s6)s; }
QDockWidget::float-button { right: %(float_right)s; }
QDockWidget::close-button:hover, QDockWidget::float-button:hover { background: %(hover)s; }
QDockWidget > QWidget { background: %(panel)s; }
QTabWidget::pane { border: none; background: %(panel)s; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: %(muted)s; padding: %(s6)s %(s12)s; border: none;
    border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: %(text)s; }
QTabBar::tab:selected { color: %(text)s; border-bottom: 2px solid %(accent)s; }
QTabBar::tab:focus { color: %(text)s; background: %(selected)s; }
QTabBar::close-button { image: %(close)s; }
QTabBar QToolButton { background: %(panel)s; }

QToolBar { background: %(panel)s; border: none; spacing: %(s4)s; padding: %(s4)s; icon-size: %(icon)s; }
QToolBar::separator { background: %(line)s; width: 1px; height: 1px; margin: %(s4)s; }
QToolButton { background: transparent; color: %(text)s; border: 2px solid transparent; border-radius: %(radius)s;
    padding: %(s4)s; }
QToolButton:hover { background: %(hover)s; }
QToolButton:pressed { background: %(pressed)s; }
QToolButton:checked { background: %(selected)s; color: %(text)s; }
QToolButton:disabled { color: %(off)s; }
QToolButton:focus { border-color: %(accent)s; }
QToolButton::menu-indicator { image: none; }

QPushButton { background: %(raised)s; color: %(text)s; border: 1px solid %(line)s; border-radius: %(radius)s;
    padding: 0 %(s12)s; min-height: %(control)s; }
QPushButton:hover { background: %(hover)s; border-color: %(edge)s; }
QPushButton:pressed { background: %(pressed)s; }
QPushButton:checked { background: %(selected)s; border-color: %(accent)s; }
QPushButton:disabled { background: %(panel)s; color: %(off)s; }
QPushButton:focus { border: 2px solid %(accent)s; padding: 0 %(s12)s; min-height: %(control)s; margin: -1px; }
QPushButton[kind="primary"] { background: %(accent)s; color: %(on_accent)s; border-color: %(accent)s;
    font-weight: 600; }
QPushButton[kind="primary"]:hover { background: %(accent_hover)s; border-color: %(accent_hover)s; }
QPushButton[kind="primary"]:focus { border: 2px solid %(text)s; }
QPushButton[kind="primary"]:disabled { background: %(panel)s; color: %(off)s; border-color: %(line)s; }
QPushButton[kind="quiet"] { background: transparent; border-color: transparent; padding: 0 %(s8)s; }
QPushButton[kind="quiet"]:hover { background: %(hover)s; }
QPushButton[kind="quiet"]:focus { border: 2px solid %(accent)s; padding: 0 %(s8)s; }
QPushButton::menu-indicator { image: %(down)s; width: %(mark)s; height: %(mark)s;
    subcontrol-origin: padding; subcontrol-position: center right; right: %(s6)s; }

QLineEdit, QAbstractSpinBox, QPlainTextEdit, QTextEdit, QTextBrowser, QKeySequenceEdit QLineEdit {
    background: %(field)s; color: %(text)s; border: 1px solid %(edge)s; border-radius: %(radius)s;
    selection-background-color: %(accent)s; selection-color: %(on_accent)s; }
QLineEdit { padding: 0 %(s8)s; min-height: %(control)s; }
QLineEdit[kind="inline"] { padding: 0 %(s4)s; min-height: 0; }
QPlainTextEdit, QTextEdit, QTextBrowser { padding: %(s4)s; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { border-color: %(muted)s; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: %(off)s; border-color: %(line)s;
    background: %(panel)s; }
QLineEdit:focus, QAbstractSpinBox:focus, QPlainTextEdit:focus, QTextEdit:focus, QTextBrowser:focus {
    border: 2px solid %(accent)s; margin: -1px; }
QLineEdit[kind="inline"]:focus { border: 1px solid %(accent)s; margin: 0; }
QAbstractSpinBox QLineEdit { border: none; padding: 0; min-height: 0; margin: 0; background: transparent; }
QAbstractSpinBox { padding: 0 %(arrow)s 0 %(s4)s; min-height: %(spin_least)s;
    qproperty-alignment: "AlignRight|AlignVCenter"; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { background: transparent; border: none;
    width: %(spin)s; subcontrol-origin: border; margin-right: %(s4)s; }
QAbstractSpinBox::up-button { subcontrol-position: top right; margin-top: %(s2)s; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin-bottom: %(s2)s; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: %(hover)s; }
QAbstractSpinBox::up-arrow { image: %(up)s; width: %(mark)s; height: %(mark)s; }
QAbstractSpinBox::down-arrow { image: %(down)s; width: %(mark)s; height: %(mark)s; }
QAbstractSpinBox::up-arrow:disabled, QAbstractSpinBox::up-arrow:off { image: %(up_off)s; }
QAbstractSpinBox::down-arrow:disabled, QAbstractSpinBox::down-arrow:off { image: %(down_off)s; }

QComboBox { background: %(raised)s; color: %(text)s; border: 1px solid %(line)s; border-radius: %(radius)s;
    padding: 0 %(arrow)s 0 %(s8)s; min-height: %(control)s; }
QComboBox:focus { border: 2px solid %(accent)s; margin: -1px; }
QComboBox::drop-down { border: none; width: %(arrow)s; subcontrol-origin: border; subcontrol-position: center right; }
QComboBox::down-arrow { image: %(down)s; width: %(mark)s; height: %(mark)s; }
QComboBox::down-arrow:disabled { image: %(down_off)s; }
QComboBox QAbstractItemView { background: %(raised)s; color: %(text)s; border: 1px solid %(line)s;
    selection-background-color: %(selected)s; selection-color: %(text)s; padding: %(s4)s; outline: none; }
QComboBox QAbstractItemView::item { min-height: %(row)s; padding: 0 %(s4)s; }

QCheckBox, QRadioButton { background: transparent; color: %(text)s; spacing: %(s8)s; border: 2px solid transparent;
    border-radius: %(radius)s; padding: %(s2)s; }
QCheckBox:focus, QRadioButton:focus { border-color: %(accent)s; }
QCheckBox:disabled, QRadioButton:disabled { color: %(off)s; }
QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator { width: %(box)s; height: %(box)s;
    border: 1px solid %(edge)s; border-radius: 3px; background: %(field)s; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: %(accent)s; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked { background: %(accent)s;
    border-color: %(accent)s; image: %(tick)s; }
QCheckBox::indicator:indeterminate { background: %(accent)s; border-color: %(accent)s; image: %(dash)s; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-color: %(off)s; background: %(panel)s; }
QRadioButton::indicator { border-radius: %(radio_round)s; }
QRadioButton::indicator:checked { border-color: %(accent)s; background: qradialgradient(cx:0.5, cy:0.5, radius:0.5,
    fx:0.5, fy:0.5, stop:0 %(accent)s, stop:0.55 %(accent)s, stop:0.65 %(field)s, stop:1 %(field)s); }

QSlider { border: 2px solid transparent; border-radius: %(radius)s; background: transparent; }
QSlider:focus { border-color: %(accent)s; }
QSlider::groove:horizontal { height: %(groove)s; border-radius: %(s2)s; background: %(line)s; }
QSlider::sub-page:horizontal { background: %(accent)s; border-radius: %(s2)s; }
QSlider::handle:horizontal { width: %(handle)s; height: %(handle)s; margin: %(handle_out)s 0;
    border-radius: %(handle_round)s; background: %(text)s; }
QSlider::groove:vertical { width: %(groove)s; border-radius: %(s2)s; background: %(line)s; }
QSlider::add-page:vertical { background: %(accent)s; border-radius: %(s2)s; }
QSlider::handle:vertical { width: %(handle)s; height: %(handle)s; margin: 0 %(handle_out)s;
    border-radius: %(handle_round)s; background: %(text)s; }
QSlider::handle:hover { background: %(accent)s; }
QSlider::handle:disabled, QSlider::sub-page:disabled, QSlider::add-page:vertical:disabled { background: %(off)s; }

QScrollArea, QScrollArea > QWidget > QWidget[kind="page"] { background: transparent; border: none; }
QAbstractScrollArea::corner { background: transparent; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: %(bar)s; }
QScrollBar:horizontal { height: %(bar)s; }
QScrollBar::handle { background: %(thumb)s; border-radius: %(bar_round)s; margin: 2px; }
QScrollBar::handle:vertical { min-height: %(thumb_least)s; }
QScrollBar::handle:horizontal { min-width: %(thumb_least)s; }
QScrollBar::handle:hover { background: %(muted)s; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QProgressBar { background: %(line)s; border: none; border-radius: %(s2)s; max-height: %(s4)s; min-height: %(s4)s;
    text-align: center; color: transparent; }
QProgressBar::chunk { background: %(accent)s; border-radius: %(s2)s; }

QAbstractItemView { background: %(field)s; alternate-background-color: %(panel)s; color: %(text)s;
    border: 1px solid %(line)s; border-radius: %(radius)s; selection-background-color: %(selected)s;
    selection-color: %(text)s; gridline-color: %(line)s; }
QListView:focus, QTreeView:focus, QTableView:focus { border: 2px solid %(accent)s; margin: -1px; }
QListView::item, QTreeView::item, QTableView::item { min-height: %(row)s; padding: 0 %(s4)s; border: none;
    color: %(text)s; }
QListView::item:hover, QTreeView::item:hover, QTableView::item:hover { background: %(hover)s; }
QListView::item:selected, QTreeView::item:selected, QTableView::item:selected { background: %(selected)s;
    color: %(text)s; }
QListView::item:disabled, QTreeView::item:disabled { color: %(off)s; }
QTreeView::branch { background: transparent; }
QTreeView::branch:has-children:closed { image: %(right)s; }
QTreeView::branch:has-children:open { image: %(down)s; }
QTreeView { qproperty-uniformRowHeights: 1; }
QHeaderView { background: %(panel)s; border: none; }
QHeaderView::section { background: %(panel)s; color: %(muted)s; border: none; border-bottom: 1px solid %(line)s;
    padding: %(s4)s %(s8)s; min-height: %(s16)s; }
QListView[kind="sections"] { background: %(panel)s; border: 2px solid %(panel)s; border-radius: 0; padding: %(s4)s; }
QListView[kind="sections"]:focus { border: 2px solid %(panel)s; margin: 0; }
QListView[kind="sections"]::item { padding: %(s2)s %(s8)s; border-radius: %(radius)s;
    border: 2px solid transparent; }
QListView[kind="sections"]::item:focus { border: 2px solid %(accent)s; }
"""
