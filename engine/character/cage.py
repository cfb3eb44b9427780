"""The dancer's faces: rings of `figure` joined to one closed surface, and what carries each of its points.

The left half is built; the right one is its mirror image. Trunk and head are strips of half rings that are open at
x = 0; legs begin at the lowest one, and arms in a hole in its side.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import numpy as np

from engine.character import figure
from engine.character.figure import BUILDS, Build
from engine.character.palette import OTHER_SIDE
from engine.character.subdivision import Faces, Refined, refined
from engine.motion.house import HOUSE, JOINT, MIRROR
from engine.motion.signals import smoothstep

_HALF = np.radians(np.arange(7) * 30.0)  # spokes of trunk and head: front, left, back
_LEG_SPOKES = np.radians(-18.0 + 36.0 * np.arange(10))  # from the front over the outer side, the crotch's last
_ARM_SPOKES = np.radians(45.0 * np.arange(8))  # from the top over the back
_ARM_ROWS = (6, 7, 8)  # rings of the torso that the armhole lies on, at spokes 2 to 4
# What carries the armhole: its lower edge stays with the ribs, its upper one goes with the arm.
_ARMHOLE: dict[int, dict[str, float]] = {
    6: {"Spine2": 0.50, "LeftShoulder": 0.34, "LeftArm": 0.16},
    7: {"Spine2": 0.26, "LeftShoulder": 0.52, "LeftArm": 0.22},
    8: {"Spine2": 0.18, "LeftShoulder": 0.62, "LeftArm": 0.20},
}
_NO_POINT = (7, 3)  # the armhole's middle
Carriers = dict[str, float]


@dataclass(frozen=True, eq=False)
class Cage:
    """A closed surface of N points before it is made smooth.

    Attributes:
        points_m: Where the smooth surface passes, metres, [N, 3].
        weights: How much each joint carries each point; rows add up to 1, [N, J].
        faces: Points of each face, counter-clockwise from outside.
        colours: "#rrggbb" of each face.
        tips: Faces that end a finger or a toe.
    """

    points_m: np.ndarray
    weights: np.ndarray
    faces: Faces
    colours: tuple[str, ...]
    tips: tuple[int, ...]


@lru_cache(maxsize=8)
def cage(kind: str) -> Cage:
    """The faces of a kind of body, 1.70 m tall on the house skeleton."""
    half = _Half(BUILDS[kind])
    half.build()
    return half.whole()


@lru_cache(maxsize=1)
def smoothing() -> Refined:
    """What makes a cage smooth; the same for every kind, whose faces are the same."""
    made = cage("neutral")
    return refined(made.faces, len(made.points_m))


@dataclass
class _Half:
    """The left half while it is built: points, what carries them, faces and their colours."""

    flesh: Build
    points: list[np.ndarray] = field(default_factory=list)
    carriers: list[Carriers] = field(default_factory=list)
    faces: Faces = field(default_factory=list)
    colours: list[str] = field(default_factory=list)
    tips: list[int] = field(default_factory=list)

    def build(self) -> None:
        torso = self._torso()
        self._head(torso[-1])
        self._leg(torso[0])
        self._arm(torso)

    def _add(self, points: np.ndarray, carriers: list[Carriers]) -> list[int]:
        first = len(self.points)
        self.points += list(points)
        self.carriers += carriers
        return list(range(first, first + len(points)))

    def _face(self, corners: tuple[int, ...], part: str) -> None:
        self.faces.append(corners)
        self.colours.append(figure.COLOURS[part])

    def _strip(self, one: list[int], other: list[int], part: str, is_closed: bool = True) -> None:
        for i in range(len(one) if is_closed else len(one) - 1):
            j = (i + 1) % len(one)
            self._face((one[i], one[j], other[j], other[i]), part)

    # --- trunk and head ---

    def _torso(self) -> list[list[int]]:
        rings: list[list[int]] = []
        for number, row in enumerate(figure.TORSO):
            points = _half_ring(row, *self.flesh.torso[number])
            points[1, 2] += self.flesh.chest_m[number]
            points[2, 2] += 0.4 * self.flesh.chest_m[number]
            if number in _ARM_ROWS:
                points[2:5] = self._armhole()[_hole_corners(number)]
            carriers = [_along(point[1], figure.SPINE_JOINTS) for point in points]
            if number in _ARM_ROWS:
                for spoke in (2, 3, 4):
                    carriers[spoke] = _ARMHOLE[number]
                for spoke in (1, 5):
                    carriers[spoke] = {"LeftShoulder": 0.20, "Spine2": 0.80}
            if number < 2:
                carriers = [_hip(carrier, spoke, number) for spoke, carrier in enumerate(carriers)]
            kept = [spoke for spoke in range(7) if (number, spoke) != _NO_POINT]
            added = dict(zip(kept, self._add(points[kept], [carriers[k] for k in kept]), strict=True))
            rings.append([added.get(spoke, -1) for spoke in range(7)])
        for number, (one, other) in enumerate(pairwise(rings)):
            for spoke in range(6):
                if not (number in _ARM_ROWS[:2] and spoke in (2, 3)):
                    part = "neck" if number == 9 else "torso"
                    self._face((one[spoke], one[spoke + 1], other[spoke + 1], other[spoke]), part)
        return rings

    def _head(self, neck: list[int]) -> None:
        before = neck
        for number, row in enumerate(figure.HEAD):
            size = self.flesh.neck if number == 0 else self.flesh.head
            points = _half_ring(row, size, size)
            for ring, spoke, *by_m in figure.FACE:
                if ring == number:
                    points[spoke] += by_m
            y = 1.60 if number else float(points[:, 1].mean())
            ring_ids = self._add(points, [_along(y, figure.SPINE_JOINTS)] * len(points))
            for spoke in range(6):
                is_visor = number == 5 and spoke < 3
                part = "neck" if number == 0 else "visor" if is_visor else "head"
                self._face((before[spoke], before[spoke + 1], ring_ids[spoke + 1], ring_ids[spoke]), part)
            before = ring_ids
        [crown] = self._add(np.array([[0.0, *figure.CROWN]]), [{"Head": 1.0}])
        for one, other in pairwise(before):
            self._face((one, other, crown), "head")

    # --- the leg ---

    def _leg(self, hip: list[int]) -> None:
        crotch = np.array([[0.0, 0.806, -0.048], [0.0, 0.798, -0.008], [0.0, 0.804, 0.034]])
        carrier = {"Hips": 0.70, "LeftUpLeg": 0.15, "RightUpLeg": 0.15}
        before = hip + self._add(crotch, [carrier] * 3)
        for number, (y, width, depth, x, z) in enumerate(figure.LEG):
            size = self.flesh.leg[number]
            ring = np.stack([
                x + size * width * np.sin(_LEG_SPOKES), np.full(10, y), z + size * depth * np.cos(_LEG_SPOKES),
            ], axis=1)  # fmt: skip
            carrier = _along(-y, figure.LEG_JOINTS)
            if number == 0:
                carrier = {"LeftUpLeg": 0.88, "Hips": 0.12}
            after = self._add(ring, [carrier] * 10)
            self._strip(before, after, "leg")
            before = after
        self._foot(before)

    def _foot(self, before: list[int]) -> None:
        for number, row in enumerate(figure.FOOT):
            ring = _foot_ring(row, self.flesh.foot)
            carriers = [_along(point[2], figure.FOOT_JOINTS) for point in ring]
            if number == 0:
                carriers = [_along(-point[1], figure.LEG_JOINTS) for point in ring]
            if number == len(figure.FOOT) - 1:
                ring = _ball_ring(ring)
                carriers = [{"LeftFoot": 0.5, "LeftToeBase": 0.5}] * 10
            after = self._add(ring, carriers)
            self._strip(before, after, "foot" if number else "leg")
            before = after
        # From the inner side over the top to the outer side, and the same underneath.
        top = [before[k] for k in (8, 9, 0, 1, 2, 3)]
        bottom = [before[k] for k in (8, 7, 6, 5, 4, 3)]
        ends = [np.array([x, 0.002 + high, z]) for x, z, _, high in figure.TOES]
        sizes = [(wide * self.flesh.foot, high) for _, _, wide, high in figure.TOES]
        self._digits(top, bottom, [[(end, size)] for end, size in zip(ends, sizes, strict=True)], "LeftToeBase", "foot")

    # --- the arm ---

    def _armhole(self) -> np.ndarray:
        return _arm_ring(figure.ARM[0], self.flesh.arm[0])

    def _arm(self, torso: list[list[int]]) -> None:
        low, middle, high = (torso[number] for number in _ARM_ROWS)
        before = [high[3], high[4], middle[4], low[4], low[3], low[2], middle[2], high[2]]
        rings = [before]
        for number, row in enumerate(figure.ARM[1:], start=1):
            ring = _arm_ring(row, self.flesh.arm[number])
            after = self._add(ring, [_along(point[0], figure.ARM_JOINTS) for point in ring])
            part = "arm" if number < figure.N_ARM_RINGS_BEFORE_HAND else "hand"
            for i in range(8):
                # The thumb grows out of the face before the index finger, below the hand's edge.
                if not (number == figure.N_ARM_RINGS_BEFORE_HAND and i == 5):
                    j = (i + 1) % 8
                    self._face((before[i], before[j], after[j], after[i]), part)
            before = after
            rings.append(after)
        self._hand(rings)

    def _hand(self, rings: list[list[int]]) -> None:
        knuckles = rings[-1]
        top = [knuckles[k] for k in (6, 7, 0, 1, 2)]
        bottom = [knuckles[k] for k in (6, 5, 4, 3, 2)]
        size = self.flesh.hand
        fingers = []
        for number, (x, z, wide, high) in enumerate(figure.FINGERS):
            corners = [self.points[k] for k in {*top[number : number + 2], *bottom[number : number + 2]}]
            base = np.mean(corners, axis=0)
            end = np.array([x, figure.FINGER_TIP_Y, z])
            middle = base + figure.FINGER_MIDDLE * (end - base)
            middle[1] = base[1]
            fingers.append([(middle, (1.12 * size * wide, 1.12 * size * high)), (end, (size * wide, size * high))])
        self._digits(top, bottom, fingers, "LeftFingerBase", "hand")
        wrist, palm = rings[figure.N_ARM_RINGS_BEFORE_HAND - 1], rings[figure.N_ARM_RINGS_BEFORE_HAND]
        before = [wrist[5], wrist[6], palm[6], palm[5]]
        for x, y, z, wide, high in figure.THUMB:
            # Across the thumb, which points forward and out.
            along = np.array([0.75, 0.0, 0.66])
            across = np.array([-along[2], 0.0, along[0]])
            ring = [np.array([x, y, z]) + size * (wide * s * across + np.array([0.0, high * u, 0.0]))
                    for s, u in ((-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8))]  # fmt: skip
            after = self._add(np.array(ring), [{"LeftHand": 1.0}] * 4)
            before = self._joined_square(before, after)
        self.tips.append(len(self.faces))
        self._face(tuple(before), "hand")

    def _joined_square(self, before: list[int], after: list[int]) -> list[int]:
        """A strip between two loops of four, the second one turned to where it lies nearest to the first."""
        def length(turn: int, sign: int) -> float:
            return sum(float(np.linalg.norm(self.points[before[i]] - self.points[after[(turn + sign * i) % 4]]))
                       for i in range(4))  # fmt: skip

        turn, sign = min(((t, s) for t in range(4) for s in (1, -1)), key=lambda way: length(*way))
        turned = [after[(turn + sign * i) % 4] for i in range(4)]
        self._strip(before, turned, "hand")
        return turned

    def _digits(
        self, top: list[int], bottom: list[int], digits: list[list[tuple[np.ndarray, tuple[float, float]]]],
        joint: str, part: str,
    ) -> None:  # fmt: skip
        """Toes or fingers side by side: each on its part of the loop, with rings at middles and of half sizes."""
        for number, rings in enumerate(digits):
            loop = [*top[number : number + 2], *reversed(bottom[number : number + 2])]
            loop = list(dict.fromkeys(loop))  # at the ends of the row top and bottom share a point
            base = np.array([self.points[k] for k in loop])
            across = base[1] - base[0]
            across[1] = 0.0
            middle = base.mean(axis=0)
            before = loop
            for centre, (wide, high) in rings:
                spread = np.stack([(base - middle) @ _unit(across), (base - middle)[:, 1]], axis=1)
                spread /= np.abs(spread).max(axis=0)
                spread *= np.sqrt(2.0) / np.maximum(np.linalg.norm(spread, axis=1, keepdims=True), 1e-9) * 0.75
                ring = centre + spread[:, :1] * wide * _unit(across) + spread[:, 1:] * high * np.array([0.0, 1.0, 0.0])
                after = self._add(ring, [{joint: 1.0}] * len(loop))
                self._strip(before, after, part)
                before = after
            self.tips.append(len(self.faces))
            self._face(tuple(before), part)

    def whole(self) -> Cage:
        """Both halves as one surface that is seen from outside."""
        points, n = np.array(self.points), len(self.points)
        weights = np.zeros((n, HOUSE.n_joints))
        for row, carriers in enumerate(self.carriers):
            for name, weight in carriers.items():
                weights[row, JOINT[name]] += weight
        weights /= weights.sum(axis=1, keepdims=True)
        is_seam = np.abs(points[:, 0]) < 1e-9
        weights[is_seam] = 0.5 * (weights[is_seam] + weights[is_seam][:, MIRROR])
        others = np.where(is_seam, np.arange(n), n + np.cumsum(~is_seam) - 1)
        faces = _seen_from_outside(self.faces, points)
        mirrored: Faces = [tuple(int(others[k]) for k in reversed(face)) for face in faces]
        flipped = points[~is_seam] * (-1.0, 1.0, 1.0)
        return Cage(
            np.concatenate([points, flipped]), np.concatenate([weights, weights[~is_seam][:, MIRROR]]),
            [*faces, *mirrored], (*self.colours, *(OTHER_SIDE.get(colour, colour) for colour in self.colours)),
            (*self.tips, *(len(faces) + tip for tip in self.tips)),
        )  # fmt: skip


def _seen_from_outside(faces: Faces, points: np.ndarray) -> Faces:
    """The faces turned so that neighbours run against each other along their edge, and the volume is positive."""
    at_edge: dict[frozenset[int], list[int]] = {}
    for number, face in enumerate(faces):
        for pair in zip(face, (*face[1:], face[0]), strict=True):
            at_edge.setdefault(frozenset(pair), []).append(number)
    out, waiting, done = list(faces), [0], {0}
    while waiting:
        number = waiting.pop()
        face = out[number]
        for a, b in zip(face, (*face[1:], face[0]), strict=True):
            for other in at_edge[frozenset((a, b))]:
                if other not in done:
                    theirs = out[other]
                    if (a, b) in zip(theirs, (*theirs[1:], theirs[0]), strict=True):
                        out[other] = tuple(reversed(theirs))
                    done.add(other)
                    waiting.append(other)
    corners = points - points.mean(axis=0)
    volume = sum(
        float(np.dot(corners[face[0]], np.cross(corners[b], corners[c])))
        for face in out for b, c in pairwise(face[1:])
    )  # fmt: skip
    return out if volume > 0.0 else [tuple(reversed(face)) for face in out]


def _unit(v: np.ndarray) -> np.ndarray:
    return v / np.linalg.norm(v)


def _rounded(x: np.ndarray, squareness: float) -> np.ndarray:
    return np.sign(x) * np.abs(x) ** (2.0 / squareness)


def _half_ring(row: tuple[float, ...], wide: float, deep: float) -> np.ndarray:
    """The seven points of half a ring of trunk or head, front first, [7, 3]."""
    front_y, front_z, back_y, back_z, width, side_y, squareness = row
    c, s = _rounded(np.cos(_HALF), squareness), _rounded(np.sin(_HALF), squareness)
    y = 0.5 * (front_y + back_y) + 0.5 * c * (front_y - back_y) + side_y * np.sin(_HALF) ** 2
    z = 0.5 * (front_z + back_z) + 0.5 * deep * c * (front_z - back_z)
    out = np.stack([wide * width * s, y, z], axis=1)
    out[[0, -1], 0] = 0.0
    return out


def _foot_ring(row: tuple[float, ...], wide: float) -> np.ndarray:
    front_y, front_z, back_y, back_z, width, x, squareness = row
    c, s = _rounded(np.cos(_LEG_SPOKES), squareness), _rounded(np.sin(_LEG_SPOKES), squareness)
    c = c / np.abs(c).max()  # the rings' front and back lie between two spokes
    return np.stack([
        x + wide * width * s, 0.5 * (front_y + back_y) + 0.5 * c * (front_y - back_y),
        0.5 * (front_z + back_z) + 0.5 * c * (front_z - back_z),
    ], axis=1)  # fmt: skip


def _ball_ring(ring: np.ndarray) -> np.ndarray:
    """The foot's last ring with its points where toes begin."""
    out = ring.copy()
    middle, half = 0.5 * (ring[3, 0] + ring[8, 0]), 0.5 * (ring[3, 0] - ring[8, 0])
    for share, (top, bottom) in zip(figure.TOE_CUTS, ((9, 7), (0, 6), (1, 5), (2, 4)), strict=True):
        out[[top, bottom], 0] = middle + share * half
    # The ball runs slantwise from the big toe to the little one.
    out[:, 2] -= 0.012 * ((out[:, 0] - middle) / half)
    return out


