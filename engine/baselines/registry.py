"""The table of baselines that are trained."""

from __future__ import annotations

from dataclasses import dataclass

from engine.baselines.corpus import Corpus
from engine.baselines.gan import LADDER, Parts
from engine.baselines.gan_training import GanTraining
from engine.baselines.inbetweener_training import InbetweenerTraining
from engine.baselines.recogniser import RecogniserTraining
from engine.baselines.run import Maker, Trainee
from engine.baselines.vq_training import VqGptTraining


@dataclass(frozen=True)
class Trained:
    """One that is trained: what it is, how it is made, whether on dance alone, the minutes that one GPU takes."""

    says: str
    make: Maker
    dance_only: bool
    minutes: float


def _gan(parts: Parts) -> Maker:
    def make(corpus: Corpus, held_out: Corpus, seed: int) -> Trainee:
        return GanTraining(parts, corpus, seed)

    return make


LONGEST_MINUTES = 8.0  # the same for every baseline: all have one budget
TRAINED: dict[str, Trained] = {
    "recogniser": Trained("names styles, and places movement for distances", RecogniserTraining, True, 1.5),
    "vq_gpt": Trained("a VQ-VAE and a small GPT over its words", VqGptTraining, False, LONGEST_MINUTES),
    "transformer": Trained("a Transformer that fills gaps", InbetweenerTraining, False, LONGEST_MINUTES),
    "gan": Trained("the paper's plain GAN", _gan(LADDER["gan"]), False, LONGEST_MINUTES),
    "gan_attention": Trained("with self-attention", _gan(LADDER["gan_attention"]), False, LONGEST_MINUTES),
    "gan_multimodal": Trained(
        "with music, effort and style too", _gan(LADDER["gan_multimodal"]), False, LONGEST_MINUTES
    ),
    "gan_sync": Trained("with the synchronisation loss too", _gan(LADDER["gan_sync"]), False, LONGEST_MINUTES),
    "gan_structure": Trained("with the structure losses too", _gan(LADDER["gan_structure"]), False, LONGEST_MINUTES),
}
