"""What a BVH file says, word for word: its joints, their channels, and one row of numbers a frame.

Nothing is interpreted here (units, axes, what a channel does): `bvh_read` makes a motion of it. Memory
and time are bounded by the size of the file, whatever its header claims.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import numpy as np

from engine.errors import MotionFileError
from engine.formats.number_text import NotANumber, read_number, read_numbers

MAX_JOINTS = 20_000
MAX_NUMBER = 1e12  # larger is a damaged file, and its squares would overflow
_WORD = re.compile(rb"[{}]|[^\s{}]+")
_REST_OF_NAME = re.compile(rb"\s*([^\n{}]*)")
_HEADER_LINE = re.compile(rb"\s*(frame[ \t_]*time|frames)[ \t]*[:=]?[ \t]*([^\s:=]*)", re.IGNORECASE)
_CHANNELS = {
    (axis + kind).upper().encode(): axis + kind for axis in "XYZ" for kind in ("position", "rotation", "scale")
}


@dataclass
class Node:
    """A joint or an end site.

    Attributes:
        name: As in the file, without the spaces around it; may be empty, may occur twice.
        parent: Index of the node it is in, -1 for a root.
        is_end: An end site, which closes its parent's bone and turns nothing.
        line: Where it begins.
        offset: Its place in its parent, in the file's unit, or None if the file gives none.
        channels: What its columns mean, such as "Xrotation", in their order.
        first_column: Where its columns begin in a frame.
    """

    name: str
    parent: int
    is_end: bool
    line: int
    offset: tuple[float, float, float] | None = None
    channels: tuple[str, ...] = ()
    first_column: int = 0


@dataclass
class BvhText:
    """The nodes, in the file's order, the numbers of all frames [T, C] and the frame time in its own digits."""

    nodes: list[Node] = field(default_factory=list)
    values: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    frame_time: str | None = None
    warnings: list[str] = field(default_factory=list)


def parse(path: Path) -> BvhText:
    """Read a BVH file of any dialect. Raises MotionFileError with the line of what cannot be understood."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MotionFileError(path, f"cannot be read ({error.strerror or error}).") from error
    return _Parser(path, _plain(data)).run()


def _plain(data: bytes) -> bytes:
    """UTF-8 without a byte order mark, and lines that end in a line feed."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", errors="replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data


