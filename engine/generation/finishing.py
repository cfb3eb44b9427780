"""From the network's features to the finished segment: elbows, tremble and gaze, effort, beats, landing, seams, snaps,
feet, and what is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from engine.generation.attack import attacked_times_s
from engine.generation.breath import breath_frames, breathing_times_s
from engine.generation.checkpoint import TrainedModel
from engine.generation.conditioning import effort_curves, emotion_effort
from engine.generation.effort_layer import EffortLayer, apply_effort
from engine.generation.elbows import hinged, within_reach
from engine.generation.ending import ends_piece, held_times_s
from engine.generation.features import CONTACTS, from_features
from engine.generation.footing import footing
from engine.generation.gaze import looking_ahead
from engine.generation.landing import MOST_WARP, warp_times_s
from engine.generation.request import GenerationRequest
from engine.generation.snaps import without_snaps
from engine.generation.surroundings import Surroundings
from engine.generation.tremble import without_tremble
from engine.motion import quaternion
from engine.motion.blend import moved, seal, spread_error, yaw_rad
from engine.motion.contacts import contact_positions_m
from engine.motion.foot_lock import lock_feet
from engine.motion.house import CONTACT_REST_HEIGHTS_M, FRAME_RATE_HZ, HOUSE, LEGS
from engine.motion.kinematics import local_from_global
from engine.motion.motion import Motion, concatenate
from engine.motion.movements import kinematic_beats
from engine.motion.resample import time_warped
from engine.motion.signals import smoothed

SEAM_S = 0.3
_LOCK_REACH_FRAMES = 24
_DEEPER_M = 0.009  # that a foot may come for its leg not to snap
# What the effort layer may add, in standard deviations, to what the codes already do.
_LAYER_REACH = 2.0
# What dances are beside what is wanted, in standard deviations of the captured ones: phrases with marked accents are
# chosen for the beats' sake, and those are sudden. In the order of EFFORTS.
_USUALLY = np.array([0.1, 0.9, 0.0, 0.0, 0.0, 0.0])
# Of what the sliders ask for and have not got, energy and suddenness are closed: by so many times what is left, for a
# standard deviation asked of the layer moves what is measured by a tenth; and by so much attack.
_CLOSED = np.array([1.0, 1.0, 0.0, 0.0, 0.0, 0.0])
_CLOSING, _MOST_PUSH = 2.0, 2.5
_ATTACK_PER_SD, _ATTACK_LEFT = 0.25, 0.4
# To music every dance has some attack, the less the more sustained it is to be: its rests are then seen on the beats.
_ATTACK = 0.12


def finished(
    rows: np.ndarray, request: GenerationRequest, model: TrainedModel, effort: np.ndarray, around: Surroundings,
    progress: Callable[[float], None],
) -> Motion:  # fmt: skip
    """The finished segment of decoded feature rows [n, 140]; `effort` [n, 6] is wanted, in standard deviations."""
    motion, contacts = from_features(rows, around.place_m, around.heading_rad), rows[:, CONTACTS]
    motion = without_tremble(hinged(motion, around.kept_joints), around.kept_joints)
    motion = looking_ahead(motion, around.kept_joints, around.before, around.after)
    progress(0.05)
    if not request.locked:
        motion, attack = _with_effort(motion, request, model, effort)
        progress(0.2)
        motion, contacts = _timed(*_breathing(motion, contacts, request), request, attack)
    motion = within_reach(motion, around.kept_joints)
    progress(0.35)
    if request.path_m is not None and not around.path_kept:
        motion = _pulled_to_path(motion, request.path_m)
    whole, start, end = _with_context(motion, around.before, around.after)
    if not around.path_kept and around.after is not None:
        if around.before is None and request.path_m is None:
            whole = _arriving(whole, end)
        whole = _landed(whole, start, end)
    if around.before is not None or around.after is not None:
        whole = seal(whole, start, end, SEAM_S)
    progress(0.45)
    if around.path_kept:
        kept = _restored(whole.slice(start, end), request, around)
        whole = concatenate([whole.slice(0, start), kept, whole.slice(end, whole.n_frames)])
    whole = without_snaps(whole, start, end, (j for j in range(HOUSE.n_joints) if j not in around.kept_joints))
    touching = footing(whole, contacts, start)
    progress(0.6)
    # Of what lies around no more is needed than corrections reach.
    first, last = max(start - _LOCK_REACH_FRAMES, 0), end + _LOCK_REACH_FRAMES
    whole, touching, start, end = whole.slice(first, last), touching[first:last], start - first, end - first
    keep = np.ones(whole.n_frames, dtype=bool)
    keep[start:end] = False
    whole = _without_leg_snaps(lock_feet(whole, touching, keep, clears=True), start, end, around.kept_joints)
    motion = whole.slice(start, end)
    progress(0.95)
    # Again what is kept: the lock moves the root and every leg.
    return _restored(motion, request, around) if around.path_kept else motion


def _without_leg_snaps(whole: Motion, start: int, end: int, kept: tuple[int, ...]) -> Motion:
    """Without the snaps of the knee that feet held through fast steps make, where no foot sinks for it."""
    for leg in LEGS:
        eased = without_snaps(whole, start, end, (j for j in leg if j not in kept))
        if eased is whole:
            continue
        feet = [contact_positions_m(motion)[start:end, :, 1] for motion in (whole, eased)]
        if (feet[1] > np.minimum(feet[0], CONTACT_REST_HEIGHTS_M) - _DEEPER_M).all():
            whole = eased
    return whole


def _with_effort(
    motion: Motion, request: GenerationRequest, model: TrainedModel, effort: np.ndarray
) -> tuple[Motion, np.ndarray]:
    """The motion as the sliders want it danced, and the attack [n] with which it is to be danced yet."""
    asked = emotion_effort(request.emotion, request.n_frames)
    if not asked.any():
        return apply_effort(motion, asked, request.intensity), _usual_attack(request, asked)
    layer = EffortLayer(motion)
    achieved = _achieved(motion, model, layer.positions_m)
    shift = np.clip(effort - achieved, -_LAYER_REACH, _LAYER_REACH)
    # What the music and the arc ask for has chosen the phrases; only the sliders push the body further.
    push = np.where(np.sign(shift) == np.sign(asked), np.sign(asked) * np.minimum(np.abs(shift), np.abs(asked)), 0.0)
    push += 0.5 * asked
    made = layer.moved(push, request.intensity)
    # Takes of one setting still differ: each is brought nearer to what the setting asks for, as far as it asks at all.
    left = (effort + _USUALLY - _achieved(made, model)).mean(axis=0) * _CLOSED
    left = np.clip(left, -np.abs(asked), np.abs(asked))
    more = push + _CLOSING * left
    more = np.where(np.sign(more) == np.sign(asked), more, 0.0)
    # Only towards sudden: speed that is evened out has no rests left to fall on beats.
    attack = np.where(asked[:, 1] > 0.0, _ATTACK_PER_SD * asked[:, 1] + _ATTACK_LEFT * left[:, 1], 0.0)
    attack = _usual_attack(request, asked) + np.maximum(attack, 0.0)
    return layer.moved(np.clip(more, -_MOST_PUSH, _MOST_PUSH), request.intensity), attack


def _usual_attack(request: GenerationRequest, asked: np.ndarray) -> np.ndarray:
    hears = float(len(request.beats_frame) > 0)
    usual: np.ndarray = _ATTACK * hears * np.clip(1.0 + asked[:, 1], 0.0, 1.0)
    return usual


def _achieved(motion: Motion, model: TrainedModel, positions_m: np.ndarray | None = None) -> np.ndarray:
    """The effort of a motion, in standard deviations from the usual, [T, 6]."""
    out: np.ndarray = (effort_curves(motion, positions_m=positions_m) - model.effort_mean) / model.effort_std
    return out


def _breathing(motion: Motion, contacts: np.ndarray, request: GenerationRequest) -> tuple[Motion, np.ndarray]:
    """The motion, and with it its contacts [T, 4], in which a pose is held where the music lets a dancer breathe."""
    wanted_s = breath_frames(request) / FRAME_RATE_HZ
    if len(wanted_s) == 0:
        return motion, contacts
    rests = kinematic_beats(motion)
    times_s = np.arange(motion.n_frames) / FRAME_RATE_HZ
    source_s = breathing_times_s(times_s, rests / FRAME_RATE_HZ, _stands(contacts, rests), wanted_s)
    return time_warped(motion, source_s, FRAME_RATE_HZ), _contacts_at(contacts, source_s)


def _stands(contacts: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Whether both feet are on the floor in some frames, bool [N], by contacts [T, 4]."""
    left, right = contacts[:, :2].max(axis=1), contacts[:, 2:].max(axis=1)
    both: np.ndarray = np.minimum(left, right)[np.round(frames).astype(int)] > 0.5
    return both


