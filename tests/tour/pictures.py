"""`run.py tour [FOLDER]`: the tour at every size, scale and theme; its pictures and figures go to a folder.

The screen must have 1920 by 1080 pixels. `--docs` takes the pictures of the documents instead.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# name -> window in logical pixels, Qt's scale factor, theme, the window's own scale
RUNS = {
    "dark-1280": ((1280, 800), 1.0, "dark", 1.0),
    "dark-1920": ((1920, 1080), 1.0, "dark", 1.0),
    "light-1280": ((1280, 800), 1.0, "light", 1.0),
    "contrast-1280": ((1280, 800), 1.0, "high contrast", 1.0),
    "dark-200": ((960, 540), 2.0, "dark", 1.0),
    "light-1920-ui-150": ((1920, 1080), 1.0, "light", 1.5),
}
DOCS = "docs"
DOCS_RUN = ((1440, 900), 1.0, "dark", 1.0)


def main() -> int:
    """Run them all, or those that are named, each in a process of its own; the exit code is 0 if all were green."""
    parser = argparse.ArgumentParser(prog="run.py tour", description="Take the tour and its pictures.")
    parser.add_argument("folder", type=Path, nargs="?", default=Path("tour-output"))
    parser.add_argument("--only", nargs="*", choices=list(RUNS), default=list(RUNS))
    parser.add_argument("--docs", action="store_true", help="renew the pictures that the documents show")
    parser.add_argument("--here", choices=[*RUNS, DOCS], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.docs:
        options.folder, options.only = Path(__file__).resolve().parents[2] / "docs", [DOCS]
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.here:
        return _tour(options.here, options.folder)
    codes = []
    for name in options.only:
        environment = os.environ | {"QT_SCALE_FACTOR": str(RUNS.get(name, DOCS_RUN)[1])}
        command = [sys.executable, "-m", "tests.tour.pictures", str(options.folder), "--here", name]
        codes.append(subprocess.run(command, env=environment, check=False).returncode)
    return max(codes, default=0)


def _tour(name: str, folder: Path) -> int:
    size, _, theme_name, ui_scale = RUNS.get(name, DOCS_RUN)
    with tempfile.TemporaryDirectory() as home:
        os.environ["KINETOGRAPH_HOME"] = home
        from PySide6.QtWidgets import QApplication

        from app.look import apply_theme
        from app.settings import PreferenceStore
        from app.window.main_window import EditorWindow
        from editor.theme import THEMES
        from tests.tour.guide import GuideTour
        from tests.tour.tour import Tour

        application = QApplication([])
        preferences = PreferenceStore(Path(home))
        preferences.change(theme=theme_name, ui_scale=ui_scale)
        apply_theme(application, THEMES[theme_name], ui_scale)
        window = EditorWindow(preferences)
        window.resize(*size)
        window.show()
        try:
            if name == DOCS:
                GuideTour(window, folder, takes_pictures=False).run()
                return 0
            found = Tour(window, folder, prefix=f"{name}-").run()
        finally:
            window.end()
            (folder / "tour.kino").unlink(missing_ok=True)
        (folder / f"{name}.json").write_text(json.dumps(found.facts, indent=1), "utf-8")
        sys.stdout.write(f"{name}: {json.dumps(found.facts, indent=1)}\n")
        return 0


if __name__ == "__main__":
    sys.exit(main())
