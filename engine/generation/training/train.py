"""Training: the autoencoder first, then the adversarial game; resumable to the last bit."""

from __future__ import annotations

import copy
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.errors import ModelError
from engine.generation.model import Condition, Discriminator, Encoder, Generator
from engine.generation.model_constants import CODE_STRIDE
from engine.generation.training import losses
from engine.generation.training.basis import set_linear_codes
from engine.generation.training.dataset import (
    Batch,
    Clip,
    Statistics,
    WindowSampler,
    load_clips,
    statistics,
)
from engine.generation.training.log import TrainingLog
from engine.generation.training.parallel import Workers
from engine.generation.training.preset import Preset

VALIDATION_WINDOWS = 48


@dataclass
class Progress:
    """What a running training says of itself."""

    step: int
    total_steps: int
    seconds_per_step: float
    eta_s: float
    terms: dict[str, float]


class Trainer:
    """Networks, optimisers and data of one run. `run()` trains; `save()` and `resume()` keep its state."""

    def __init__(self, preset: Preset, folder: Path, out: Path, device: str = "cpu", half: bool = True) -> None:
        self.preset, self.out, self.half = preset, out, half
        self.workers = Workers.from_environment(device)
        self.device = self.workers.device
        out.mkdir(parents=True, exist_ok=True)
        clips = load_clips(folder, "train")
        self.styles = sorted({c.style for c in clips})
        self.stats = statistics(clips, folder)
        self.n_dance_frames = count_frames(clips)
        torch.manual_seed(preset.seed + 1000 * self.workers.rank)
        config = preset.model_config(len(self.styles))
        self.config = config
        self.generator = Generator(config).to(self.device)
        self.encoder = Encoder(config).to(self.device)
        self.discriminator = Discriminator(config).to(self.device)
        if config.linear_codes:
            set_linear_codes(self.encoder, self.generator, clips, self.stats, preset.seed)
        for module in (self.generator, self.encoder, self.discriminator):
            self.workers.broadcast(module)
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        self.average_encoder = copy.deepcopy(self.encoder).requires_grad_(False)
        self.body = losses.BodyKinematics(self.stats.mean, self.stats.std).to(self.device)
        self.jerk_limit = torch.tensor(self.stats.jerk_limit, dtype=torch.float32, device=self.device)
        self.optimiser = torch.optim.Adam(
            [*self.generator.parameters(), *self.encoder.parameters()], lr=1e-4, betas=preset.betas
        )
        self.optimiser_d = torch.optim.Adam(
            self.discriminator.parameters(), lr=preset.learning_rate_discriminator, betas=preset.betas
        )
        self.sampler = WindowSampler(
            clips, self.stats, self.styles, preset.window_frames, preset.seed + 1000 * self.workers.rank
        )
        held_out = [c for c in load_clips(folder, "validation", mirror=False) if c.style in self.styles]
        if not held_out:
            raise ModelError(f"{folder} holds no validation clip of a style that is trained: prepare more motion.")
        check = WindowSampler(held_out, self.stats, self.styles, preset.window_frames, 7)
        self.validation = self._tensors(check.batch(VALIDATION_WINDOWS, augment=False))
        self.step = 0

    # --- data -----------------------------------------------------------------------------------

    def _tensors(self, batch: Batch) -> dict[str, Tensor]:
        return {k: torch.from_numpy(v).to(self.device) for k, v in vars(batch).items()}

    def _condition(self, b: dict[str, Tensor], column_mask: Tensor | None = None) -> Condition:
        columns = b["column_mask"] if column_mask is None else column_mask
        return Condition(b["features"] * columns, b["mask"], b["music"], b["effort"], b["style"])

    def _column_weight(self, b: dict[str, Tensor]) -> Tensor:
        """Which feature columns count, [B, C, 1]: rotations of joints the capture had, and the root."""
        rotations = b["observed"].repeat_interleave(6, dim=1)
        toes = b["observed"][:, self.body.contact_rows]
        root = torch.ones_like(rotations[:, :4])
        return torch.cat([rotations, root, toes], dim=1).unsqueeze(-1)

    def _codes(self, b: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Codes to decode, the posterior's mean and log-variance, and which rows kept their code [B]."""
        n, k = len(b["features"]), b["features"].shape[-1] // CODE_STRIDE
        if not self.config.codes:
            zero = torch.zeros(n, self.config.code_size, k, device=self.device)
            return torch.randn_like(zero), zero, zero, torch.zeros(n, device=self.device)
        mean, log_variance = self.encoder(b["encoder_features"])
        mean, log_variance = mean.float(), log_variance.float()
        code = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        kept = (torch.rand(n, device=self.device) > 0.15).float()
        code = torch.where(kept[:, None, None] > 0, code, self.generator.null(code))
        return code, mean, log_variance, kept

    # --- one step -------------------------------------------------------------------------------

    def train_step(self) -> dict[str, float]:
        """One step of both networks; the value of every loss term."""
        preset = self.preset
        b = self._tensors(self.sampler.batch(preset.batch_size))
        adversarial = self.step >= preset.autoencoder_steps
        for group in self.optimiser.param_groups:
            group["lr"] = self._learning_rate()
        noise = torch.randn(preset.batch_size, self.config.noise_size, device=self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            code, mean, log_variance, kept = self._codes(b)
            condition = self._condition(b)
            if adversarial and self.config.codes:
                code, kept = self._around(code, kept)
            raw = self.generator(code, condition, noise).float()
        fake = raw + b["column_mask"] * (b["features"] - raw)
        terms = self._terms(b, fake, mean, log_variance, kept)
        if adversarial:
            terms |= self._discriminate(b, fake.detach())
            terms |= self._adversarial_terms(b, fake, kept)
            if preset.weights["diversity"] > 0 and self.step % 8 == 0:
                terms["diversity"] = self._diversity(b, code, condition, noise, raw)
        weights = preset.weights
        loss = sum((weights[k] * v for k, v in terms.items() if k in weights), torch.zeros((), device=self.device))
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self.workers.average_gradients([*self.generator.parameters(), *self.encoder.parameters()])
        norm = torch.nn.utils.clip_grad_norm_([*self.generator.parameters(), *self.encoder.parameters()], 2.0)
        if not bool(torch.isfinite(norm)):
            resume = f"the last state in {self.out} is good: resume it with" if self._state_path.exists() else "take"
            raise ModelError(
                f"Training became unstable at step {self.step} (a loss is not a number); {resume} lower learning "
                "rates in the preset."
            )
        self.optimiser.step()
        self._update_averages()
        self.step += 1
        return {"loss": float(loss.detach()), **{k: float(v.detach()) for k, v in terms.items()}}

    def _around(self, code: Tensor, kept: Tensor) -> tuple[Tensor, Tensor]:
        """Half the coded rows move away from the real codes, towards another row's; 2 marks them in `kept`."""
        share = 0.5 * torch.rand(len(code), 1, 1, device=self.device) * (torch.rand_like(code[:, :1, :1]) < 0.5)
        mixed = (1 - share) * code + share * code.roll(1, dims=0)
        usable = (kept > 0) & (kept.roll(1) > 0) & (share[:, 0, 0] > 0)
        code = torch.where(usable[:, None, None], mixed, code)
        return code, torch.where(usable, torch.full_like(kept, 2.0), kept)

    def _terms(
        self, b: dict[str, Tensor], fake: Tensor, mean: Tensor, log_variance: Tensor, kept: Tensor
    ) -> dict[str, Tensor]:
        valid, observed = b["valid"], b["observed"]
        made = losses.kinematic_terms(self.body, fake)
        with torch.no_grad():
            real = losses.kinematic_terms(self.body, b["features"])
        # Without a code a long gap has many right answers: asking for the one that happened freezes the dance.
        gap = (1.0 - b["mask"].amin(dim=1)).sum(-1)
        softened = (1.0 - (gap - 30.0) / 90.0).clamp(0.1, 1.0)
        trust = torch.where(kept == 1.0, torch.ones_like(kept), torch.where(kept == 0.0, softened, 0.0 * kept))
        weight = valid * trust[:, None]
        unknown = (1.0 - b["column_mask"]) * self._column_weight(b)
        known = b["mask"].amin(dim=1)
        edges = (torch.diff(known, dim=-1, prepend=known[:, :1]).abs() > 0).float()
        error = (fake - b["features"]).abs()
        coherent = losses.logical_coherence(made, edges * valid, self.stats.acceleration_limit)
        return {
            "reconstruction": losses.weighted_mean(error, unknown * weight[:, None]),
            "position": losses.position_loss(made, real, weight, observed),
            "velocity": losses.velocity_loss(made, real, weight, observed),
            "contact": losses.contact_loss(made, real, self.body, valid, observed, (kept == 1.0).float()),
            "sync": losses.sync_loss(made, b["music"][:, 0], valid),
            "movement_consistency": losses.movement_consistency(made, self.jerk_limit, valid),
            "logical_coherence": coherent,
            "structural_integrity": losses.structural_integrity(made, self.body, valid),
            "kl": losses.kl_loss(mean, log_variance),
        }

    def _discriminate(self, b: dict[str, Tensor], fake: Tensor) -> dict[str, Tensor]:
        loss_d, _ = losses.ADVERSARIAL[self.preset.adversarial]
        real, music, style = b["features"], b["music"], b["style"]
        keep = b["valid"][:, None]
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            on_real = self.discriminator(real * keep, music, style)
            on_fake = self.discriminator(fake * keep, music, style)
            # Real motion with music that is not its own counts as made: this is what teaches sync.
            shift = int(self.sampler.rng.integers(4, 12))
            on_shifted = self.discriminator(real * keep, music.roll(shift, dims=-1), style)
        pairs = zip(on_real, on_fake, on_shifted, strict=True)
        loss = sum(
            (
                loss_d(r[0].float(), f[0].float()) + 0.25 * torch.relu(1 + s[0].float()).mean()
                for r, f, s in pairs
            ),
            torch.zeros((), device=self.device),
        )
        self.optimiser_d.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self.workers.average_gradients(list(self.discriminator.parameters()))
        self.optimiser_d.step()
        return {"discriminator": loss.detach()}

    def _adversarial_terms(self, b: dict[str, Tensor], fake: Tensor, kept: Tensor) -> dict[str, Tensor]:
        _, loss_g = losses.ADVERSARIAL[self.preset.adversarial]
        keep = b["valid"][:, None]
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            judged = self.discriminator(fake * keep, b["music"], b["style"])
            with torch.no_grad():
                wanted = self.discriminator(b["features"] * keep, b["music"], b["style"])
        zero = torch.zeros((), device=self.device)
        same = (kept == 1.0).float()[:, None, None]
        matching = sum(
            (
                losses.weighted_mean((x.float() - y.float()).abs(), same)
                for j, w in zip(judged, wanted, strict=True)
                for x, y in zip(j[1], w[1], strict=True)
            ),
            zero,
        )
        return {
            "adversarial": sum((loss_g(j[0].float()) for j in judged), zero),
            "feature_matching": matching / (len(judged) * len(judged[0][1])),
        }

    def _diversity(
        self, b: dict[str, Tensor], code: Tensor, condition: Condition, noise: Tensor, raw: Tensor
    ) -> Tensor:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            other = self.generator(code.roll(1, dims=0), condition, noise).float()
        apart = (b["features"] - b["features"].roll(1, dims=0)).abs().mean(dim=(1, 2))
        return losses.diversity_loss(raw, other, 0.5 * apart)

    def _learning_rate(self) -> float:
        p = self.preset
        if self.step >= p.autoencoder_steps:
            return p.learning_rate_adversarial
        warm = min(1.0, (self.step + 1) / 200)
        fallen = 0.5 * (1 + math.cos(math.pi * self.step / max(p.autoencoder_steps, 1)))
        return p.learning_rate_generator * warm * (0.1 + 0.9 * fallen)

    @torch.no_grad()
    def _update_averages(self) -> None:
        decay = min(self.preset.ema, (1 + self.step) / (10 + self.step))
        for slow, fast in ((self.average, self.generator), (self.average_encoder, self.encoder)):
            for a, p in zip(slow.parameters(), fast.parameters(), strict=True):
                a.lerp_(p, 1 - decay)
            for mine, theirs in zip(slow.buffers(), fast.buffers(), strict=True):
                mine.copy_(theirs)

    # --- validation -----------------------------------------------------------------------------

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Errors on held-out takes: decoded from their codes, and a gap of 30 frames filled without any."""
        b, out = self.validation, {}
        n = len(b["features"])
        noise = torch.zeros(n, self.config.noise_size, device=self.device)
        real = losses.kinematic_terms(self.body, b["features"])
        mean = self.average_encoder(b["features"])[0]
        null = self.average.null(mean)
        middle = torch.ones_like(b["mask"])
        middle[..., 49:79] = 0.0
        for name, code, mask in (
            ("coded", mean, torch.zeros_like(middle)), ("gap30", null, middle), ("gap30_coded", mean, middle)
        ):
            columns = mask[:, self.sampler.column_part]
            given = {**b, "mask": mask}
            made = self.average(code, self._condition(given, columns), noise)
            fake = made + columns * (b["features"] - made)
            terms = losses.kinematic_terms(self.body, fake)
            hole = b["valid"] * (1.0 - mask.amin(dim=1))
            out[f"val_{name}_m"] = float(losses.position_loss(terms, real, hole, b["observed"]))
            if name == "coded":
                sure = torch.ones(n, device=self.device)
                slip = losses.contact_loss(terms, real, self.body, b["valid"], b["observed"], sure)
                out["val_contact"] = float(slip)
        return out

    # --- the run --------------------------------------------------------------------------------

    def run(
        self,
        progress: Callable[[Progress], None] = lambda _: None,
        save_every_s: float = 180.0,
        validate_every: int = 500,
        until_step: int | None = None,
    ) -> None:
        """Train to the preset's last step (or `until_step`), saving as it goes and when it is stopped."""
        total = self.preset.total_steps if until_step is None else until_step
        log = TrainingLog(self.out) if self.workers.rank == 0 else None
        saved, pace, terms = time.monotonic(), 0.0, {}
        try:
            while self.step < total:
                began = time.monotonic()
                terms = self.train_step()
                if log is not None and (self.step % validate_every == 0 or self.step == total):
                    terms |= self.validate()
                seconds = time.monotonic() - began
                pace = seconds if pace == 0.0 else 0.98 * pace + 0.02 * seconds
                if log is not None:
                    log.add(self.step, terms)
                    if time.monotonic() - saved > save_every_s:
                        self.save()
                        log.flush()
                        saved = time.monotonic()
                progress(Progress(self.step, total, pace, pace * (total - self.step), terms))
        except BaseException as error:
            # Stopped by a person: keep what was reached. Stopped by a fault: the last good state stands.
            if log is not None and not isinstance(error, ModelError | OSError):
                self.save()
            raise
        if log is not None:
            self.save()
            log.flush()

    def save(self) -> None:
        """Write the whole state beside the last one and move it into place."""
        state: dict[str, Any] = {
            "step": self.step,
            "preset": self.preset.name,
            "styles": self.styles,
            "config": json.dumps(self.config.to_dict()),
            "torch_rng": torch.get_rng_state(),
            "numpy_rng": json.dumps(self.sampler.rng.bit_generator.state),
            **{name: getattr(self, name).state_dict() for name in _STATEFUL},
        }
        target = self._state_path
        fresh = target.with_name(target.name + ".new")
        try:
            torch.save(state, fresh)
            os.replace(fresh, target)
        except (OSError, RuntimeError) as error:
            fresh.unlink(missing_ok=True)
            raise ModelError(
                f"The training state could not be written to {self.out} ({_in_a_line(error)}); the state before it is "
                "still there: make room on the disk and resume."
            ) from error

    def resume(self) -> bool:
        """Go on from the state in `out`, if there is one that fits; exact to the last bit on one machine."""
        path = self._state_path
        if not path.exists():
            return False
        try:
            state = torch.load(path, map_location=self.device, weights_only=True)
            fits = state["styles"] == self.styles and json.loads(state["config"]) == self.config.to_dict()
            if fits:
                self._take_up(state)
        except Exception as error:  # torch.load and what it calls raise nearly anything on a damaged file
            raise ModelError(f"{path} is damaged ({_in_a_line(error)}): train into a new folder.") from error
        if not fits:
            raise ModelError(f"{path} was trained with other styles or sizes: train into a new folder.")
        return True

    def _take_up(self, state: dict[str, Any]) -> None:
        for name in _STATEFUL:
            getattr(self, name).load_state_dict(state[name])
        self.step = int(state["step"])
        torch.set_rng_state(state["torch_rng"].cpu())
        self.sampler.rng.bit_generator.state = json.loads(state["numpy_rng"])
        if self.workers.rank > 0:
            # The state holds the first process's draws; the others must not draw the same again.
            seed = [self.preset.seed, self.workers.rank, self.step]
            torch.manual_seed(int(np.random.default_rng(seed).integers(2**62)))
            self.sampler.rng = np.random.default_rng(seed)

    @property
    def _state_path(self) -> Path:
        return self.out / "state.pt"


_STATEFUL = ("generator", "encoder", "discriminator", "average", "average_encoder", "optimiser", "optimiser_d")


def _in_a_line(error: Exception) -> str:
    """What an error says first, without the advice that torch adds to it."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:160].rstrip(" .:")


def count_frames(clips: list[Clip]) -> dict[str, int]:
    """Frames of dance by style, mirrored copies not counted."""
    out: dict[str, int] = {}
    for c in clips:
        if c.use == "dance" and not c.name.endswith("~"):
            out[c.style] = out.get(c.style, 0) + int(np.count_nonzero(c.valid))
    return out


__all__ = ["Progress", "Statistics", "Trainer", "count_frames"]
