"""The window's colours and measures by name: one table, read by every widget. Nothing here knows Qt."""

from __future__ import annotations

from dataclasses import dataclass

SPACE = (4, 8, 12, 16)
RADIUS = 4
ROW_HEIGHT, CONTROL_HEIGHT = 24, 28
FONT_FAMILY = "Inter"
FONT_PX = (11, 12, 16)  # small, normal, large: there are no others


@dataclass(frozen=True)
class Theme:
    """Colours as #rrggbb.

    Attributes:
        window, panel, raised, line: Surfaces from the back to the front, and the lines between them.
        text, muted: Text; contrast to all surfaces at least 4.5:1.
        accent: What is active, playing, selected.
        on_accent: Text on the accent.
        left, right, trunk: Limbs of the body's left and right, and its middle.
        error, warning, note: Severities: triangle, diamond, circle.
        past, future: Ghosts: dashed, dotted.
        wave, beat, downbeat: The music's lanes.
        joy, sorrow, tension, serenity: Emotions.
        clip, clip_text: A clip on the timeline.
        stage: The picture's background.
        is_dark: Whether text is lighter than surfaces.
    """

    name: str
    window: str
    panel: str
    raised: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    left: str
    right: str
    trunk: str
    error: str
    warning: str
    note: str
    past: str
    future: str
    wave: str
    beat: str
    downbeat: str
    joy: str
    sorrow: str
    tension: str
    serenity: str
    clip: str
    clip_text: str
    stage: str
    is_dark: bool


DARK = Theme(
    name="dark", window="#1b1c1f", panel="#232428", raised="#2c2e33", line="#3a3d44", text="#e6e7ea", muted="#9a9da6",
    accent="#4aa3ff", on_accent="#0b1420", left="#56b4e9", right="#e69f00", trunk="#c9ccd3", error="#e8743b",
    warning="#f0e442", note="#1fb589", past="#56b4e9", future="#cc79a7", wave="#6f7a8c", beat="#6c7280",
    downbeat="#b9bec9", joy="#f0e442", sorrow="#56b4e9", tension="#e8743b", serenity="#1fb589", clip="#34506e",
    clip_text="#f2f4f8", stage="#1b1c1f", is_dark=True,
)  # fmt: skip
LIGHT = Theme(
    name="light", window="#e9eaed", panel="#f4f5f7", raised="#ffffff", line="#c3c6cd", text="#1d1f24", muted="#5b606b",
    accent="#0b63c4", on_accent="#ffffff", left="#0072b2", right="#a86400", trunk="#5b606b", error="#b54700",
    warning="#8a6d00", note="#00704f", past="#0072b2", future="#a3477c", wave="#7d8796", beat="#7f8591",
    downbeat="#4a4f5a", joy="#8a6d00", sorrow="#0072b2", tension="#b54700", serenity="#00704f", clip="#bcd3ec",
    clip_text="#12233a", stage="#d9dbe0", is_dark=False,
)  # fmt: skip
HIGH_CONTRAST = Theme(
    name="high contrast", window="#000000", panel="#000000", raised="#161616", line="#9a9a9a", text="#ffffff",
    muted="#d6d6d6", accent="#ffd400", on_accent="#000000", left="#6cc6ff", right="#ffb000", trunk="#ffffff",
    error="#ff7a33", warning="#fff04a", note="#2ee6ab", past="#6cc6ff", future="#ff9ad0", wave="#c8c8c8",
    beat="#8c8c8c", downbeat="#ffffff", joy="#fff04a", sorrow="#6cc6ff", tension="#ff7a33", serenity="#2ee6ab",
    clip="#0a3a66", clip_text="#ffffff", stage="#000000", is_dark=True,
)  # fmt: skip
THEMES = {theme.name: theme for theme in (DARK, LIGHT, HIGH_CONTRAST)}
