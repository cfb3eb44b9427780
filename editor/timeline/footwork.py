"""What the lanes under a dancer's clips show: when each foot stands, and where movements meet. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.motion.contacts import detect_contacts
from engine.motion.motion import Motion
from engine.motion.movements import segment


@dataclass(frozen=True, eq=False)
class Footwork:
    """Of one dance.

    Attributes:
        frame_rate_hz: Frames per second.
        stands: For the left and the right foot: in how many of the first t frames it stood, [2, T + 1].
        meets: Frames at which one movement ends and the next begins, ascending, [M].
    """

    frame_rate_hz: float
    stands: np.ndarray
    meets: np.ndarray

    def standing_shares(self, edges_s: np.ndarray) -> np.ndarray:
        """For which share of each column between two edges [n + 1] each foot stands, 0..1, [2, n]."""
        frames = edges_s * self.frame_rate_hz
        shares: np.ndarray = np.diff(between(self.stands, frames), axis=1) / np.maximum(np.diff(frames), 1e-9)
        return shares

    def meeting_columns(self, edges_s: np.ndarray) -> np.ndarray:
        """How many movements begin in each column, [n]."""
        found: np.ndarray = np.diff(np.searchsorted(self.meets, edges_s * self.frame_rate_hz))
        return found


def between(rows: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Values [R, N] taken at places [n] among them, straight between two, held beyond the ends, [R, n]."""
    last = rows.shape[1] - 1
    places = np.clip(places, 0.0, last)
    before = places.astype(np.int64)
    low = rows[:, before]
    taken: np.ndarray = low + (places - before) * (rows[:, np.minimum(before + 1, last)] - low)
    return taken


def footwork_of(motion: Motion) -> Footwork:
    """Contacts and movements of a dance on the house skeleton; about 0.1 s for a minute: not for the GUI thread."""
    contacts = detect_contacts(motion)
    feet = np.stack([contacts[:, :2].any(axis=1), contacts[:, 2:].any(axis=1)])
    stands = np.concatenate([np.zeros((2, 1), dtype=np.int64), np.cumsum(feet, axis=1)], axis=1)
    meets = np.array([movement.start_frame for movement in segment(motion)[1:]], dtype=np.int64)
    return Footwork(motion.frame_rate_hz, stands, meets)
