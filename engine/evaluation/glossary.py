"""What every figure of the report is: in words, its unit, where it comes from."""

from __future__ import annotations

from engine.evaluation.report import Table

EXPLAINED = "What the figures are"  # the table's title
# figure -> what it is, unit (and which way is better), source.
FIGURES: dict[str, tuple[str, str, str]] = {
    "skating": ("of frames with a foot on the floor, those in which ankle or toe slides faster than 1 cm a frame",
                "%, at 30 fps; less", "Lodge (Li et al. 2024), length of the step instead of signed sums"),
    "slide": ("speed of the toe along the floor while its foot is down", "cm/s; less", "own"),
    "below floor": ("deepest point of the body under the floor, mean of frames", "mm; less", "own"),
    "through itself": ("frames in which capsules of the body's parts intersect", "%; less", "own, on the mannequin"),
    "jitter": ("second difference of joints, in the world plus from the root", "mm a frame squared, 30 fps; as real",
               "Motius 2026"),
    "frozen": ("frames with a mean joint speed under 5 % of the real takes' median", "%; as real",
               "LRCM's frozen frames"),
    "speed": ("mean joint speed", "m/s; as real", "motion magnitude of Skeleton2Stage"),
    "PFC": ("root acceleration times both feet's displacement; 0 for who stands still", "none, 30 fps; as real",
            "EDGE (Tseng et al. 2023), Eq. 10"),
    "beats": ("kinematic beats within 100 ms of a beat of the music", "share; more over chance",
              "beats: FACT (Li et al. 2021)"),
    "BAS lift": ("exp(-d^2 / 2 sigma^2), sigma 50 ms, d from each beat of the dance to the nearest of the music, less "
                 "its mean over 20 circular shifts", "-1 to 1; more", "FACT; BAS' of music to dance: Bailando"),
    "correlation lift": ("peak of the cross-correlation of the beats' pulses with the dips of joint speed, within "
                         "100 ms, less its mean over 20 shifts", "-1 to 1; more", "Lin & Feng 2025, Algorithm 2"),
    "FID (learned)": ("Fréchet distance in the judge's embedding of windows of 3.2 s from real held-out dance, "
                      "z-scored", "none; less", "Heusel et al. 2017; the judge is trained on the training takes"),
    "FID_k, FID_g": ("the same in kinetic (Onuma et al. 2008) and geometric (Mueller et al. 2005) features, 5 s "
                     "pieces; legacy repeats the slips of the published code", "none; less", "AIST++ (Li et al. 2021)"),
    "diversity": ("mean distance of pairs of windows in the embedding, over real", "ratio; 1", "AIST++"),
    "novelty": ("distance of each second from the nearest training movement, mirrored too, nine joints", "cm; more",
                "own"),
    "style accuracy": ("windows that the judge names by the style asked for; in brackets over real takes", "%; more",
                       "MEGADance's yardstick"),
    "L2P, L2Q, NPSS": ("distance of positions (normalised) and rotations from the truth in a gap; of their spectra",
                       "none; less", "LaFAN1 (Harvey et al. 2020)"),
    "velocity step, jump": ("change of velocity at a seam over the speed around; distance from where the speeds on "
                            "either side lead", "%, cm; as real", "own"),
    "findings a minute": ("warnings and errors of the structure rules, in 20 s stretches without the rules of whole "
                          "pieces and of music", "1/min; less", "`kinetograph check`, resources/rules"),
    "emotion, Spearman": ("rank correlation of a slider's 7 settings and the measured quality, seed by seed",
                          "-1 to 1; 1", "qualities: Wallbott 1998, Camurri et al. 2003"),
    "similarity of pieces": ("rank correlation over pairs of bars of how alike they are in dance and in music",
                             "-1 to 1; more over chance", "after the paper's logical coherence"),
    "PSNR, SSIM": ("drawn pictures of filled gaps against the truth, drawn", "dB, 0 to 1; more",
                   "Wang et al. 2004; as in Lin & Feng 2025"),
    "[low, high]": ("95 % interval: percentiles of 1,000 resamples of dances (60 of FIDs; gaps for L2P)",
                    "as the figure", "Efron & Tibshirani 1993"),
}  # fmt: skip


def glossary_table() -> Table:
    """What every figure is."""
    rows = tuple((name, *row) for name, row in FIGURES.items())
    return Table(EXPLAINED, "", ("figure", "what", "unit; what is better", "source"), rows, n_words=4)
