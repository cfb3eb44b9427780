"""The page of `kinetograph check --html`: every finding in words and in a picture; it needs nothing else."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

from app.counting import clock
from engine.errors import EngineError

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

    from engine.motion.motion import Motion
    from engine.structure.book import RuleText
    from engine.structure.finding import Finding

PICTURE_PX = (300, 300)
MOST_PICTURES = 80
_MARGIN, _RING_PX = 0.06, 13
MARKS = {"error": "#ff7a33", "warning": "#ffc83d", "note": "#8fd3ff"}
SIGNS = {"error": "&#9650;", "warning": "&#9670;", "note": "&#9679;"}  # triangle, diamond, circle
FAMILIES = {"movement": "Movement", "coherence": "Transitions", "integrity": "The whole piece"}
_WORST_FIRST = ("error", "warning", "note")


def page(
    name: str, motion: Motion, found: Sequence[Finding], texts: dict[str, RuleText], pictures: Sequence[bytes | None]
) -> str:
    """A page of HTML; `pictures` are JPEG files, one a finding, None where there is none."""
    rows = [_row(f, texts[f.rule], motion, picture) for f, picture in zip(found, pictures, strict=True)]
    told = f"{len(found)} found" if found else "Clean"
    counts = Counter((f.severity, f.rule) for f in found)
    order = sorted(counts, key=lambda key: (_WORST_FIRST.index(key[0]), -counts[key], key[1]))
    summary = "\n".join(
        f"<li class='{severity}'><b>{SIGNS[severity]}</b> {escape(texts[rule].title)}: {counts[severity, rule]}</li>"
        for severity, rule in order
    )
    return PAGE.format(
        name=escape(name), told=told, length=clock(motion.duration_s), summary=summary, rows="\n".join(rows)
    )


def _row(finding: Finding, text: RuleText, motion: Motion, picture: bytes | None) -> str:
    rate = motion.frame_rate_hz
    where = f"{clock(finding.start_frame / rate)} &ndash; {clock(finding.end_frame / rate)}"
    shown = "<p class='none'>no picture</p>"
    if picture is not None:
        data = base64.b64encode(picture).decode("ascii")
        words = escape(f"{text.title}, {clock(finding.peak_frame / rate)}")
        shown = f"<img alt='{words}' src='data:image/jpeg;base64,{data}'>"
    numbers = _numbers(finding)
    return (
        f"<section class='{finding.severity}'>{shown}<div>"
        f"<h2><b>{SIGNS[finding.severity]}</b> {escape(text.title)}</h2>"
        f"<p class='where'>{where} &middot; {finding.severity} &middot; {FAMILIES[finding.family]} &middot; movement "
        f"{finding.movement + 1}</p><p>{escape(finding.explanation)}</p>{numbers}"
        f"<p class='why'>{escape(text.says)}<br>Source: {escape(text.source)}.</p></div></section>"
    )


def _numbers(finding: Finding) -> str:
    """Measured value and limit, with bars of their sizes where both are on one side of nothing."""
    unit = f" {finding.unit}" if finding.unit else ""
    line = f"measured <b>{finding.measured:.3g}{unit}</b>, limit {finding.limit:.3g}{unit}"
    most = max(abs(finding.measured), abs(finding.limit), 1e-9)
    if finding.measured * finding.limit < 0.0:
        return f"<p class='numbers'>{line}</p>"
    bars = "".join(
        f"<span class='bar {kind}' style='width:{100.0 * abs(value) / most:.0f}%'></span>"
        for kind, value in (("is", finding.measured), ("may", finding.limit))
    )
    return f"<p class='numbers'>{line}</p><p class='bars'>{bars}</p>"


def pictures_of(motion: Motion, found: Sequence[Finding]) -> list[bytes | None]:
    """A JPEG file of the worst moment of each finding, its joints ringed; None for all where nothing can be drawn.

    Of very many findings those of the worst severity get one.
    """
    ranked = sorted(range(len(found)), key=lambda i: _WORST_FIRST.index(found[i].severity))
    wanted = set(ranked[:MOST_PICTURES])
    try:
        return _drawn(motion, found, wanted)
    except EngineError:  # no OpenGL on this machine: the page says what the words say
        return [None] * len(found)


def _drawn(motion: Motion, found: Sequence[Finding], wanted: set[int]) -> list[bytes | None]:
    import numpy as np
    from PIL import Image

    from engine.motion.blend import yaw_rad
    from viewer3d.body import body_for
    from viewer3d.camera import DIRECTIONS, Camera, framed
    from viewer3d.renderer import OffscreenRenderer
    from viewer3d.scene import scene_of

    body, names = body_for(motion.skeleton), motion.skeleton.names
    yaw, pitch = DIRECTIONS["three-quarter"]
    out: list[bytes | None] = []
    with OffscreenRenderer(*PICTURE_PX) as renderer:
        for i, finding in enumerate(found):
            if i not in wanted:
                out.append(None)
                continue
            frame = min(finding.peak_frame, motion.n_frames - 1)
            pose = motion.pose_at(frame / motion.frame_rate_hz)
            scene = scene_of([(body, pose, None)])
            at = [k for k, name in enumerate(names) if name in finding.joints]
            facing = float(yaw_rad(pose.rotations[0]))  # from the side of the face, wherever that is
            camera = framed(*scene.spheres(), 1.0, Camera(np.zeros(3), 5.0, yaw + facing, pitch), _MARGIN)
            picture = Image.fromarray(renderer.picture(scene, camera))
            _ring(picture, camera.project(pose.positions_m[at], *PICTURE_PX), MARKS[finding.severity])
            file = BytesIO()
            picture.save(file, format="JPEG", quality=88, subsampling=0)  # rings keep their colour
            out.append(file.getvalue())
    return out


def _ring(picture: Image.Image, places: np.ndarray, colour: str) -> None:
    """Rings of a severity's colour, edged in black, around places in the picture."""
    from PIL import ImageDraw

    draw = ImageDraw.Draw(picture)
    for x, y, _ in places:
        for width, ink in ((5, "#000000"), (3, colour)):
            reach = _RING_PX + (width - 3) / 2
            draw.ellipse((x - reach, y - reach, x + reach, y + reach), outline=ink, width=width)


PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{name}: findings</title><style>
body {{ font: 15px/1.5 sans-serif; max-width: 62em; margin: 2em auto; padding: 0 1em; color: #222 }}
h1 {{ margin-bottom: 0 }} h2 {{ font-size: 1.1em; margin: 0 }}
ul {{ list-style: none; padding: 0; columns: 2 }}
section {{ display: flex; gap: 1.2em; border-top: 1px solid #ccc; padding: 1em 0 }}
section div {{ flex: 1 }} section p {{ margin: .4em 0 }}
img, .none {{ width: 300px; height: 300px; border-radius: 6px; background: #eee; flex: none }}
.none {{ display: flex; align-items: center; justify-content: center; color: #888; margin: 0 }}
.where, .why {{ color: #555; font-size: .9em }}
.bars {{ width: 22em }} .bar {{ display: block; height: .5em; margin: 2px 0; border-radius: 3px }}
.bar.may {{ background: #999 }}
.error b {{ color: #c44e00 }} .error .is {{ background: #d55e00 }}
.warning b {{ color: #a86d00 }} .warning .is {{ background: #e69f00 }}
.note b {{ color: #2277aa }} .note .is {{ background: #56b4e9 }} .numbers b {{ color: inherit }}
</style></head><body><h1>{name}</h1><p>{told} in {length}.</p><ul>
{summary}
</ul>
{rows}
</body></html>
"""
