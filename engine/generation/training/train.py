"""Training: the autoencoder first, then the adversarial game; resumable to the last bit."""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.errors import ModelError
from engine.generation.checkpoint import TrainedModel
from engine.generation.device import work_clock
from engine.generation.model_constants import ON_GRID
from engine.generation.training import losses
from engine.generation.training.basis import set_linear_codes
from engine.generation.training.dataset import Clip, Statistics, load_clips, statistics
from engine.generation.training.game import Game, clipped
from engine.generation.training.log import TrainingLog
from engine.generation.training.parallel import Workers
from engine.generation.training.preset import Preset
from engine.generation.training.recording import Recorder
from engine.generation.training.rule_losses import Limits
from engine.generation.training.state import read_state, write_state
from engine.generation.training.weights import mean_weights, write_weights
from engine.generation.training.windows import Windows

VALIDATION_WINDOWS = 48
# A graphics card is asked for its figures so seldom that it need not wait; losses are read, and looked through, then.
_READ_EVERY = 50
_WARM_STEPS = 200
_DECAY_FROM = 0.7  # share of the game from which its learning rate falls


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

    def __init__(
        self, preset: Preset, folder: Path, out: Path, device: str = "cpu", half: bool = True,
        schedule_s: float | None = None, limits: Limits | None = None, start: TrainedModel | None = None,
    ) -> None:  # fmt: skip
        """`folder` is a prepared folder or what `data pack` made of one. With `schedule_s` the run is planned for so
        many seconds of training (device.work_clock), all calls together, instead of the preset's steps. `limits` are
        those of the rules of structure, by rule, for a preset that weighs them. `start` is a finished model that is
        trained further: styles, scales and sizes are its own, its encoder stays as it is, and there is no game, for it
        has no discriminator."""
        self.preset, self.out, self.schedule_s, self.start = preset, out, schedule_s, start
        self.workers = Workers.from_environment(device)
        self.device = self.workers.device
        out.mkdir(parents=True, exist_ok=True)
        clips, self.held_back = split_off(_learned(load_clips(folder, "train"), folder, start), preset.hold_back)
        self.styles = sorted({c.style for c in clips}) if start is None else list(start.styles)
        self.stats = statistics(clips, folder) if start is None else _scaled_as(start, statistics(clips, folder))
        self.n_dance_frames = count_frames(clips)
        torch.manual_seed(preset.seed + 1000 * self.workers.rank)
        config = preset.model_config(len(self.styles)) if start is None else start.generator.config
        self.config = config
        self.game = game = Game(preset, config, self.stats, self.device, half, limits)
        self.generator, self.encoder, self.discriminator = game.generator, game.encoder, game.discriminator
        if start is not None:
            self._begin_from(start)
        elif config.linear_codes:
            set_linear_codes(self.encoder, self.generator, clips, self.stats, preset.seed)
        if config.linear_codes and config.upper_codes:
            assert self.encoder.linear is not None
            self.encoder.linear.requires_grad_(False)  # learning would let either half of a code see the whole body
        for module in (self.generator, self.encoder, self.discriminator):
            self.workers.broadcast(module)
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        self.average_encoder = copy.deepcopy(self.encoder).requires_grad_(False)
        self.optimiser = self._adam(game.trained(), 1e-4)
        self.optimiser_d = self._adam(list(self.discriminator.parameters()), preset.learning_rate_discriminator)
        self.sampler = Windows(clips, self.stats, self.styles, preset.window_frames, self.device)
        held_out = [c for c in load_clips(folder, "validation", mirror=False) if c.style in self.styles]
        if not held_out:
            raise ModelError(f"{folder} holds no validation clip of a style that is trained: prepare more motion.")
        self.validation = self._fixed_windows(held_out)
        self.tuning = self._fixed_windows([c for c in self.held_back if not c.name.endswith("~")])
        self._steps = Recorder(self.device, record=self.workers.size == 1)
        self._decay = torch.zeros((), device=self.device)
        self.step, self.elapsed_s = 0, 0.0
        self.mean_of_steps: list[int] = []  # of the states whose weights were averaged

    def _begin_from(self, start: TrainedModel) -> None:
        """Take a finished model's numbers; its encoder learns no more, so its bank goes on telling the same."""
        if self.game.has_judge:
            raise ModelError(
                f"The preset {self.preset.name} plays against a discriminator, which a finished model has not: set "
                "its weights adversarial and feature_matching to 0, as the preset tuning does."
            )
        self.generator.load_state_dict(start.generator.state_dict())
        self.encoder.load_state_dict(start.encoder.state_dict())
        self.encoder.requires_grad_(False)

    def _adam(self, parameters: list[nn.Parameter], rate: float) -> torch.optim.Adam:
        if self.device.type != "cuda":
            return torch.optim.Adam(parameters, lr=rate, betas=self.preset.betas)
        # Its rate is a number on the card, so that a recorded step sees it change.
        held = torch.tensor(rate, device=self.device)
        return torch.optim.Adam(parameters, lr=held, betas=self.preset.betas, capturable=True, fused=True)

    def _fixed_windows(self, clips: list[Clip]) -> dict[str, Tensor] | None:
        """Windows to measure on, the same in every run; None without clips."""
        if not clips:
            return None
        windows = Windows(clips, self.stats, self.styles, self.preset.window_frames, self.device)
        devices = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices):
            torch.manual_seed(7)
            return windows.batch(VALIDATION_WINDOWS, augment=False)

    # --- one step -------------------------------------------------------------------------------

    def train_step(self, read: bool = True) -> dict[str, float]:
        """One step of both networks; the value of every loss term, or nothing unless `read`."""
        adversarial = self.share_done() >= self.autoencoder_share
        rate = self._learning_rate()
        for group in self.optimiser.param_groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate
        self._decay.fill_(1.0 - min(self.preset.ema, (1 + self.step) / (10 + self.step)))
        varied = self.preset.weights["diversity"] > 0 and adversarial and self.step % 8 == 0
        terms = self._steps.run((adversarial, varied), lambda: self._update(adversarial, varied))
        if read:
            values = {k: float(v) for k, v in terms.items()}
            self._must_be_numbers(values)
            values.pop("gradient")
        self.step += 1
        return values if read else {}

    def _update(self, adversarial: bool, varied: bool) -> dict[str, Tensor]:
        game, preset = self.game, self.preset
        own = self.sampler.batch(preset.batch_size)
        noise = torch.randn(preset.batch_size, self.config.noise_size, device=self.device)
        n_free = min(round(preset.free_share * preset.batch_size), preset.batch_size - 2) if adversarial else 0
        with game.precision():
            codes = game.codes(own)
            b, codes = game.freed(own, codes, n_free if self.config.codes else 0)
            condition = game.condition(b)
            dense = codes.dense if self.config.codes else None
            raw = self.generator(codes.grid, condition, noise, dense=dense).float()
        fake = raw + b["column_mask"] * (b["features"] - raw)
        terms, made, real = game.losses_of(b, codes, fake, adversarial)
        out: dict[str, Tensor] = {}
        if adversarial and game.has_judge:
            keep, sound = b["valid"][:, None], own["valid"][:, None]
            seen = game.seen(own["features"], real, sound)
            still = losses.Terms(made.positions, made.raw, made.velocity.detach())
            self.discriminator.requires_grad_(True)
            out["discriminator"] = game.discriminate(b, own["music"], seen, game.seen(fake.detach(), still, keep))
            self._learn(self.optimiser_d, out["discriminator"], list(self.discriminator.parameters()))
            self.discriminator.requires_grad_(False)
            terms |= game.judged(b, own["music"], seen, game.seen(fake, made, keep), codes.kept)
        if adversarial:
            if preset.weights["code"] > 0 and n_free:
                terms["code"] = game.told_back(self.average_encoder, fake, codes)
            if varied:
                terms["diversity"] = self._diversity(b, codes.dense, condition, noise, raw)
        weights = preset.weights
        loss = sum((weights[k] * v for k, v in terms.items() if k in weights), torch.zeros((), device=self.device))
        out["gradient"] = self._learn(self.optimiser, loss, game.trained())
        self._update_averages()
        return {"loss": loss.detach(), **{k: v.detach() for k, v in (terms | out).items()}}

    def _learn(self, optimiser: torch.optim.Adam, loss: Tensor, parameters: list[nn.Parameter]) -> Tensor:
        """One step of an optimiser; the length of the gradient. The discriminator's is not cut down."""
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self.workers.average_gradients(parameters)
        norm = clipped(parameters) if optimiser is self.optimiser else torch.zeros((), device=self.device)
        optimiser.step()
        return norm

    def _must_be_numbers(self, values: dict[str, float]) -> None:
        if math.isfinite(values["gradient"]) and math.isfinite(values["loss"]):
            return
        resume = f"the last state in {self.out} is good: resume it with" if self._state_path.exists() else "take"
        raise ModelError(
            f"Training became unstable at step {self.step} (a loss is not a number); {resume} lower learning "
            "rates in the preset."
        )

    def _diversity(
        self, b: dict[str, Tensor], dense: Tensor, condition: Any, noise: Tensor, raw: Tensor
    ) -> Tensor:
        moved = dense.roll(1, dims=0)
        with self.game.precision():
            told = moved if self.config.codes else None
            other = self.generator(moved[..., ON_GRID], condition, noise, dense=told).float()
        apart = (b["features"] - b["features"].roll(1, dims=0)).abs().mean(dim=(1, 2))
        return losses.diversity_loss(raw, other, 0.5 * apart)

    @property
    def autoencoder_share(self) -> float:
        """The share of the run before the game begins."""
        return self.preset.autoencoder_steps / max(self.preset.total_steps, 1)

    def share_done(self) -> float:
        """How much of the planned run is done, 0 to 1 (and on, where it goes on)."""
        if self.schedule_s is not None:
            return self.elapsed_s / self.schedule_s
        return self.step / max(self.preset.total_steps, 1)

    def _learning_rate(self) -> float:
        p, done, first = self.preset, self.share_done(), self.autoencoder_share
        if done >= first:
            late = max(0.0, (done - first) / max(1.0 - first, 1e-9) - _DECAY_FROM) / (1.0 - _DECAY_FROM)
            return p.learning_rate_adversarial * max(1.0 - 0.9 * late, 0.1)
        warm = min(1.0, (self.step + 1) / _WARM_STEPS)
        fallen = 0.5 * (1 + math.cos(math.pi * done / max(first, 1e-9)))
        return p.learning_rate_generator * warm * (0.1 + 0.9 * fallen)

    @torch.no_grad()
    def _update_averages(self) -> None:
        for slow, fast in ((self.average, self.generator), (self.average_encoder, self.encoder)):
            mine, theirs = list(slow.parameters()), list(fast.parameters())
            away = torch._foreach_sub(theirs, mine)  # type: ignore[arg-type] # parameters are tensors
            torch._foreach_mul_(away, self._decay)
            torch._foreach_add_(mine, away)  # type: ignore[arg-type]
            for a, b in zip(slow.buffers(), fast.buffers(), strict=True):
                a.copy_(b)

    # --- validation -----------------------------------------------------------------------------

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Errors on held-out takes: decoded from their codes, and a gap of 30 frames filled without any."""
        assert self.validation is not None
        out = self._measured(self.validation, "val")
        return out | (self._measured(self.tuning, "tune") if self.tuning is not None else {})

    def _measured(self, b: dict[str, Tensor], said: str) -> dict[str, float]:
        out: dict[str, float] = {}
        n = len(b["features"])
        noise = torch.zeros(n, self.config.noise_size, device=self.device)
        body = self.game.body
        real = losses.kinematic_terms(body, b["features"])
        dense = self.game.encoded(self.average_encoder, b["wide"])[0]
        null = self.average.null(dense)
        middle = torch.ones_like(b["mask"])
        middle[..., 49:79] = 0.0
        for name, code, mask in (
            ("coded", dense, torch.zeros_like(middle)), ("gap30", null, middle), ("gap30_coded", dense, middle)
        ):
            columns = mask[:, self.sampler.column_part]
            given = {**b, "mask": mask}
            made = self.average(code[..., ON_GRID], self.game.condition(given, columns), noise, dense=code)
            fake = made + columns * (b["features"] - made)
            terms = losses.kinematic_terms(body, fake)
            hole = b["valid"] * (1.0 - mask.amin(dim=1))
            out[f"{said}_{name}_m"] = float(losses.position_loss(terms, real, hole, b["observed"]))
            if name == "coded":
                sure = torch.ones(n, device=self.device)
                slip = losses.contact_loss(terms, real, body, b["valid"], b["observed"], sure)
                out[f"{said}_contact"] = float(slip)
        return out

    # --- the run --------------------------------------------------------------------------------

    def run(
        self,
        progress: Callable[[Progress], None] = lambda _: None,
        save_every_s: float = 180.0,
        validate_every: int = 500,
        until_step: int | None = None,
        limit_s: float | None = None,
    ) -> None:
        """Train to the preset's last step (or `until_step`, or the end of the schedule), saving as it goes and when it
        is stopped. After `limit_s` of this call it stops as well, and what it reached is saved."""
        total = self.preset.total_steps if until_step is None else until_step
        log = TrainingLog(self.out) if self.workers.rank == 0 else None
        reads = _READ_EVERY if self.device.type == "cuda" else 1
        worked = work_clock(self.device)
        saved = at = began = time.monotonic()
        before, worked_s, pace = self.elapsed_s, worked(), 0.0
        try:
            while not self._is_done(total) and (limit_s is None or at - began < limit_s):
                read = (self.step + 1) % reads == 0 or self.step + 1 == total
                terms = self.train_step(read)
                if log is not None and (self.step % validate_every == 0 or self.step == total):
                    terms |= self.validate()
                now = time.monotonic()
                seconds, at = now - at, now
                self.elapsed_s = before + worked() - worked_s
                pace = seconds if pace == 0.0 else 0.98 * pace + 0.02 * seconds
                if log is not None and terms:
                    log.add(self.step, terms)
                    if at - saved > save_every_s:
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

    def _is_done(self, total_steps: int) -> bool:
        return self.share_done() >= 1.0 if self.schedule_s is not None else self.step >= total_steps

    def save(self) -> None:
        """Write the whole state beside the last one and move it into place."""
        state: dict[str, Any] = {
            "step": self.step,
            "preset": self.preset.name,
            "styles": self.styles,
            "config": json.dumps(self.config.to_dict()),
            "elapsed_s": self.elapsed_s,
            "torch_rng": torch.get_rng_state(),
            **{name: getattr(self, name).state_dict() for name in _STATEFUL},
        }
        write_state(state, self._state_path)

    def resume(self) -> bool:
        """Go on from the state in `out`, if there is one that fits; exact to the last bit on one machine."""

        def fits(state: dict[str, Any]) -> bool:
            return bool(state["styles"] == self.styles and json.loads(state["config"]) == self.config.to_dict())

        return read_state(self._state_path, self.device, fits, self._take_up)

    def _take_up(self, state: dict[str, Any]) -> None:
        for name in _STATEFUL:
            getattr(self, name).load_state_dict(state[name])
        self.step, self.elapsed_s = int(state["step"]), float(state["elapsed_s"])
        torch.set_rng_state(state["torch_rng"].cpu())
        if self.workers.rank > 0 or self.device.type == "cuda":
            # The state holds the first process's draws on the processor; all others must not draw the same again.
            seed = [self.preset.seed, self.workers.rank, self.step]
            torch.manual_seed(int(np.random.default_rng(seed).integers(2**62)))

    def write_weights(self, path: Path) -> None:
        """Write the averaged networks, and the discriminator, in half precision: all that a model is finished from."""
        modules = {name: getattr(self, name) for name in _WEIGHTS}
        header = {
            "config": json.dumps(self.config.to_dict()), "styles": json.dumps(self.styles), "step": str(self.step),
            "elapsed_s": f"{self.elapsed_s:.1f}",
        }  # fmt: skip
        write_weights(path, modules, header)

    def take_weights(self, *paths: Path) -> None:
        """Go on from written weights, of several states of a run from their mean: averages become the networks, and
        what optimisers knew is lost."""
        header, modules = mean_weights(paths)
        try:
            if json.loads(header["styles"]) != self.styles or json.loads(header["config"]) != self.config.to_dict():
                raise ValueError("it has other styles or sizes")
            for name in _WEIGHTS:
                getattr(self, name).load_state_dict(modules[name])
            self.generator.load_state_dict(modules["average"])
            self.encoder.load_state_dict(modules["average_encoder"])
            self.step, self.elapsed_s = int(header["step"]), float(header["elapsed_s"])
            self.mean_of_steps = json.loads(header["mean_of_steps"])
        except (KeyError, RuntimeError, ValueError) as error:
            why = " ".join(str(error).split())[:160]
            raise ModelError(f"{paths[-1]} does not fit this preset and data ({why}).") from None

    @property
    def _state_path(self) -> Path:
        return self.out / "state.pt"


_WEIGHTS = ("average", "average_encoder", "discriminator")
_STATEFUL = ("generator", "encoder", "discriminator", "average", "average_encoder", "optimiser", "optimiser_d")


def _learned(clips: list[Clip], folder: Path, start: TrainedModel | None) -> list[Clip]:
    """The clips that are learned from: of a model that is trained further, those of its styles."""
    if start is None:
        return clips
    own = [c for c in clips if c.style in start.styles]
    if not own:
        raise ModelError(f"{folder} holds no clip of the model's styles ({', '.join(start.styles)}): prepare some.")
    return own


def _scaled_as(start: TrainedModel, found: Statistics) -> Statistics:
    """What was found in the data, on the scales that a finished model's numbers have."""
    return replace(
        found, mean=start.mean, std=start.std, effort_mean=start.effort_mean, effort_std=start.effort_std
    )


def split_off(clips: list[Clip], every: int) -> tuple[list[Clip], list[Clip]]:
    """Clips to learn from, and dance held back for tuning: every so-manieth take of a style, with its mirror image."""
    seen: dict[str, int] = {}
    kept: list[Clip] = []
    held: list[Clip] = []
    for clip in clips:
        if not clip.name.endswith("~"):
            seen[clip.style] = seen.get(clip.style, 0) + 1
        is_held = every > 0 and clip.use == "dance" and seen[clip.style] % every == every // 2
        (held if is_held else kept).append(clip)
    return kept, held


def count_frames(clips: list[Clip]) -> dict[str, int]:
    """Frames of dance by style, mirrored copies not counted."""
    out: dict[str, int] = {}
    for c in clips:
        if c.use == "dance" and not c.name.endswith("~"):
            out[c.style] = out.get(c.style, 0) + int(np.count_nonzero(c.valid))
    return out


__all__ = ["Progress", "Statistics", "Trainer", "count_frames", "split_off"]
