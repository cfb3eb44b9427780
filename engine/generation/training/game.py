"""One step of training as the device does it: nothing here waits for the device, so that a step can be recorded.

Letters: B windows, C feature columns, T frames, K code cells, D dense codes (every fourth frame).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.errors import ModelError
from engine.generation.model import Condition, Discriminator, Encoder, Generator, ModelConfig
from engine.generation.model_constants import CODE_STRIDE, DENSE_LEAD, DENSE_REACH, ENTRY_STRIDE, ON_GRID, n_dense
from engine.generation.training import losses
from engine.generation.training.dataset import Statistics
from engine.generation.training.preset import Preset
from engine.generation.training.rule_losses import RULE_LOSSES, Limits
from engine.generation.training.windows import MARGIN

# How far, in standard deviations, a free row's effort is asked to differ from its codes'; as generation does.
_PULL = 0.8
_SHIFT_FRAMES = 3  # by how much the beats of free rows may lie beside those of their codes
_UPPER_FROM_ELSEWHERE = 0.35  # share of free rows whose arms dance another row's codes
_TOLD = 0.85  # share of rows that are told their codes
_CLIP = 2.0


@dataclass
class Codes:
    """What rows are told: dense codes [B, code_size, D], the posterior of those on the grid, and of each row whether
    it is told its own code (1), none (0) or one put together from several rows' (2), [B]."""

    dense: Tensor
    mean: Tensor
    log_variance: Tensor
    kept: Tensor

    @property
    def grid(self) -> Tensor:
        """Those that the generator takes, [B, code_size, K]."""
        return self.dense[..., ON_GRID]


