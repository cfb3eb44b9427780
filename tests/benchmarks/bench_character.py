"""The mannequin: making a body, and putting dances on it."""

from __future__ import annotations

from engine.character.character import _made, character
from engine.character.dressing import dressed
from tests.benchmarks.timing import best_s
from tests.dances import walk


def run() -> None:
    """Print what a body costs, and a dance of one and of ten minutes on it."""
    mesh = character().mesh
    print(f"  finest skin                       {len(mesh.positions_m)} vertices, {len(mesh.triangles)} triangles")
    print(f"  another body                      {best_s(lambda: _made.__wrapped__('woman', 1.63), 3) * 1e3:8.1f} ms")
    body = character("man", 1.84)
    for minutes, repeats in ((1.0, 3), (10.0, 2)):
        motion, _ = walk(60.0 * minutes)
        took_s = best_s(lambda m=motion: dressed(m, body), repeats)
        print(f"  a walk of {minutes:4.0f} min on it           {took_s:8.2f} s")


if __name__ == "__main__":
    run()
