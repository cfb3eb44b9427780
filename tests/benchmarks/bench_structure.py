"""The rules of structure: planted faults and what finds them, false alarms, and how long a check takes."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import cycle
from pathlib import Path

import numpy as np

from app.resources import resource_path
from editor.document.assemble import assemble
from editor.document.project_file import load_project
from engine.motion.house import FRAME_RATE_HZ, HOUSE
from engine.motion.motion import Motion, concatenate
from engine.motion.signals import runs
from engine.music.analysis import CURVES, MusicAnalysis
from engine.structure.book import RuleBook, read_rules
from engine.structure.checker import Checker, check
from engine.structure.finding import Finding
from engine.structure.repairs import Repaired, repair
from tests.benchmarks.timing import best_s
from tests.conftest import ROOT
from tests.engine.structure.planted import KINDS, Planted

CASES = 20
REPAIRED_CASES = 6
LEAST_CAPTURED_S = 7.0
SLACK_FRAMES = 6
BAR_S = 2.0


def run() -> None:
    """Print the confusion table, the false alarms on captured dance where it is there, and the times."""
    book = read_rules(resource_path("rules"))
    print_table(book, demo_dances())
    print_captured(book)
    print_alarms(book)
    print_repairs(book, demo_dances())
    print_times(book)


@cache
def demo_dances() -> tuple[Motion, ...]:
    """The two dances of the demo piece."""
    document = load_project(resource_path("demo/demo.kino"))
    n_frames = round(document.song.duration_s * FRAME_RATE_HZ)  # type: ignore[union-attr]
    return tuple(assemble(track, n_frames) for track in document.tracks)


def is_found(planted: Planted, rules: tuple[str, ...], found: list[Finding], before: list[Finding]) -> bool:
    """Whether one of the rules tells it, at its frames and joints, and did not before it was planted."""
    known = {(f.rule, f.peak_frame, f.joints) for f in before}
    return any(
        f.rule in rules
        and planted.start_frame - SLACK_FRAMES <= f.peak_frame < planted.end_frame + SLACK_FRAMES
        and (not planted.joints or set(planted.joints) & set(f.joints))
        and (f.rule, f.peak_frame, f.joints) not in known
        for f in found
    )


def print_table(book: RuleBook, dances: tuple[Motion, ...], cases: int = CASES) -> None:
    """One row a kind of fault: how often it was found, and which rules told it most."""
    before = [check(dance, rules=book) for dance in dances]
    n_found = 0
    print(f"{'planted fault':<24}{'found':>9}   told by (share of cases)")
    for kind, (rules, plant) in KINDS.items():
        hits, told = 0, Counter[str]()
        for case in range(cases):
            dance = dances[case % len(dances)].slice(*part_of(dances[case % len(dances)], case))
            planted = plant(dance, np.random.default_rng(1000 * case + len(kind)))
            own = check(dance, style=planted.style, rules=book)
            found = check(planted.motion, style=planted.style, rules=book)
            hits += is_found(planted, rules, found, own)
            known = {(f.rule, f.peak_frame, f.joints) for f in own}
            told.update({f.rule for f in found if (f.rule, f.peak_frame, f.joints) not in known})
        n_found += hits
        said = ", ".join(f"{rule} {n / cases:.0%}" for rule, n in told.most_common(4))
        print(f"{kind:<24}{hits:>4} / {cases}   {said}")
    total = cases * len(KINDS)
    print(f"{len(KINDS)} kinds, {total} cases: {n_found} found, {n_found / total:.1%}")
    n_before = sum(f.severity != "note" for found in before for f in found)
    minutes = sum(d.duration_s for d in dances) / 60
    print(f"the dances themselves, without a fault: {n_before / minutes:.2f} findings a minute beside hints")


def print_repairs(book: RuleBook, dances: tuple[Motion, ...], cases: int = REPAIRED_CASES) -> None:
    """How many planted faults are mended, all else no worse, by kind; those of which one is missing in one line.

    What a mended dance must be is looked at from outside of the repair: the finding is gone, no warning or error is
    new, and every frame outside of the span is the same bit for bit.
    """
    n_mended, n_faults, n_right, times_s, lacking, left = 0, 0, 0, [], [], set[str]()
    for kind, (rules, plant) in KINDS.items():
        mended = tried = 0
        for case in range(cases):
            dance = dances[case % len(dances)].slice(*part_of(dances[case % len(dances)], case))
            planted = plant(dance, np.random.default_rng(1000 * case + len(kind)))
            before = check(planted.motion, style=planted.style, rules=book)
            told = [f for f in before if is_found(planted, rules, [f], [])]
            own = [f for f in told if f.repair is not None]
            left |= {f.rule for f in told if f.repair is None}
            if not own:
                continue
            worst = max(own, key=lambda f: f.excess)
            begin_s = time.process_time()
            made = repair(planted.motion, worst, rules=book, style=planted.style)
            times_s.append(time.process_time() - begin_s)
            tried, mended = tried + 1, mended + (made is not None)
            if made is not None:
                after = check(made.motion, style=planted.style, rules=book)
                n_right += is_right(planted.motion, made, worst, before, after)
        n_mended, n_faults = n_mended + mended, n_faults + tried
        if mended < tried:
            lacking.append(f"{kind} {mended} / {tried}")
    share = n_mended / n_faults
    slow = sum(t > 1.0 for t in times_s)
    print(f"repairs: {n_mended} of {n_faults} planted faults mended ({share:.1%}), {n_right} of these right at a "
          f"second look; processor: {np.median(times_s):.2f} s median, {max(times_s):.2f} s at most, {slow} over 1 s")
    print(f"  not all of: {', '.join(lacking) or 'none'}")
    print(f"  left to the choreographer, without a repair: {', '.join(sorted(left)) or 'none'}")


def is_right(
    before: Motion, made: Repaired, mended: Finding, told: list[Finding], after: list[Finding]
) -> bool:
    """Whether the finding is gone, no rule but hints is broken anew, and all outside the span is as it was."""
    outside = np.r_[0 : made.start_frame, made.end_frame : before.n_frames]
    same = np.array_equal(before.local_rotations[outside], made.motion.local_rotations[outside])
    same &= np.array_equal(before.root_positions_m[outside], made.motion.root_positions_m[outside])
    new = {f.rule for f in after if f.severity != "note"} - {f.rule for f in told}
    gone = not any(
        f.rule == mended.rule and f.start_frame < mended.end_frame and mended.start_frame < f.end_frame
        and (not f.joints or set(f.joints) & set(mended.joints))
        for f in after
    )  # fmt: skip
    return same and gone and not new


def part_of(dance: Motion, case: int) -> tuple[int, int]:
    """Twelve seconds of a dance: another part for each case."""
    length = min(round(12 * dance.frame_rate_hz), dance.n_frames)
    start = round((dance.n_frames - length) * (case * 0.618 % 1.0))
    return start, start + length


def prepared() -> Path | None:
    """The folder of prepared motion capture, beside the checkout or named by KINETOGRAPH_PREPARED."""
    folder = Path(os.environ.get("KINETOGRAPH_PREPARED") or ROOT.parent / "prepared")
    return folder if (folder / "index.json").is_file() else None


def print_captured(book: RuleBook, cases: int = CASES) -> None:
    """The same faults planted in captured dances, in one line and those that were missed."""
    folder = prepared()
    if folder is None:
        return
    index = json.loads((folder / "index.json").read_text("utf-8"))
    names = [row["name"] for row in index["clips"] if row["use"] == "dance" and row["split"] == "validation"]
    parts = [part for name in names for part in sound_parts(folder / "clips" / f"{name}.npz")]
    dances = [part for part in parts if part.duration_s >= LEAST_CAPTURED_S]
    n_found, n_cases, missed = 0, 0, Counter[str]()
    for kind, (rules, plant) in KINDS.items():
        for case in range(cases):
            dance = dances[case % len(dances)].slice(*part_of(dances[case % len(dances)], case))
            try:
                planted = plant(dance, np.random.default_rng(1000 * case + len(kind)))
            except ValueError:  # no place for this fault in this dance, such as a foot that stands long enough
                continue
            after, before = (check(m, style=planted.style, rules=book) for m in (planted.motion, dance))
            is_told = is_found(planted, rules, after, before)
            n_found, n_cases = n_found + is_told, n_cases + 1
            missed[kind] += not is_told
    said = ", ".join(f"{kind} {n}" for kind, n in missed.most_common() if n)
    print(f"the same in {len(dances)} captured dances: {n_found} of {n_cases} found, {n_found / n_cases:.1%}; "
          f"missed: {said or 'none'}")  # fmt: skip


def print_alarms(book: RuleBook) -> None:
    """False alarms a minute on prepared motion capture, where it is there."""
    folder = prepared()
    if folder is None:
        print("no prepared motion capture: false alarms are not measured")
        return
    index = json.loads((folder / "index.json").read_text("utf-8"))
    for split in ("train", "validation"):
        minutes, told = 0.0, Counter[str]()
        for row in index["clips"]:
            if row["split"] != split or row["use"] != "dance":
                continue
            for motion in sound_parts(folder / "clips" / f"{row['name']}.npz"):
                minutes += motion.duration_s / 60
                told.update(
                    f.rule for f in check(motion, style=row["style"], rules=book) if f.severity != "note"
                )
        said = ", ".join(f"{rule} {n}" for rule, n in told.most_common())
        print(f"captured dance, {split}: {told.total() / minutes:.2f} findings a minute in {minutes:.1f} min: {said}")


def sound_parts(path: Path) -> list[Motion]:
    """The stretches of a prepared clip whose frames are sound."""
    with np.load(path) as data:
        root, local = data["root_positions_m"].astype(float), data["local_rotations"].astype(float)
        valid = data["valid"]
    motion = Motion(HOUSE, FRAME_RATE_HZ, root, local)
    return [motion.slice(a, b) for a, b in runs(valid) if b - a >= FRAME_RATE_HZ]


def print_times(book: RuleBook) -> None:
    """A whole piece of three minutes to music, an edit of four bars in it, and a repair in it."""
    piece = concatenate([*demo_dances(), demo_dances()[0]]).slice(0, round(180 * FRAME_RATE_HZ))
    music = three_minutes()
    print(f"three minutes, whole: {_times_ms(lambda: check(piece, music, 'street', rules=book), 3)}")
    checker = Checker(book, music, "street")
    checker.check(piece)
    start, end = 2000, 2000 + round(4 * BAR_S * FRAME_RATE_HZ)
    versions = []
    for sign in (1.0, -1.0):
        root = piece.root_positions_m.copy()
        root[start:end, 1] += 0.01 * sign
        versions.append(replace(piece, root_positions_m=root))

    turns = cycle(versions)
    print(f"four bars edited in it: {_times_ms(lambda: checker.check(next(turns)), 10)}")
    broken = KINDS["elbow bent back"][1](piece, np.random.default_rng(1)).motion
    finding = max((f for f in check(broken, rules=book) if f.rule == "elbow_range"), key=lambda f: f.excess)
    mended = _times_ms(lambda: repair(broken, finding, rules=book, music=music, style="street"), 3)
    print(f"an elbow mended in it: {mended}")


def _times_ms(work: Callable[[], object], repeats: int) -> str:
    """The best of some runs by the clock, and of the processor: other work beside it lengthens the first alone."""
    spent_s: list[float] = []

    def timed() -> None:
        begin_s = time.process_time()
        work()
        spent_s.append(time.process_time() - begin_s)

    clock_s = best_s(timed, repeats)
    return f"{1000 * clock_s:.0f} ms, {1000 * min(spent_s):.0f} ms of processor"


def three_minutes() -> MusicAnalysis:
    """The demo's song, as long as three minutes: its beats and parts again and again."""
    song = load_project(resource_path("demo/demo.kino")).analysis
    assert song is not None
    n, length_s = 3, song.duration_s
    beats = np.concatenate([song.beat_times_s + k * length_s for k in range(n)])
    parts = tuple(
        replace(s, start_s=s.start_s + k * length_s, end_s=s.end_s + k * length_s)
        for k in range(n)
        for s in song.sections
    )
    return replace(
        song, duration_s=n * length_s, beat_times_s=beats, beat_in_bar=np.tile(song.beat_in_bar, n),
        tempo_curve_bpm=np.tile(song.tempo_curve_bpm, n), sections=parts,
        **{name: np.tile(getattr(song, name), n) for name in CURVES},
    )  # fmt: skip
