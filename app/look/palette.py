"""A theme as Qt's palette, for what no style sheet reaches: painted widgets, native text, links."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

from app.look.contrast import mixed
from app.look.icons import disabled_colour
from editor.theme import Theme

_Role = QPalette.ColorRole


def palette_of(theme: Theme) -> QPalette:
    """The palette; what is disabled is muted towards the panel."""
    roles = {
        _Role.Window: theme.window,
        _Role.WindowText: theme.text,
        _Role.Base: theme.window,
        _Role.AlternateBase: theme.panel,
        _Role.Text: theme.text,
        _Role.PlaceholderText: theme.muted,
        _Role.Button: theme.raised,
        _Role.ButtonText: theme.text,
        _Role.BrightText: theme.error,
        _Role.ToolTipBase: theme.raised,
        _Role.ToolTipText: theme.text,
        _Role.Highlight: mixed(theme.panel, theme.accent, 0.22),
        _Role.HighlightedText: theme.text,
        _Role.Link: theme.accent,
        _Role.LinkVisited: theme.accent,
        _Role.Accent: theme.accent,
        _Role.Light: mixed(theme.raised, theme.text, 0.08),
        _Role.Midlight: theme.raised,
        _Role.Mid: theme.line,
        _Role.Dark: theme.line,
        _Role.Shadow: theme.window,
    }
    palette = QPalette()
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(disabled_colour(theme)))
    return palette
