"""Colours as numbers: how well two are told apart, and what lies between them. Nothing here knows Qt."""

from __future__ import annotations


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours #rrggbb, 1 to 21 (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(back: str, front: str, share: float) -> str:
    """`front` laid over `back` with that share of opacity, #rrggbb."""
    pairs = zip(_channels(back), _channels(front), strict=True)
    return "#" + "".join(f"{round(b + (f - b) * share):02x}" for b, f in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    if len(colour) != 7 or colour[0] != "#":
        raise ValueError(f"expected a colour #rrggbb, got {colour!r}")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
