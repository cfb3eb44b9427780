"""The window that plays the demo: the dancer, the song's beats and sections, and the sound in step."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QThread, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QVBoxLayout, QWidget

from app.commands.demo import Demo
from app.counting import Counting
from app.playback import Player
from app.transport_bar import COLOURS, TransportBar
from engine.audio.audio import Audio
from engine.audio.read import read_audio
from engine.errors import Cancelled, EngineError
from engine.motion import quaternion
from engine.motion.house import HOUSE, JOINT
from engine.motion.kinematics import forward_kinematics
from engine.motion.motion import Pose
from viewer3d.body import body_for
from viewer3d.camera import DIRECTIONS, Camera
from viewer3d.follow import CameraPath, follow
from viewer3d.scene import scene_of
from viewer3d.viewport import Viewport

_STYLE = """
QWidget {{ background: {window}; color: {text}; font-size: 13px; }}
QWidget#bar {{ background: {panel}; border-top: 1px solid {line}; }}
QWidget#bar QLabel {{ background: transparent; }}
QPushButton {{ background: {raised}; border: 1px solid {line}; border-radius: 4px; padding: 0 14px; min-height: 28px; }}
QPushButton:hover {{ border-color: {accent}; }}
QPushButton:disabled {{ color: {muted}; }}
QProgressBar {{ background: {raised}; border: none; border-radius: 3px; max-height: 6px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 3px; }}
QLabel#muted {{ color: {muted}; }}
QLabel#warning {{ color: {warning}; }}
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {line}; }}
""".format(**COLOURS)
_TICK_MS = 16
_SETTLE_MS = 120
_VIEW = Camera(np.array([0.0, 0.9, 0.0]), 5.4, *DIRECTIONS["three-quarter"])

Make = Callable[[Callable[[float], None]], Demo]


class DemoWindow(QMainWindow):
    """Makes a dance in the background, then plays it.

    Args:
        make: Makes the demo; called in a thread, with a function for the fraction done that raises
            Cancelled once the window is closing.

    Signals:
        ready(): The dance is there and plays.
        failed(str): It could not be made; one sentence.
    """

    ready = Signal()
    failed = Signal(str)

    def __init__(self, make: Make) -> None:
        super().__init__()
        self.setWindowTitle("Kinetograph")
        self.setStyleSheet(_STYLE)
        self.resize(1280, 800)
        self.setMinimumSize(760, 480)
        self.viewport = Viewport(left_orbits=True)
        self.viewport.failed.connect(self._fail)
        self.bar = TransportBar()
        self.bar.play_pressed.connect(self.toggle)
        self.bar.seek_bar.moved_to.connect(self.seek)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.viewport, 1)
        column.addWidget(self.bar)
        self.setCentralWidget(middle)
        self._keys: dict[str, Callable[[], None]] = {
            "Space": self.toggle,
            "Left": lambda: self.step(-1.0),
            "Right": lambda: self.step(1.0),
            "Home": lambda: self.seek(0.0),
            "F": self.viewport.reset_view,
            "Ctrl+Q": self.end,
        }
        self._is_closing = False
        self._demo: Demo | None = None
        self._counting: Counting | None = None
        self._player: Player | None = None
        self._path: tuple[float, CameraPath] | None = None
        self._body = body_for(HOUSE)
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self.show_now)
        self._settling = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._settling.timeout.connect(self._find_path)
        self.viewport.show_scene(scene_of([(self._body, _waiting(), None)]), _VIEW)
        self._maker = _Maker(make)
        self._maker.progressed.connect(self.bar.show_progress)
        self._maker.made.connect(self._begin)
        self._maker.refused.connect(self._fail)
        self._maker.finished.connect(self._ended)
        self._maker.start()

    @property
    def player(self) -> Player | None:
        """Plays the song; None until the dance is there."""
        return self._player

    def toggle(self) -> None:
        """Play if it stands, stop if it plays."""
        if self._player is None:
            return
        if self._player.is_playing:
            self._player.pause()
        else:
            self._player.play()
        self.show_now()

    def seek(self, time_s: float) -> None:
        """Go to a moment of the song."""
        if self._player is not None:
            self._player.seek(time_s)
            self.show_now()

    def step(self, seconds: float) -> None:
        """Go on or back by some seconds."""
        if self._player is not None:
            self.seek(self._player.position_s() + seconds)

    def end(self) -> None:
        """Close the window, and with it the program."""
        self.close()

    def show_now(self) -> None:
        """Show the pose, time and count of the moment that is heard."""
        if self._demo is None or self._player is None or self._counting is None:
            return
        now_s, is_playing = self._player.position_s(), self._player.is_playing
        pose = self._demo.motion.pose_at(now_s)
        self.viewport.show_scene(scene_of([(self._body, pose, None)]), self._camera_path().at(now_s))
        self.bar.show_time(now_s, self._player.duration_s, self._counting.at(now_s), is_playing)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = self._keys.get(QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.PortableText))
        if action is None:
            super().keyPressEvent(event)
        else:
            action()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._is_closing = True
        self._timer.stop()
        self._settling.stop()
        self.hide()  # the thread ends at its next step; nobody has to watch that
        self._maker.requestInterruption()
        self._maker.wait()
        if self._player is not None:
            self._player.close()
        super().closeEvent(event)

    def _begin(self, demo: Demo, audio: Audio) -> None:
        if self._is_closing:
            return
        self._demo, self._counting = demo, Counting(demo.analysis)
        self._body = body_for(demo.motion.skeleton)
        self._player = Player(audio)
        self.setWindowTitle(f"{demo.title} \u2013 Kinetograph")
        self.bar.show_song(demo.analysis, self._player.trouble)
        self._player.play()
        self._timer.start()
        self.show_now()
        self.ready.emit()

    def _fail(self, sentence: str) -> None:
        self.bar.show_trouble(sentence)
        self.failed.emit(sentence)

    def _ended(self) -> None:
        if self._demo is None and not self._is_closing and not self.bar.trouble.text():
            self._fail("The dance could not be made: a fault in the program, which the terminal describes.")

    def _camera_path(self) -> CameraPath:
        """The following camera for the viewport's shape, found anew when that has settled after a change."""
        aspect = self.viewport.width() / max(self.viewport.height(), 1)
        if self._path is None:
            self._find_path()
        elif abs(self._path[0] / aspect - 1.0) > 0.01 and not self._settling.isActive():
            self._settling.start()
        assert self._path is not None
        return self._path[1]

    def _find_path(self) -> None:
        assert self._demo is not None
        aspect = self.viewport.width() / max(self.viewport.height(), 1)
        self._path = (aspect, follow([self._demo.motion], [np.zeros(3)], aspect, _VIEW))
        self.show_now()