def _arm_ring(row: tuple[float, ...], size: float) -> np.ndarray:
    """The eight points of a ring of the arm, top first, [8, 3]."""
    top_x, bottom_x, high, deep, y, z = row
    c, s = np.cos(_ARM_SPOKES), np.sin(_ARM_SPOKES)
    x = 0.5 * (top_x + bottom_x) + 0.5 * c * (top_x - bottom_x)
    return np.stack([x, y + size * high * c, z - size * deep * s], axis=1)


def _hole_corners(row: int) -> list[int]:
    """Which points of the armhole are the torso's at spokes 2, 3 and 4 of a row; the middle one has no third."""
    return {6: [5, 4, 3], 7: [6, 6, 2], 8: [7, 0, 1]}[row]


def _along(place: float, joints: tuple[tuple[str, float, float], ...]) -> Carriers:
    """What carries a point at a place on a limb."""
    out = {joints[0][0]: 1.0}
    for name, start, half in joints[1:]:
        share = float(smoothstep((place - start + half) / (2.0 * half)))
        out = {other: weight * (1.0 - share) for other, weight in out.items()}
        out[name] = share
    return {name: weight for name, weight in out.items() if weight > 0.0}


def _hip(carriers: Carriers, spoke: int, ring: int) -> Carriers:
    """The lower rings of the trunk go with the leg at the side, and with the hips in the middle."""
    share = (0.50, 0.16)[ring] * float(np.sin(_HALF[spoke])) ** 2
    return {name: weight * (1.0 - share) for name, weight in carriers.items()} | {"LeftUpLeg": share}
