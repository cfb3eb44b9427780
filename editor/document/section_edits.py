"""Her corrections of the parts of the song: their names, where they begin, which are one."""

from __future__ import annotations

from dataclasses import replace

from editor.document.document import Document
from editor.document.edits import EditRefused
from editor.document.grid import listened
from engine.music.analysis import MusicAnalysis, Section

LEAST_SECTION_S = 0.5
ROLES = ("introduction", "development", "conclusion")


def section_at(document: Document, time_s: float) -> int:
    """The index of the part of the song at a time; EditRefused where there is none."""
    for i, section in enumerate(listened(document).sections):
        if section.start_s <= time_s < section.end_s:
            return i
    raise EditRefused("There is no part of the song here: put the playhead inside one.")


def rename_section(document: Document, index: int, label: str) -> Document:
    """Call a part of the song something else; an empty name is none."""
    music, sections = _sections(document, index)
    if not label.strip():
        raise EditRefused("A part of the song needs a name: type one, such as A or Chorus.")
    return _with(
        document, music, (*sections[:index], replace(sections[index], label=label.strip()), *sections[index + 1 :])
    )


def set_section_role(document: Document, index: int, role: str) -> Document:
    """Let a part be introduction, development or conclusion."""
    music, sections = _sections(document, index)
    if role not in ROLES:
        raise EditRefused("A part is introduction, development or conclusion: choose one of these.")
    return _with(document, music, (*sections[:index], replace(sections[index], role=role), *sections[index + 1 :]))


def move_section(document: Document, index: int, start_s: float) -> Document:
    """Let a part, not the first, begin at another time; the part before it ends there."""
    music, sections = _sections(document, index)
    if index == 0:
        raise EditRefused("The first part begins with the song: move the beginning of another one.")
    before, here = sections[index - 1], sections[index]
    low_s, high_s = before.start_s + LEAST_SECTION_S, here.end_s - LEAST_SECTION_S
    if low_s > high_s:
        raise EditRefused("These parts are too short to move what lies between them: merge them.")
    at_s = min(max(start_s, low_s), high_s)
    moved = (replace(before, end_s=at_s), replace(here, start_s=at_s))
    return _with(document, music, (*sections[: index - 1], *moved, *sections[index + 1 :]))


def split_section(document: Document, time_s: float) -> Document:
    """Begin another part at a time."""
    index = section_at(document, time_s)
    music, sections = _sections(document, index)
    here = sections[index]
    if min(time_s - here.start_s, here.end_s - time_s) < LEAST_SECTION_S:
        raise EditRefused("A part begins or ends here already: put the playhead further inside.")
    halves = (replace(here, end_s=time_s), replace(here, start_s=time_s, label=f"{here.label}2"))
    return _with(document, music, (*sections[:index], *halves, *sections[index + 1 :]))


def merge_section(document: Document, index: int) -> Document:
    """Make one of a part and the part after it; the last goes into the one before. The longer one's name stays."""
    music, sections = _sections(document, index)
    if len(sections) < 2:
        raise EditRefused("There is only one part: there is nothing to merge.")
    first = min(index, len(sections) - 2)
    one, other = sections[first : first + 2]
    kept = one if one.end_s - one.start_s >= other.end_s - other.start_s else other
    merged = replace(kept, start_s=one.start_s, end_s=other.end_s)
    return _with(document, music, (*sections[:first], merged, *sections[first + 2 :]))


def _sections(document: Document, index: int) -> tuple[MusicAnalysis, tuple[Section, ...]]:
    music = listened(document)
    if not 0 <= index < len(music.sections):
        raise EditRefused("That part of the song is no longer there: choose another one.")
    return music, music.sections


def _with(document: Document, music: MusicAnalysis, sections: tuple[Section, ...]) -> Document:
    return replace(document, corrected=replace(music, sections=sections))