class _Maker(QThread):
    """Makes the demo away from the window."""

    progressed = Signal(float)
    made = Signal(object, object)
    refused = Signal(str)

    def __init__(self, make: Make) -> None:
        super().__init__()
        self._make = make

    def run(self) -> None:
        try:
            demo = self._make(self._progress)
            audio = read_audio(demo.song)
        except Cancelled:
            return
        except (EngineError, OSError) as error:
            self.refused.emit(str(error))
            return
        self.made.emit(demo, audio)

    def _progress(self, fraction: float) -> None:
        if self.isInterruptionRequested():
            raise Cancelled("the window is closing")
        self.progressed.emit(fraction)


def _waiting() -> Pose:
    """The dancer at ease, arms hanging."""
    local = HOUSE.rest_rotations.copy()
    for side, sign in (("Left", -1.0), ("Right", 1.0)):
        for bone, axis, angle_rad in (("Arm", (0, 0, 1), 1.25), ("ForeArm", (0, 1, 0), 0.25)):
            local[JOINT[side + bone]] = quaternion.from_axis_angle(np.array(axis, dtype=float), sign * angle_rad)
    return Pose(*forward_kinematics(HOUSE, HOUSE.offsets_m[0], local))


def show_demo(make: Make) -> int:
    """Open the window and stay until it is closed; returns the exit code."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    window = DemoWindow(make)
    window.show()
    return int(application.exec())
