"""How long a dance takes to become the scene of a film: three minutes, at several rates, on every rig."""

from __future__ import annotations

from app.resources import resource_path
from engine.character.character import character
from engine.formats.film_scene import FilmDancer, film_scene
from engine.formats.scene import RATES, FilmScene
from engine.formats.target_rigs import read_target_rigs
from engine.motion.motion import concatenate
from engine.motion.target_rig import TargetRig
from tests.benchmarks.timing import best_s
from tests.dances import skating, walk

NAMES = ("23.976", "24", "30", "60", "120")


def run() -> None:
    """Print the best of several times, a dancer of 24 joints with a body and a T-pose first."""
    motion = skating(concatenate([walk(60.0)[0]] * 3))
    dancer = FilmDancer("Ana", (motion,), character("neutral").mesh)
    rigs, _ = read_target_rigs(resource_path("rigs/targets"))

    def scene(rig: TargetRig, rate: str) -> FilmScene:
        return film_scene([dancer], rig=rig, rate=RATES[rate], handles_frames=8, t_pose_first=True)

    print(f"{motion.duration_s:.0f} s at {motion.frame_rate_hz:.0f} Hz as the scene of a film, ms")
    print(f"  {'rig':16s}" + "".join(f"{name:>10s}" for name in NAMES))
    for name, rig in rigs.items():
        times_ms = [1e3 * best_s(lambda rig=rig, rate=rate: scene(rig, rate), repeats=3) for rate in NAMES]
        print(f"  {name:16s}" + "".join(f"{time_ms:10.0f}" for time_ms in times_ms))


if __name__ == "__main__":
    run()
