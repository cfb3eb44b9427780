"""The program's typeface as a PDF holds it.

Inter comes as OpenType with cubic outlines, which the PDF library cannot embed: the letters that are used are taken out
and turned into TrueType's quadratic ones, less than a thousandth of the letter's height beside the original.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zlib import crc32

_MOST_ERROR_UNITS = 1.0  # of 2816 an em
_NAMES = (4, 6)  # of the table of names: the full name, and that of PostScript
UNKNOWN = "?"


@cache
def true_type(path: Path, letters: frozenset[str]) -> bytes:
    """A font with these letters, and no others, with TrueType outlines; a letter that it has not is left out.

    Its name says which letters: the PDF library takes fonts of one name for the same one as long as the process lives.

    Args:
        path: An OpenType font with PostScript outlines (.otf).
        letters: Single characters.
    """
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    font = TTFont(path)
    options = Options()
    options.layout_features, options.notdef_outline, options.glyph_names = [], True, False
    options.drop_tables += ["GSUB", "GPOS", "GDEF"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[ord(letter) for letter in letters])
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in _NAMES:
            record.string = f"{path.stem}-{letters_code(letters)}"
    _with_quadratic_outlines(font)
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def letters_code(letters: frozenset[str]) -> str:
    """A short word that stands for a set of letters, the same in every process."""
    return f"{crc32(''.join(sorted(letters)).encode()):08x}"


def printable(words: str, path: Path) -> str:
    """Words with a question mark for every letter that a font does not have."""
    known = _known(path)
    return "".join(letter if ord(letter) in known else UNKNOWN for letter in words)


@cache
def _known(path: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    return frozenset(TTFont(path).getBestCmap())


def _with_quadratic_outlines(font: Any) -> None:
    """Give a font its outlines in the table `glyf`, as TrueType has them."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import newTable

    order, drawn, glyphs = font.getGlyphOrder(), font.getGlyphSet(), {}
    for name in order:
        pen = TTGlyphPen(drawn)
        drawn[name].draw(Cu2QuPen(pen, _MOST_ERROR_UNITS, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, glyphs
    most = font["maxp"]
    most.tableVersion = 0x00010000
    most.maxZones, most.maxComponentElements = 1, 0
    for field in ("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
                  "maxSizeOfInstructions"):  # fmt: skip
        setattr(most, field, 0)
    for table in ("CFF ", "VORG"):
        if table in font:
            del font[table]
    font["post"].formatType = 3.0
    font.sfntVersion = "\000\001\000\000"
