"""Who is compared: the model, the baselines that lie in a folder, and real takes."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import ModelError

if TYPE_CHECKING:
    from engine.baselines.recogniser import FrozenRecogniser
    from engine.evaluation.comparison import Budget
    from engine.evaluation.dancer import Contestant, Take
    from engine.generation.checkpoint import TrainedModel
    from engine.motion.motion import Motion
    from engine.music.analysis import MusicAnalysis

BASELINES = Path("runs/baselines")  # where they are looked for; git does not know it, and no release holds it
MODEL, REAL, FLOOR = "Kinetograph", "real, held out", "real, trained on"
TWIN = "Kinetograph, same budget"  # trained on what the baselines were trained on, and as long as they
TWIN_FOLDER = Path("kinetograph/model")  # in the baselines' folder: of `kinetograph train kinetograph -o ...`
LADDER = ("plain GAN", "+ attention", "+ multimodal", "+ sync", "+ structure")


class ModelContestant:
    """The trained model, asked for one style at a time, or for a mix."""

    def __init__(self, model: TrainedModel, name: str = MODEL) -> None:
        self._model, self.name = model, name
        self._danced = {model.styles[i] for i in set(model.bank.clip_style.tolist())}

    @property
    def card(self) -> Mapping[str, Any]:
        """The model's."""
        return self._model.card

    def dance(self, music: MusicAnalysis, n_frames: int, seed: int, style: str) -> Motion:
        """The beginning of a song in one style; one that it has not seen is its usual mix."""
        return self.in_mix(music, n_frames, seed, {style: 1.0} if style in self._danced else {})

    def in_mix(self, music: MusicAnalysis, n_frames: int, seed: int, style: dict[str, float]) -> Motion:
        """The beginning of a song in a mix of styles."""
        from engine.generation.generate import generate
        from engine.generation.request import request_for_music
        from engine.motion.house import FRAME_RATE_HZ

        return generate(request_for_music(music, 0.0, n_frames / FRAME_RATE_HZ, seed=seed, style=style), self._model)

    def fill(self, before: Motion, n_frames: int, after: Motion, style: str, seed: int) -> Motion:
        """A segment in silence between fixed motion."""
        import numpy as np

        from engine.generation.generate import generate
        from engine.generation.request import GenerationRequest

        request = GenerationRequest(
            n_frames, np.zeros(0), np.zeros(0), np.full(n_frames, 0.5), np.zeros(n_frames),
            style={style: 1.0} if style in self._danced else {}, seed=seed, before=before, after=after,
        )  # fmt: skip
        return generate(request, self._model)


class Renamed:
    """A contestant under another name."""

    def __init__(self, contestant: Contestant, name: str) -> None:
        self._contestant, self.name = contestant, name

    def dance(self, music: MusicAnalysis, n_frames: int, seed: int, style: str) -> Motion:
        """As the contestant's."""
        return self._contestant.dance(music, n_frames, seed, style)

    def fill(self, before: Motion, n_frames: int, after: Motion, style: str, seed: int) -> Motion:
        """As the contestant's."""
        return self._contestant.fill(before, n_frames, after, style, seed)


def gathered(
    model: TrainedModel, validation: Sequence[Take], training: Sequence[Take], folder: Path
) -> tuple[list[Contestant], FrozenRecogniser]:
    """All contestants, real takes first and the model next, and the judge; ModelError without a judge in `folder`.

    Where the model was trained anew as long as the baselines, that one comes next.
    """
    from app.dance import load_bundled_model
    from engine.baselines.learned import load_dancers
    from engine.baselines.patches import PatchMatching
    from engine.baselines.untrained import Interpolation, RealTakes

    judge = judge_in(folder)
    found: list[Contestant] = [Renamed(RealTakes(validation), REAL), Renamed(RealTakes(training), FLOOR)]
    found.append(ModelContestant(model))
    if (folder / TWIN_FOLDER).is_dir():
        found.append(ModelContestant(load_bundled_model(str(model.device), folder / TWIN_FOLDER), TWIN))
    found.append(PatchMatching(training))
    with contextlib.suppress(ModelError):  # the judge alone is enough to compare with what needs no training
        found += load_dancers(folder)
    return [*found, Interpolation(training)], judge


def budgets(contestants: Sequence[Contestant], judge: FrozenRecogniser) -> list[Budget]:
    """What the models, the baselines and the judge were trained with, as far as their files tell."""
    from engine.evaluation.comparison import Budget

    out = []
    for contestant in contestants:
        setup = getattr(contestant, "setup", None)
        if setup is not None:
            out.append(_budget(contestant.name, setup))
        if isinstance(contestant, ModelContestant) and "training" in contestant.card:
            training, steps = contestant.card["training"], int(contestant.card.get("steps", 0))
            out.append(Budget(contestant.name, float(training["minutes"]), str(training["device"]), steps))
    return [*out, _budget("the judge", {"figures": judge.figures, "device": judge.device})]


def _budget(name: str, setup: Mapping[str, Any]) -> Budget:
    from engine.evaluation.comparison import Budget

    figures = setup.get("figures", {})
    device = str(setup.get("device", "not told"))
    return Budget(name, float(figures.get("minutes", 0.0)), device, int(figures.get("steps", 0)))


def judge_in(folder: Path) -> FrozenRecogniser:
    """The judge that lies in a folder; ModelError with a sentence where there is none."""
    from engine.baselines.recogniser import FrozenRecogniser

    path = folder / "recogniser.npz"
    if not path.is_file():
        raise ModelError(f"{folder} holds no judge: train it with `kinetograph baseline recogniser -o {folder}`.")
    return FrozenRecogniser.load(path)
