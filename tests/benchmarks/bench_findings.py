"""Findings while the demo piece is edited: how soon they are there, whether the window waits, what a repair takes.

Needs a screen; on a machine without one: `xvfb-run -a python3 run.py bench findings`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

from app.screen import has_screen
from tests.benchmarks.bench_window import ROOT, _for_s, _Gaps, _until, _window

if TYPE_CHECKING:
    from app.window.main_window import EditorWindow

ROUNDS = 16


def run() -> None:
    """Print it all."""
    if not has_screen():
        print("There is no screen: xvfb-run -a python3 run.py bench findings")
        return
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"PYTHONPATH": str(ROOT), "KINETOGRAPH_HOME": home}
        program = "from tests.benchmarks import bench_findings; bench_findings.work()"
        subprocess.run([sys.executable, "-P", "-c", program], cwd=ROOT, env=environment, check=True)


def work() -> None:
    """One window with the demo piece."""
    window = _window()
    window.begin(None, opens_demo=True)
    findings, desk = window.desk.findings, window.desk
    _until(lambda: desk.engine.is_ready)
    began = _Gaps()
    _until(lambda: bool(findings.entries) and findings.are_fresh)
    print(f"{'longest stillness of the window until the first are there, ms':64}{1000 * began.stop():8.1f}")
    _for_s(0.5)
    print(f"{'an edit of 12 frames, ms':64}{'found':>8}{'gap':>8}   (medians; longest stillness of the window)")
    for name, is_on in (("looked at", True), ("not looked at", False)):
        findings.is_on = is_on
        rows = [_edited(window, i) for i in range(ROUNDS)]
        found, gap = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"  {name:62}{found if is_on else 0.0:8.1f}{gap:8.1f}")
    findings.begin()
    _until(lambda: findings.are_fresh)
    for line in (*_repaired(window), *_shown(window)):
        print(line)
    window.end()


def _edited(window: EditorWindow, number: int) -> tuple[float, float]:
    from editor.document.clip_edits import set_blend

    session, findings = window.desk.session, window.desk.findings
    clip = session.document.tracks[0].clips[1]
    gaps = _Gaps()
    began_s = time.perf_counter()
    session.edit("blend", lambda d: set_blend(d, clip.id, 12 if number % 2 else 6))
    if findings.is_on:
        _until(lambda: findings.are_fresh)
    found_s = time.perf_counter() - began_s
    _for_s(0.15)
    return 1000 * found_s, 1000 * gaps.stop()


def _repaired(window: EditorWindow) -> list[str]:
    findings, times_s = window.desk.findings, []
    for entry in findings.entries:
        findings.select(entry)
        began_s = time.perf_counter()
        findings.repair()
        _until(lambda: findings.offer is not None or findings.is_beyond_repair)
        times_s.append(time.perf_counter() - began_s)
        findings.return_()
    median, worst = (1000 * value for value in (statistics.median(times_s), max(times_s)))
    return [f"{'from Repair to its ghost, ms':64}{median:8.1f}{worst:8.1f}   (median, worst of {len(times_s)})"]


def _shown(window: EditorWindow) -> list[str]:
    """What it costs to draw a finding on its figure, and to bring panel and lane up to date."""
    findings, stage = window.desk.findings, window.desk.stage
    panel = window.wiring.finding_work.panel
    assert panel is not None
    rows = []
    for entry in findings.entries:
        findings.select(entry)
        first, last = entry.finding.start_frame, min(entry.finding.end_frame, entry.finding.start_frame + 60)
        for frame in range(first, last):
            began_s = time.perf_counter()
            stage.view_at(frame / 30.0)
            with_s = time.perf_counter() - began_s
            stage.finding = None
            began_s = time.perf_counter()
            stage.view_at(frame / 30.0)
            rows.append(with_s - (time.perf_counter() - began_s))
            stage.finding = entry
    rows.sort()
    began_s = time.perf_counter()
    for _ in range(ROUNDS):
        panel.refresh()
    refresh_ms = 1000 * (time.perf_counter() - began_s) / ROUNDS
    median_ms, worst_ms = (1000 * rows[i] for i in (len(rows) // 2, -1))
    return [
        f"{'a finding measured on its figure, a picture, ms':64}{median_ms:8.2f}{worst_ms:8.2f}   (median, worst)",
        f"{'the panel brought up to date, ms':64}{refresh_ms:8.2f}",
    ]
