"""What the files of a shot are called: a template, and versions that never come twice."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.errors import EngineError

TEMPLATE = "{show}_{seq}_{shot}_dance_{dancer}_tk{take}_v{version}"
FIELDS = ("show", "seq", "shot", "dancer", "take", "version")
_NEEDED = ("shot", "version")
_BETWEEN = "_-. "


class BadTemplate(EngineError):
    """A template that names cannot be made from."""


def name_from(template: str, values: Mapping[str, str], version: int, dancer: str = "") -> str:
    """A file's or folder's name, without ending.

    Args:
        template: Such as TEMPLATE.
        values: show, seq, shot and take as they are shown; letters that some system refuses are left out.
        version: From 1.
        dancer: Her name, or "all"; empty leaves the field out, with what parts it from the others.

    Raises:
        BadTemplate: It is empty, asks for what is not known, or lacks shot or version.
    """
    check_template(template)
    if not dancer:
        template = re.sub(r"[_\-. ]?\{dancer\}", "", template, count=1).lstrip(_BETWEEN)
    plain = {key: plain_part(value) for key, value in values.items()}
    name = template.format(**plain, dancer=plain_part(dancer), version=f"{version:03d}")
    return re.sub(r"[^A-Za-z0-9_\-.]+", "_", name).strip(_BETWEEN)


def check_template(template: str) -> None:
    """Refuse a template that cannot be filled.

    Raises:
        BadTemplate: A sentence.
    """
    try:
        asked = [field for _, field, spec, conversion in string.Formatter().parse(template) if field is not None]
        is_plain = all(not spec and not conversion for _, _, spec, conversion in string.Formatter().parse(template))
    except ValueError:
        raise BadTemplate("The template has a brace too many or too few.") from None
    if unknown := [field for field in asked if field not in FIELDS]:
        raise BadTemplate(f"The template asks for {{{unknown[0]}}}; there are {_listed(FIELDS)}.")
    if missing := [field for field in _NEEDED if field not in asked]:
        raise BadTemplate(f"The template needs {{{missing[0]}}}, or one delivery would take another's place.")
    if not is_plain:
        raise BadTemplate("The template's fields take no : or !; write them as {shot}.")


def next_version(names: Iterable[str], template: str, values: Mapping[str, str]) -> int:
    """One more than the highest version that a folder's entries have under this template; 1 where there is none.

    Entries that are being made count too, and so do files as well as folders.
    """
    mark = 987_654  # stands for the version while the name is made
    stem = re.escape(name_from(template, values, mark)).replace(str(mark), r"(\d+)")
    pattern = re.compile(rf"\.?{stem}(\..*)?", re.IGNORECASE)
    found = [int(match[1]) for name in names if (match := pattern.fullmatch(name))]
    return max(found, default=0) + 1


def plain_part(words: str) -> str:
    """Words as a part of a name: ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9\-]+", "", plain.replace(" ", "-")).strip("-")[:40]


def entries(folder: Path) -> list[str]:
    """Names of what lies in a folder; none where it cannot be read."""
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:
        return []


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
