"""What the viewport shows at each moment: the piece's dancers, ghosts on counts, trails, counts for the eye."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from app.counting import Count, Counting
from editor.audition import Audition
from editor.document.assemble import dance
from editor.document.bodies import dressed_motion
from editor.document.document import Document, Place, Track
from editor.document.places import placed
from editor.document.standing import STANDING
from editor.findings import Entry, Offer
from editor.session import Session
from editor.theme import Theme
from engine.character.character import KINDS, character
from engine.motion.house import JOINT
from engine.motion.motion import Motion
from viewer3d.body import body_for
from viewer3d.stage_view import (
    FigureView,
    GhostView,
    HudLines,
    Marked,
    MeasureView,
    Picked,
    StageView,
    TrailView,
    poses_at,
    stage_colours,
)

GHOST_BEATS = (-2, -1, 1, 2)
TRAIL_JOINTS = {"hands": ("LeftHand", "RightHand"), "feet": ("LeftToeBase", "RightToeBase"), "hips": ("Hips",)}
_TRAIL_S = (0.9, 0.25)  # before and after the playhead
_LABELLED_FROM_M = 0.45
_GHOST_EVERY_S = 0.5  # where there are no beats
_LONGEST_NAME = 20
_REFERENCE_ALPHA = 0.45
_REPAIR_ALPHA = 0.9
_NEAR_FRAMES = 8


class Stage:
    """Makes the picture's values from the session; holds nothing that the session holds.

    Attributes:
        picked: What is selected on a figure.
        count_in: What is counted before the music starts, such as "6"; empty while it plays.
        is_large: Huge counts, for the demo mode.
        finding: The finding that is shown on its figure; None for none.
        repaired: The repair whose ghost is shown; None for none.
    """

    def __init__(self, session: Session, audition: Audition, theme: Theme) -> None:
        self.picked: Picked | None = None
        self.count_in = ""
        self.is_large = False
        self.finding: Entry | None = None
        self.repaired: Offer | None = None
        self._measured: tuple[object, tuple[MeasureView, ...]] = (None, ())
        self._session, self._audition = session, audition
        self._counting: Counting | None = None
        self.set_theme(theme)
        session.changed.connect(self._on_changed)
        self._on_changed(Document(), session.document, "")

    def set_theme(self, theme: Theme) -> None:
        """Show the stage in another theme's colours."""
        self._colours = stage_colours(
            theme.stage, theme.is_dark, theme.muted, theme.accent, theme.past, theme.future,
            theme.text, theme.note, theme.error,
        )  # fmt: skip

    def motions(self) -> list[tuple[Track, Motion]]:
        """The dances that are seen, on the house skeleton, auditioned ones too; not of hidden and empty dancers."""
        session = self._session
        return [
            (track, session.auditioned_motion(track.id) or dance(session.document, track.id))
            for track in session.document.tracks
            if not track.is_hidden and (track.clips or session.auditioned_motion(track.id) is not None)
        ]

    def seen(self) -> list[tuple[Track, Motion]]:
        """What is seen on the stage, each on her own body: the dances, and in their places those who have none yet."""
        dances = {track.id: motion for track, motion in self.motions()}
        return [
            (track, dressed_motion(dances[track.id] if track.id in dances else _waiting(track.place), track))
            for track in self._session.document.dancers
            if not track.is_hidden
        ]

    def bodies_to_come(self) -> Callable[[], None]:
        """Work for another thread: to make the bodies that dancers may be given next, which nobody then waits for."""
        heights_m = {track.height_m for track in self._session.document.dancers}

        def make() -> None:
            for height_m in heights_m:
                for kind in KINDS:
                    body_for(character(kind, height_m).skeleton)

        return make

    def active_motion(self) -> Motion | None:
        """The dance of the active dancer, or of the first that is seen, on her own body."""
        seen = [one for one in self.motions() if not one[0].is_reference]
        chosen = next((one for one in seen if one[0].id == self._session.active_track_id), seen[0] if seen else None)
        return dressed_motion(chosen[1], chosen[0]) if chosen else None

    def view_at(self, time_s: float) -> StageView:
        """The picture at a moment."""
        session, seen = self._session, self.seen()
        poses = poses_at([motion for _, motion in seen], [time_s] * len(seen))
        figures = tuple(
            FigureView(
                track.id, pose, motion.skeleton, None,
                len(seen) > 1 and track.id == session.active_track_id and not self.is_large,
                _short(track.name) if len(seen) > 1 else "",
            )
            for (track, motion), pose in zip(seen, poses, strict=True)
        )  # fmt: skip
        active, has_ghosts = self.active_motion(), session.view.shows_ghosts
        return StageView(
            figures=figures,
            ghosts=(
                *self._references(time_s), *(self._ghosts(active, time_s) if has_ghosts and active else ()),
                *self._repaired(time_s),
            ),
            trails=self._trails(active, time_s) if session.view.trails and active else (),
            path_m=self._path(),
            is_mirrored=session.view.is_mirrored,
            shows_capsules=session.view.shows_capsules,
            picked=self.picked,
            colours=self._colours,
            measures=self._measures(seen, time_s),
            marked=self._marked(time_s),
        )  # fmt: skip

    def hud_at(self, time_s: float) -> HudLines:
        """The words over the picture at a moment."""
        count = self._counting.at_frame(time_s) if self._counting else None
        title = ""
        index = self._audition.auditioned
        n_takes = len(self._audition.candidates)
        if self._audition.segment is not None and n_takes > 1:  # one alone has a plate of its own on the stage
            title = "As it was" if index is None else f"Take {index + 1} of {n_takes}"
        return HudLines(
            count=str(count.number) if count and not self.count_in else "",
            detail=_detail(count),
            title=title,
            notice=self.count_in,
            is_large=self.is_large,
        )

    def _ghosts(self, motion: Motion, time_s: float) -> tuple[GhostView, ...]:
        moments = self._moments_around(time_s)
        if not moments:
            return ()
        now, *poses = poses_at([motion] * (len(moments) + 1), [time_s, *(at_s for _, at_s, _ in moments)])
        return tuple(
            GhostView(
                pose, "past" if step < 0 else "future", 0.62 if abs(step) == 1 else 0.38,
                # Over a dancer who stays on the spot the counts would lie on top of one another.
                label if np.linalg.norm((pose.positions_m - now.positions_m)[0]) > _LABELLED_FROM_M else "",
                motion.skeleton,
            )
            for pose, (step, _, label) in zip(poses, moments, strict=True)
        )  # fmt: skip

    def _references(self, time_s: float) -> tuple[GhostView, ...]:
        """Those who are only looked at, faded."""
        shown = [(track, dressed_motion(motion, track)) for track, motion in self.motions() if track.is_reference]
        poses = poses_at([motion for _, motion in shown], [time_s] * len(shown))
        return tuple(
            GhostView(pose, "preview", _REFERENCE_ALPHA, _short(track.name), motion.skeleton)
            for (track, motion), pose in zip(shown, poses, strict=True)
        )

    def _repaired(self, time_s: float) -> tuple[GhostView, ...]:
        """How a dancer would move with the repair that is offered, where that is another way."""
        offer = self.repaired
        track = offer and next((t for t in self._session.document.tracks if t.id == offer.entry.track_id), None)
        if offer is None or track is None or track.is_hidden:
            return ()
        frame = time_s * offer.motion.frame_rate_hz
        if not offer.start_frame - 1 < frame < offer.end_frame:
            return ()
        motion = dressed_motion(offer.motion, track)
        return (GhostView(motion.pose_at(time_s), "repaired", _REPAIR_ALPHA, "", motion.skeleton),)

    def _is_at_finding(self, time_s: float) -> bool:
        """Whether a moment is at the finding that is shown, or so near that it is looked for."""
        if self.finding is None:
            return False
        finding, frame = self.finding.finding, time_s * self._session.document.frame_rate_hz
        return finding.start_frame - _NEAR_FRAMES <= frame < finding.end_frame + _NEAR_FRAMES

    def _marked(self, time_s: float) -> Marked | None:
        if self.finding is None or not self._is_at_finding(time_s):
            return None
        return Marked(self.finding.track_id, self.finding.finding.joints)

    def _measures(self, seen: list[tuple[Track, Motion]], time_s: float) -> tuple[MeasureView, ...]:
        """What is measured of the finding that is shown, on the dancer's own body."""
        if self.finding is None or not self._is_at_finding(time_s):
            return ()
        motion = next((m for track, m in seen if track.id == self.finding.track_id), None)
        if motion is None:
            return ()
        frame = min(round(time_s * motion.frame_rate_hz), motion.n_frames - 1)
        key = (self.finding, id(motion), frame)
        if self._measured[0] != key:
            from engine.structure.evidence import evidence

            marks = evidence(self.finding.finding, motion, frame)
            views = tuple(MeasureView(m.points_m, m.role, m.is_area, m.label) for m in marks)
            self._measured = (key, views)
        return self._measured[1]

    def _moments_around(self, time_s: float) -> Sequence[tuple[int, float, str]]:
        """Steps from now, moments and counts of the ghosts, those within the piece."""
        music, end_s = self._session.document.music, self._session.document.duration_s
        if music is None or not music.n_beats:
            spots = [(step, time_s + step * _GHOST_EVERY_S, "") for step in GHOST_BEATS]
        else:
            beats = music.beat_times_s
            after = int(np.searchsorted(beats, time_s + 0.02))
            before = int(np.searchsorted(beats, time_s - 0.02))
            indices = [(s, before + s if s < 0 else after + s - 1) for s in GHOST_BEATS]
            spots = [
                (s, float(beats[i]), str(music.count_of_eight(i))) for s, i in indices if 0 <= i < music.n_beats
            ]
        return [spot for spot in spots if 0.0 <= spot[1] <= end_s]

    def _trails(self, motion: Motion, time_s: float) -> tuple[TrailView, ...]:
        rate_hz = motion.frame_rate_hz
        start = max(0, round((time_s - _TRAIL_S[0]) * rate_hz))
        end = min(motion.n_frames, round((time_s + _TRAIL_S[1]) * rate_hz) + 1)
        if end - start < 3:
            return ()
        positions = motion.slice(start, end).positions_m()
        out = []
        for kind in ("hands", "feet", "hips"):
            for name in TRAIL_JOINTS[kind] if kind in self._session.view.trails else ():
                points = positions[:, JOINT[name]]
                speeds = np.linalg.norm(np.gradient(points, 1.0 / rate_hz, axis=0), axis=1)
                out.append(TrailView(points, speeds, name))
        return tuple(out)

    def _path(self) -> np.ndarray | None:
        """The path that is drawn for the selection, on the stage."""
        path = self._session.settings.path_m
        return np.array(path) if path else None

    def _on_changed(self, old: Document, new: Document, _label: str) -> None:
        if old.music is not new.music:
            self._counting = Counting(new.music) if new.music and new.music.n_beats else None


@lru_cache(maxsize=64)
def _waiting(place: Place) -> Motion:
    """Somebody who stands there; the same object each time, so that it is put on a body once."""
    return placed(STANDING, place)


def _short(name: str) -> str:
    """A name that leaves room for the others over the stage."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}\u2026"


def _detail(count: Count | None) -> str:
    return f"{count.bar_name} \u00b7 {count.tempo_bpm:.0f} bpm" if count else ""