def _contacts_at(contacts: np.ndarray, source_s: np.ndarray) -> np.ndarray:
    """Contacts [T, 4] at other times."""
    frames = np.arange(len(contacts))
    return np.stack([np.interp(source_s * FRAME_RATE_HZ, frames, column) for column in contacts.T], axis=1)


def _timed(
    motion: Motion, contacts: np.ndarray, request: GenerationRequest, attack: np.ndarray
) -> tuple[Motion, np.ndarray]:
    """The motion warped in time, and with it its contacts [T, 4]: movements land on the music's beats, run from one to
    the next with an attack [T] of `attack.attacked_times_s`, and the last of a piece is held."""
    times_s, rests_s = np.arange(motion.n_frames) / FRAME_RATE_HZ, kinematic_beats(motion) / FRAME_RATE_HZ
    landed = warp_times_s(rests_s, request.beats_frame / FRAME_RATE_HZ, motion, MOST_WARP)
    source_s = times_s if landed is None else landed
    # When the rests are danced, once they have landed: the inverse of the warp.
    danced_s = np.interp(rests_s, source_s, times_s)
    bent_s = attacked_times_s(times_s, danced_s, attack)
    if ends_piece(request):
        held_s = held_times_s(times_s, danced_s, _stands(contacts, rests_s * FRAME_RATE_HZ))
        bent_s = np.interp(held_s, times_s, bent_s)
    if landed is None and bent_s is times_s:
        return motion, contacts
    source_s = np.interp(bent_s, times_s, source_s)
    return time_warped(motion, source_s, FRAME_RATE_HZ), _contacts_at(contacts, source_s)


