"""Everything behind the window that is no widget: the piece, the transport, the engine's process, the stage."""

from __future__ import annotations

from pathlib import Path

from app import __version__
from app.gui_thread import Background, GuiThread
from app.resources import resource_path
from app.settings import PreferenceStore, state_folder
from app.window.engine_room import EngineRoom
from app.window.piece import Piece
from app.window.playing import Playing
from app.window.stage import Stage
from app.window.volume import Volume
from editor.audition import Audition
from editor.findings import Findings
from editor.jobs.worker import Worker
from editor.playback.transport import Transport
from editor.session import Session
from editor.theme import THEMES


class Desk:
    """Makes and holds them; `close` gives back what has threads or processes."""

    def __init__(self, preferences: PreferenceStore) -> None:
        self.gui = GuiThread()
        self.background = Background(self.gui.post, self.gui.live_until)
        self.worker = Worker(self.gui.post)
        self._exports: Worker | None = None
        self._rules: Worker | None = None
        self.session = Session()
        self.audition = Audition(self.session, self.worker, __version__)
        model, rules = resource_path("models/kinetograph"), resource_path("rules")
        self.engine = EngineRoom(self.worker, self.audition, self.session, model, rules)
        self.findings = Findings(self.session, lambda: self.rules, resource_path("rules"))
        self.transport = Transport()
        self.playing = Playing(self.session, self.transport)
        self.volume = Volume(self.transport, preferences)
        self.piece = Piece(self.session, self.worker, self.background, self.songs_folder)
        self.stage = Stage(self.session, self.audition, THEMES[preferences.values.theme])

    @property
    def songs_folder(self) -> Path:
        """Where copies of embedded songs lie while something needs a file."""
        return state_folder() / "songs"

    @property
    def exports(self) -> Worker:
        """A second process for exports, so that takes can be made meanwhile; started when it is first needed."""
        if self._exports is None:
            self._exports = Worker(self.gui.post, "export", gives_way=True)
        return self._exports

    @property
    def rules(self) -> Worker:
        """A process that holds the dances against the rules, so that neither window nor takes wait for it."""
        if self._rules is None:
            self._rules = Worker(self.gui.post, "rules", gives_way=True)
            self._rules.restarted.connect(self.findings.forget_running)
        return self._rules

    def close(self) -> None:
        """End threads and processes, and give the sound device back. May be called twice."""
        self.transport.close()
        self.worker.close()
        for worker in (self._exports, self._rules):
            if worker is not None:
                worker.close()
        self.background.close()
        self.gui.close()