class Game(nn.Module):
    """The networks that train together, with what their losses need."""

    def __init__(
        self, preset: Preset, config: ModelConfig, stats: Statistics, device: torch.device, half: bool,
        limits: Limits | None = None,
    ) -> None:  # fmt: skip
        """`limits` are those of the rules of structure, by rule; needed where the preset weighs any."""
        super().__init__()
        self.preset, self.config, self.device, self.is_half = preset, config, device, half
        self.rules = [name for name in RULE_LOSSES if preset.weights.get(name, 0.0) > 0.0]
        if self.rules and limits is None:
            raise ModelError(f"The preset {preset.name} weighs rules, whose limits were not given.")
        self.limits = limits or {}
        self.generator = Generator(config).to(device)
        self.encoder = Encoder(config).to(device)
        self.discriminator = Discriminator(config).to(device)
        self.body = losses.BodyKinematics(stats.mean, stats.std).to(device)
        self.acceleration_limit = stats.acceleration_limit

        def put(values: np.ndarray) -> Tensor:
            return torch.tensor(values, dtype=torch.float32, device=device)

        self.register_buffer("jerk_limit", put(stats.jerk_limit))
        self.register_buffer("effort_mean", put(stats.effort_mean))
        self.register_buffer("effort_std", put(stats.effort_std))
        n = n_dense(preset.window_frames)
        cells = np.arange(n)[ON_GRID]
        between = np.stack([np.interp(np.arange(n), cells, row) for row in np.eye(len(cells))])
        self.register_buffer("between", put(between))  # [K, D]
        centres = ENTRY_STRIDE * np.arange(n) - DENSE_LEAD + CODE_STRIDE // 2
        self.register_buffer("centres", put(centres))
        self.register_buffer("near", torch.tensor(np.clip(centres, 0, preset.window_frames - 1), device=device))
        self.register_buffer("frames", torch.arange(preset.window_frames, device=device))

    jerk_limit: Tensor
    effort_mean: Tensor
    effort_std: Tensor
    between: Tensor
    centres: Tensor
    near: Tensor
    frames: Tensor

    @property
    def has_judge(self) -> bool:
        """Whether the discriminator has any say."""
        return self.preset.weights["adversarial"] > 0.0 or self.preset.weights["feature_matching"] > 0.0

    def precision(self) -> torch.autocast:
        """Half precision where it is wanted. No copies are cached: a recording could not find them again."""
        kind = self.device.type
        return torch.autocast(kind, torch.bfloat16, enabled=self.is_half, cache_enabled=kind == "cpu")

    def trained(self) -> list[nn.Parameter]:
        """The parameters of generator and encoder that learn."""
        both = [*self.generator.parameters(), *self.encoder.parameters()]
        return [p for p in both if p.requires_grad]

    # --- what rows are told ---------------------------------------------------------------------

    def encoded(self, encoder: Encoder, wide: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Mean dense codes, and mean and log-variance on the grid, of features with MARGIN frames on either side."""
        outside = MARGIN // CODE_STRIDE
        mean, log_variance = (x.float()[..., outside:-outside] for x in encoder.learned(wide))
        with torch.autocast(self.device.type, enabled=False):
            dense = torch.einsum("bck,kd->bcd", mean, self.between)
            if encoder.linear is not None:
                edge = MARGIN - DENSE_REACH
                held = wide[..., edge : wide.shape[-1] - edge]
                linear = encoder.linear
                dense = dense + functional.conv1d(held, linear.weight, linear.bias, stride=ENTRY_STRIDE)
        return dense, dense[..., ON_GRID], log_variance

    def codes(self, b: dict[str, Tensor]) -> Codes:
        """What each row is told of itself."""
        n = len(b["features"])
        if not self.config.codes:
            noise = torch.randn(n, self.config.code_size, len(self.centres), device=self.device)
            zero = torch.zeros_like(noise[..., ON_GRID])
            return Codes(noise, zero, zero, torch.zeros(n, device=self.device))
        dense, mean, log_variance = self.encoded(self.encoder, b["wide"])
        noise = torch.randn_like(mean) * (0.5 * log_variance).exp()
        with torch.autocast(self.device.type, enabled=False):
            dense = dense + torch.einsum("bck,kd->bcd", noise, self.between)
        kept = (torch.rand(n, device=self.device) < _TOLD).float()
        null = self.generator.null(dense)
        return Codes(torch.where(kept[:, None, None] > 0, dense, null), mean, log_variance, kept)

    def freed(self, b: dict[str, Tensor], codes: Codes, n_free: int) -> tuple[dict[str, Tensor], Codes]:
        """The batch whose first rows dance what nobody danced: one row's codes, then (or in its gap) another's, some
        with the arms of a third; music and effort with them, the beats a little beside, the effort pulled away."""
        if n_free == 0:
            return b, codes
        told_of = (codes.dense, b["music"], b["own_effort"])
        mine, other, third = ([x[i : i + n_free] for x in told_of] for i in (0, 1, 2))
        told = (codes.kept[:n_free] > 0) & (codes.kept[1 : n_free + 1] > 0) & (codes.kept[2 : n_free + 2] > 0)
        known = b["mask"][:n_free].amin(dim=1)
        seam = torch.rand(n_free, 1, device=self.device) * self.preset.window_frames
        crossing = ((self.centres - seam) / CODE_STRIDE + 0.5).clamp(0.0, 1.0)
        filled = functional.avg_pool1d(1.0 - known[:, self.near], 5, stride=1, padding=2, count_include_pad=False)
        share = torch.where(known.amax(dim=1, keepdim=True) > 0, filled, crossing)[:, None]
        dense = torch.lerp(mine[0], other[0], share)
        if self.config.upper_codes:
            elsewhere = torch.rand(n_free, 1, 1, device=self.device) < _UPPER_FROM_ELSEWHERE
            split = self.config.code_size - self.config.upper_codes
            arms = torch.where(elsewhere, third[0][:, split:], dense[:, split:])
            dense = torch.cat([dense[:, :split], arms], dim=1)
        at = functional.interpolate(share[..., ON_GRID], size=len(self.frames), mode="linear")
        music = torch.where(at > 0.5, other[1], mine[1])
        beside = torch.randint(-_SHIFT_FRAMES, _SHIFT_FRAMES + 1, (n_free, 1, 1), device=self.device)
        place = (self.frames + beside).clamp(0, len(self.frames) - 1).expand_as(music)
        pull = (2.0 * torch.rand(n_free, self.config.n_effort, 1, device=self.device) - 1.0) * _PULL
        effort = torch.lerp(mine[2], other[2], at) + pull
        usable = told[:, None, None]
        valid = b["valid"][:n_free] * torch.where(told[:, None], b["valid"][1 : n_free + 1], b["valid"][:n_free])

        def joined(rows: Tensor, old: Tensor) -> Tensor:
            return torch.cat([torch.where(usable, rows, old[:n_free]), old[n_free:]])

        music = joined(music.gather(2, place), b["music"])
        effort = joined(effort, b["effort"])
        kept = torch.cat([codes.kept[:n_free] + told.float(), codes.kept[n_free:]])  # those told had 1
        changed = {**b, "music": music, "effort": effort, "valid": torch.cat([valid, b["valid"][n_free:]])}
        return changed, Codes(joined(dense, codes.dense), codes.mean, codes.log_variance, kept)

    def condition(self, b: dict[str, Tensor], column_mask: Tensor | None = None) -> Condition:
        """What the generator is told besides codes."""
        columns = b["column_mask"] if column_mask is None else column_mask
        return Condition(b["features"] * columns, b["mask"], b["music"], b["effort"], b["style"])

    # --- losses ---------------------------------------------------------------------------------

    def losses_of(
        self, b: dict[str, Tensor], codes: Codes, fake: Tensor, game: bool
    ) -> tuple[dict[str, Tensor], losses.Terms, losses.Terms]:
        """Every term but those of the game itself; and the kinematics of what was made and of what is real."""
        valid, observed, kept = b["valid"], b["observed"], codes.kept
        made = losses.kinematic_terms(self.body, fake)
        with torch.no_grad():
            real = losses.kinematic_terms(self.body, b["features"])
        # Without a code a long gap has many right answers: asking for the one that happened freezes the dance.
        gap = (1.0 - b["mask"].amin(dim=1)).sum(-1)
        softened = (1.0 - (gap - 30.0) / 90.0).clamp(0.1, 1.0)
        trust = torch.where(kept == 1.0, torch.ones_like(kept), torch.where(kept == 0.0, softened, 0.0 * kept))
        weight = valid * trust[:, None]
        unknown = (1.0 - b["column_mask"]) * self._column_weight(observed)
        known = b["mask"].amin(dim=1)
        edges = (torch.diff(known, dim=-1, prepend=known[:, :1]).abs() > 0).float()
        error = (fake - b["features"]).abs()
        terms = {
            "reconstruction": losses.weighted_mean(error, unknown * weight[:, None]),
            "position": losses.position_loss(made, real, weight, observed),
            "velocity": losses.velocity_loss(made, real, weight, observed),
            "contact": losses.contact_loss(made, real, self.body, valid, observed, (kept == 1.0).float()),
            "sync": losses.sync_loss(made, b["music"][:, 0], valid),
            "movement_consistency": losses.movement_consistency(made, self.jerk_limit, valid),
            "logical_coherence": losses.logical_coherence(made, edges * valid, self.acceleration_limit),
            "structural_integrity": losses.structural_integrity(made, self.body, valid),
            "kl": losses.kl_loss(codes.mean, codes.log_variance),
        }
        for name in self.rules:
            terms[name] = RULE_LOSSES[name](made, self.limits, valid)
        if self.preset.weights["liveliness"] > 0:
            wanted = losses.accelerations(real, valid)
            wanted = torch.where(kept == 2.0, 0.5 * (wanted + wanted.roll(-1)), wanted)
            terms["liveliness"] = losses.liveliness_loss(losses.accelerations(made, valid), wanted)
        if game and self.preset.weights["effort"] > 0:
            free = valid * (kept == 2.0).float()[:, None]
            terms["effort"] = losses.effort_loss(
                made, self.body, b["effort"], self.effort_mean, self.effort_std, free
            )
        return terms, made, real

    def _column_weight(self, observed: Tensor) -> Tensor:
        """Which feature columns count, [B, C, 1]: rotations of joints the capture had, and the root."""
        rotations = observed.repeat_interleave(6, dim=1)
        toes = observed[:, self.body.contact_rows]
        root = torch.ones_like(rotations[:, :4])
        return torch.cat([rotations, root, toes], dim=1).unsqueeze(-1)

    def seen(self, features: Tensor, terms: losses.Terms, keep: Tensor) -> Tensor:
        """What the discriminator sees of motion, [B, C (+ 66), T]."""
        if not self.config.judges_velocity:
            return features * keep
        velocity = functional.pad(terms.velocity.flatten(1, 2), (0, 1), mode="replicate")
        return torch.cat([features, velocity], dim=1) * keep

    def discriminate(self, b: dict[str, Tensor], own_music: Tensor, real: Tensor, made: Tensor) -> Tensor:
        """The discriminator's loss."""
        loss_d, _ = losses.ADVERSARIAL[self.preset.adversarial]
        n = len(real)
        # Real motion with music that is not its own counts as made: this is what teaches sync.
        shift = torch.randint(4, 12, (n, 1, 1), device=self.device)
        place = ((self.frames + shift) % len(self.frames)).expand_as(own_music)
        shifted = own_music.gather(2, place)
        hears = self.config.condition and self.preset.weights["sync"] > 0
        # Within `cached` the spectral norms are worked out once.
        with self.precision(), nn.utils.parametrize.cached():
            on_real = self.discriminator(real, own_music, b["style"])
            on_made = self.discriminator(made, b["music"], b["style"])
            on_shifted = self.discriminator(real, shifted, b["style"]) if hears else None
        loss = torch.zeros((), device=self.device)
        for i, (r, f) in enumerate(zip(on_real, on_made, strict=True)):
            loss = loss + loss_d(r[0].float(), f[0].float())
            if on_shifted is not None:
                loss = loss + 0.25 * torch.relu(1 + on_shifted[i][0].float()).mean()
        return loss

    def judged(
        self, b: dict[str, Tensor], own_music: Tensor, real: Tensor, made: Tensor, kept: Tensor
    ) -> dict[str, Tensor]:
        """The generator's terms of the game."""
        _, loss_g = losses.ADVERSARIAL[self.preset.adversarial]
        with self.precision(), nn.utils.parametrize.cached():
            judged = self.discriminator(made, b["music"], b["style"])
            with torch.no_grad():
                wanted = self.discriminator(real, own_music, b["style"])
        zero = torch.zeros((), device=self.device)
        same = (kept == 1.0).float()[:, None, None]
        matching, fooling = zero, zero
        for j, w in zip(judged, wanted, strict=True):
            fooling = fooling + loss_g(j[0].float())
            for x, y in zip(j[1], w[1], strict=True):
                matching = matching + losses.weighted_mean((x.float() - y.float()).abs(), same)
        return {"adversarial": fooling, "feature_matching": matching / (len(judged) * len(judged[0][1]))}

    def told_back(self, encoder: Encoder, fake: Tensor, codes: Codes) -> Tensor:
        """How far free rows' codes, read from what was made of them, lie from those they were told."""
        with self.precision():
            read = encoder(fake)[0].float()[..., 1:-1]
        free = (codes.kept == 2.0).float()[:, None, None]
        return losses.weighted_mean((read - codes.grid[..., 1:-1].detach()).abs(), free)


def clipped(parameters: Iterable[nn.Parameter]) -> Tensor:
    """Cut gradients down to a length of 2; gives what it was."""
    norm: Tensor = torch.nn.utils.clip_grad_norm_(list(parameters), _CLIP)
    return norm