def _with_context(motion: Motion, before: Motion | None, after: Motion | None) -> tuple[Motion, int, int]:
    """The segment between its contexts, and where it begins and ends there."""
    parts = [m for m in (before, motion, after) if m is not None]
    parts = [replace(m, skeleton=HOUSE, frame_rate_hz=FRAME_RATE_HZ) for m in parts]
    start = before.n_frames if before is not None else 0
    return concatenate(parts), start, start + motion.n_frames


def _landed(whole: Motion, start: int, end: int) -> Motion:
    """The segment bent so that it arrives where the context after it stands and faces."""
    root, local = whole.root_positions_m, whole.local_rotations
    late = min(end + 1, whole.n_frames - 1)
    landing = root[end] - (root[late] - root[end])
    landing[1] = root[end - 1, 1]  # height belongs to the pose, which the seam takes care of
    kept = max(start - 1, 0)
    bent = spread_error(whole.slice(kept, end), landing, float(yaw_rad(local[end, 0])))
    return concatenate([whole.slice(0, kept), bent, whole.slice(end, whole.n_frames)])


def _arriving(whole: Motion, end: int) -> Motion:
    """The segment, before which there is nothing, moved as a whole to where it leads over into what follows."""
    root, yaw = whole.root_positions_m, yaw_rad(whole.local_rotations[:, 0])
    step = root[end + 1] - root[end]
    segment = moved(whole.slice(0, end), end - 1, root[end] - step, float(yaw[end] - yaw[end - 1]))
    return concatenate([segment, whole.slice(end, whole.n_frames)])


def _pulled_to_path(motion: Motion, path_m: np.ndarray) -> Motion:
    """The motion whose hips follow the drawn path but for their own sway within a second."""
    root = np.array(motion.root_positions_m)
    away = root[:, [0, 2]] - path_m  # seen from the path, else its bends would pass for sway
    root[:, [0, 2]] = path_m + away - smoothed(away, 0.5 * FRAME_RATE_HZ)
    return replace(motion, root_positions_m=root)


def _restored(motion: Motion, request: GenerationRequest, around: Surroundings) -> Motion:
    """The locked parts, and the path, exactly as they were."""
    assert request.current is not None
    root = np.array(request.current.root_positions_m)
    _, rotations = motion.global_transforms()
    rotations[:, around.kept_joints] = around.kept_rotations
    local = quaternion.normalize(local_from_global(HOUSE, rotations))
    return replace(motion, root_positions_m=root, local_rotations=local)
