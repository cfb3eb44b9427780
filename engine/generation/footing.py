"""Which feet of a made dance stand, by what is seen of them and by what the network expects."""

from __future__ import annotations

import numpy as np

from engine.motion import quaternion
from engine.motion.contacts import contact_positions_m, contacts_of, without_chatter
from engine.motion.house import CONTACT_REST_HEIGHTS_M, FRAME_RATE_HZ
from engine.motion.motion import Motion
from engine.motion.signals import smoothed, velocity

# A contact that is seen counts unless the network thinks it less likely than the first; one that the network thinks
# likelier than the second counts where the foot could be held: made feet are lower and slower in their steps than
# real ones, and so slide where real ones would have stood and then stepped.
_RULED_OUT, _SURE = 0.35, 0.5
_HELD_BELOW_M, _HELD_UNDER_M_S = 0.06, 0.8


def footing(whole: Motion, expected: np.ndarray, start_frame: int) -> np.ndarray:
    """Contacts for the foot lock, bool [T, 4] in the order of house.CONTACT_JOINTS.

    Args:
        whole: The segment with what lies around it, house motion on y = 0, [T].
        expected: How likely each contact is in the segment, about 0 to 1, [N, 4].
        start_frame: Where the segment begins in `whole`; around it contacts are as they are seen.
    """
    feet = contact_positions_m(whole)
    contacts = contacts_of(feet, whole.frame_rate_hz)
    segment = slice(start_frame, start_frame + len(expected))
    likely = smoothed(expected, 1.0)
    low = feet[..., 1] - CONTACT_REST_HEIGHTS_M < _HELD_BELOW_M
    slow = quaternion.length(velocity(feet, FRAME_RATE_HZ)) < _HELD_UNDER_M_S
    held = (likely > _SURE) & (low & slow)[segment]
    contacts[segment] = (contacts[segment] & (likely > _RULED_OUT)) | held
    for joint in range(contacts.shape[1]):
        contacts[:, joint] = without_chatter(contacts[:, joint], FRAME_RATE_HZ)
    return contacts