class _Parser:
    def __init__(self, path: Path, data: bytes) -> None:
        self.path, self.data = path, data
        self.at, self.word_at = 0, 0  # behind the last word, and where it begins
        self.out = BvhText()
        self.n_columns = 0
        self._counted_to, self._line = 0, 1

    def run(self) -> BvhText:
        if self.word().upper() != b"HIERARCHY":
            self.fail("this is not a BVH file: it does not begin with HIERARCHY.")
        if self.hierarchy():
            n_said = self.motion_header()
            self.frames(n_said)
        else:
            self.out.values = np.zeros((0, self.n_columns))
            self.out.warnings.append("There is no MOTION section: the file holds a skeleton and no frames.")
        return self.out

    # Words

    def word(self) -> bytes:
        """The next word, or b"" at the end of the file."""
        found = _WORD.search(self.data, self.at)
        self.word_at = found.start() if found else len(self.data)
        self.at = found.end() if found else len(self.data)
        return found.group() if found else b""

    def fail(self, problem: str, at: int | None = None) -> NoReturn:
        raise MotionFileError(self.path, problem, self.line(self.word_at if at is None else at))

    def line(self, at: int) -> int:
        if at < self._counted_to:
            self._counted_to, self._line = 0, 1
        self._line += self.data.count(b"\n", self._counted_to, at)
        self._counted_to = at
        return self._line

    def number(self, what: str) -> float:
        word = self.word()
        value = read_number(word)
        if value is None:
            self.fail(f"{_shown(word)} stands where {what} should be.{_about_commas(word)}")
        if abs(value) > MAX_NUMBER:
            self.fail(f"{_shown(word)} is too large for {what}.")
        return value

    def name(self) -> str:
        """The rest of the line up to a brace, or the next line if nothing is left of this one."""
        found = _REST_OF_NAME.match(self.data, self.at)
        assert found is not None  # it matches the empty string too
        self.at = found.end()
        raw = found.group(1).strip()
        try:
            name = raw.decode()
        except UnicodeDecodeError:
            name = raw.decode("latin-1")
            self.out.warnings.append(f"The joint name {name!r} is not UTF-8 and was read as Latin-1.")
        return "".join(letter for letter in name if letter.isprintable())

    # HIERARCHY

    def hierarchy(self) -> bool:
        """Read all nodes; True if a MOTION section follows."""
        inside: list[int] = []
        while True:
            word = self.word()
            keyword = word.upper()
            if keyword in (b"ROOT", b"JOINT", b"END", b"ENDSITE"):
                self.begin_node(keyword.decode(), inside)
            elif keyword in (b"MOTION", b""):
                self.check_hierarchy_is_closed(keyword, inside)
                return bool(keyword)
            elif not inside:
                self.fail(f"{_shown(word)} stands outside of every joint.")
            elif keyword == b"}":
                inside.pop()
            elif keyword == b"OFFSET":
                x, y, z = (self.number("an offset's number") for _ in range(3))
                self.out.nodes[inside[-1]].offset = (x, y, z)
            elif keyword == b"CHANNELS":
                self.channels(self.out.nodes[inside[-1]])
            else:
                self.fail(f"{_shown(word)} is no word of a BVH skeleton.")

    def begin_node(self, keyword: str, inside: list[int]) -> None:
        nodes, begins_at = self.out.nodes, self.word_at
        if keyword == "ROOT" and inside:
            self.fail("a ROOT stands inside another joint; a closing brace may be missing before it.")
        if keyword != "ROOT" and not inside:
            self.fail(f"this {keyword} stands outside of every joint; a brace may have been closed too early.")
        if inside and nodes[inside[-1]].is_end:
            self.fail("an End Site cannot hold another joint.")
        if len(nodes) >= MAX_JOINTS:
            self.fail(f"the skeleton has more than {MAX_JOINTS} joints.")
        name = self.name()
        if self.word() != b"{":
            self.fail("an opening brace is missing after the name of this joint.", begins_at)
        is_end = keyword.startswith("END")
        nodes.append(Node(name, inside[-1] if inside else -1, is_end, self.line(begins_at)))
        inside.append(len(nodes) - 1)

    def channels(self, node: Node) -> None:
        if node.channels:
            self.fail("this joint has CHANNELS twice.")
        n = self.number("the number of channels")
        if not 0 <= n <= len(_CHANNELS) or n != int(n):
            self.fail(f"a joint cannot have {n:.12g} channels.")
        names: list[str] = []
        while len(names) < n:
            word = self.word()
            channel = _CHANNELS.get(word.upper())
            if channel is None:
                self.fail(f"{int(n)} channels are announced, but the channel after {len(names)} is {_shown(word)}.")
            if channel in names and not channel.endswith("rotation"):
                self.fail(f"{channel} occurs twice in one joint.")
            names.append(channel)
        node.channels, node.first_column = tuple(names), self.n_columns
        self.n_columns += len(names)

    def check_hierarchy_is_closed(self, keyword: bytes, inside: list[int]) -> None:
        if inside:
            name, where = self.out.nodes[inside[-1]].name, "MOTION begins" if keyword else "the file ends"
            n_joints = f"{len(inside)} joints" if len(inside) > 1 else "one joint"
            self.fail(f"{where} before the braces of {n_joints} are closed, {name!r} the innermost.")
        if not self.out.nodes:
            self.fail("the skeleton has no joints.")

    # MOTION

    def motion_header(self) -> int | None:
        """Read what comes before the frames, in either order; how many frames are announced, if it is said."""
        n_said: int | None = None
        while found := _HEADER_LINE.match(self.data, self.at):
            self.word_at, self.at = found.start(2), found.end()
            number = read_number(found.group(2))
            if number is None and found.group(2):
                word = found.group(2)
                self.fail(f"{_shown(word)} stands where a number should be.{_about_commas(word)}")
            if found.group(1).lower() != b"frames":
                self.out.frame_time = found.group(2).decode() or None
            elif number is not None:
                n_said = int(max(-1e15, min(number, 1e15)))
        return n_said

    def frames(self, n_said: int | None) -> None:
        text = self.data[self.at :]
        try:
            values, line_ends = read_numbers(text)
        except NotANumber as error:
            if not self.is_rubbish_after_the_frames(text, error, n_said):
                problem = f"{error.word[:40]!r} is not a finite number."
                self.fail(problem + _about_commas(error.word.encode()), self.at + error.at)
            self.out.warnings.append(
                f"What follows the last frame, from line {self.line(self.at + error.at)} on, was left out."
            )
            values, line_ends = read_numbers(text[: error.at])
        self.check_size(values)
        rows = self.rows(values, line_ends)
        if n_said is None:
            self.out.warnings.append(f"The file does not say how many frames it has; it holds {len(rows)}.")
        elif n_said != len(rows):
            self.out.warnings.append(f"Frames: said {n_said}, the file holds {len(rows)}.")
        self.out.values = rows

    def is_rubbish_after_the_frames(self, text: bytes, error: NotANumber, n_said: int | None) -> bool:
        """Whether a word that is no number comes, on a line of its own, after all frames that were announced."""
        begins_line = not text[text.rfind(b"\n", 0, error.at) + 1 : error.at].strip()
        whole = self.n_columns > 0 and error.n_before % self.n_columns == 0
        enough = n_said is not None and error.n_before >= n_said * self.n_columns
        return begins_line and whole and error.n_before > 0 and (enough or n_said is None)

    def check_size(self, values: np.ndarray) -> None:
        """Refuse what would grow out of all proportion to the file: many joints, few of them with channels."""
        n_frames = len(values) // max(self.n_columns, 1)
        n_rotations = n_frames * len(self.out.nodes)
        if n_rotations > 2 * len(values) + 1_000_000:
            self.fail(f"{len(self.out.nodes)} joints over {n_frames} frames have almost no channels.", self.at)
        if len(values) and max(values.max(), -values.min()) > MAX_NUMBER:
            at = int(np.argmax(np.abs(values) > MAX_NUMBER))
            self.fail(f"{values[at]:g} is too large for a position or an angle.", self.at_number(at))

    def at_number(self, index: int) -> int:
        """The byte at which the number of that index among the frames begins."""
        words = re.compile(rb"[^\x00-\x20]+").finditer(self.data, self.at)
        return next(word.start() for i, word in enumerate(words) if i == index)

    def rows(self, values: np.ndarray, line_ends: np.ndarray) -> np.ndarray:
        """The numbers as [T, C]; a last frame that is cut off is left out."""
        n_columns, n = self.n_columns, len(values)
        if n_columns == 0 and n:
            self.fail("there are frames, but no joint has channels.", self.at_number(0))
        n_frames = n // max(n_columns, 1)
        if not _lines_hold_frames(line_ends, n_frames, n_columns):
            counts = np.diff(line_ends, prepend=0)
            wrong = int(np.argmax(counts != n_columns))
            problem = f"this line has {counts[wrong]} numbers, but the joints have {n_columns} channels."
            self.fail(problem, self.at_number(int(line_ends[wrong] - counts[wrong])))
        left = n - n_frames * n_columns
        if left and not n_frames:
            self.fail(f"the only frame has {n} of {n_columns} numbers.", self.at_number(0))
        if left:
            self.out.warnings.append(f"The last frame is cut off after {left} of {n_columns} numbers and was left out.")
        return values[: n - left].reshape(n_frames, n_columns)


def _lines_hold_frames(line_ends: np.ndarray, n_frames: int, n_columns: int) -> bool:
    """Whether each frame ends with a line, or each line with a frame, a last frame that is cut off aside."""
    frame_ends = np.arange(1, n_frames + 1) * n_columns
    if np.array_equal(frame_ends, line_ends):
        return True
    within = line_ends[line_ends <= n_frames * n_columns]
    many_lines_a_frame = bool(np.isin(frame_ends, within).all())
    many_frames_a_line = bool(np.isin(within, frame_ends).all()) and (n_frames == 0 or frame_ends[-1] in within)
    return many_lines_a_frame or many_frames_a_line


def _shown(word: bytes) -> str:
    return repr(word[:40].decode(errors="replace")) if word else "the end of the file"


def _about_commas(word: bytes) -> str:
    return " Decimals need a point, not a comma." if re.fullmatch(rb"[-+]?\d*,\d+", word) else ""
