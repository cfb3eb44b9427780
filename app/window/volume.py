"""How loud the piece is heard: the transport's volume, kept in the preferences. No Qt."""

from __future__ import annotations

from collections.abc import Callable

from app.settings import PreferenceStore
from editor.observable import Signal
from editor.playback.transport import Transport

STEP_DB = 3.0  # of a key: half as much power


class Volume:
    """What a hand or a key does to the volume is heard at once, and kept when the hand lets go.

    Signals:
        changed(): `volume_db` or `is_muted`.
    """

    def __init__(self, transport: Transport, preferences: PreferenceStore) -> None:
        self.changed = Signal()
        self._transport, self._preferences = transport, preferences
        transport.volume_db = preferences.values.volume_db
        transport.is_muted = preferences.values.is_muted
        self.commands: dict[str, Callable[[], None]] = {
            "mute": self.toggle_mute,
            "volume_up": lambda: self.set(self.volume_db + STEP_DB),
            "volume_down": lambda: self.set(self.volume_db - STEP_DB),
        }

    @property
    def volume_db(self) -> float:
        """Decibels re as recorded."""
        return self._transport.volume_db

    @property
    def is_muted(self) -> bool:
        """Whether nothing is heard, whatever the volume."""
        return self._transport.is_muted

    def show(self, volume_db: float) -> None:
        """Let a volume be heard while it is under the hand; what was muted is not any more."""
        self._transport.volume_db = volume_db
        self._transport.is_muted = False
        self.changed.emit()

    def set(self, volume_db: float) -> None:
        """Set the volume, and keep it."""
        self.show(volume_db)
        self._keep()

    def toggle_mute(self) -> None:
        """Nothing is heard; or everything as before."""
        self._transport.is_muted = not self._transport.is_muted
        self.changed.emit()
        self._keep()

    def _keep(self) -> None:
        self._preferences.change(volume_db=self.volume_db, is_muted=self.is_muted)
