"""Training of the bridge: gaps cut into real takes, and the way across them learned."""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.errors import ModelError
from engine.generation.bridge import (
    CONTEXT_FRAMES,
    LONGEST_GAP_FRAMES,
    N_ROW,
    Bridge,
    BridgeConfig,
    Span,
    span_of,
    straight,
)
from engine.generation.device import choose_device, work_clock
from engine.generation.features import CONTACTS, HEIGHT, LEARNED_JOINTS, N_ROTATIONS, UPPER_BODY, VELOCITY, YAW_RATE
from engine.generation.training import losses
from engine.generation.training.dataset import Clip, load_clips, statistics
from engine.generation.training.log import TrainingLog
from engine.generation.training.recording import Recorder
from engine.generation.training.state import read_state, write_state
from engine.generation.training.train import split_off
from engine.generation.training.weights import read_weights, write_weights
from engine.generation.training.windows import Windows
from engine.motion.house import FRAME_RATE_HZ

WINDOW_FRAMES = 2 * CONTEXT_FRAMES + LONGEST_GAP_FRAMES
_CHECK_GAP_FRAMES, _CHECKS = 30, 192
_BACKWARDS, _MIXED, _UNTOLD = 0.2, 0.1, 0.25  # shares of windows: time reversed, arms of another, no style
_NOISE = 0.01  # of the context's rows, for half of all windows
_WARM_STEPS, _EMA, _DECAY, _BETAS = 300, 0.999, 0.02, (0.9, 0.99)
_READ_EVERY = 50
_WEIGHTS = {"place": 0.15, "turn": 0.5, "velocity": 0.1, "contact": 0.1, "slide": 0.2}


class BridgeTrainer:
    """A bridge in training; `run()` trains, `save()` and `resume()` keep its state."""

    def __init__(
        self, data: Path, out: Path, device: str = "cpu", batch_size: int = 256, rate: float = 1e-3, seed: int = 1,
        hold_back: int = 0, half: bool = True, **sizes: Any,
    ) -> None:  # fmt: skip
        self.device, self.out = choose_device(device), out
        self.batch_size, self.rate, self.half = batch_size, rate, half
        out.mkdir(parents=True, exist_ok=True)
        clips, held = split_off(load_clips(data, "train"), hold_back)
        self.styles = sorted({c.style for c in clips})
        self.stats = statistics(clips, data)
        torch.manual_seed(seed)
        self.network = Bridge(BridgeConfig(len(self.styles), **sizes)).to(self.device)
        self.average = copy.deepcopy(self.network).requires_grad_(False).eval()
        self.body = losses.BodyKinematics(self.stats.mean, self.stats.std).to(self.device)
        self.windows = Windows(clips, self.stats, self.styles, WINDOW_FRAMES, self.device)
        self.optimiser = self._adam()
        self._steps, self._decay = Recorder(self.device), torch.zeros((), device=self.device)
        validation = [c for c in load_clips(data, "validation", mirror=False) if c.style in self.styles]
        originals = [c for c in held if not c.name.endswith("~")]
        self.checks = {
            name: self._check(some) for name, some in (("val", validation), ("tune", originals)) if self._usable(some)
        }
        self.spread = self._spread()
        self.step, self.elapsed_s = 0, 0.0

    def _adam(self) -> torch.optim.AdamW:
        if self.device.type != "cuda":
            return torch.optim.AdamW(self.network.parameters(), lr=self.rate, betas=_BETAS, weight_decay=_DECAY)
        held = torch.tensor(self.rate, device=self.device)
        return torch.optim.AdamW(
            self.network.parameters(), lr=held, betas=_BETAS, weight_decay=_DECAY, capturable=True, fused=True
        )

    # --- gaps -----------------------------------------------------------------------------------

    @staticmethod
    def _usable(clips: list[Clip]) -> bool:
        return any(c.use == "dance" for c in clips)

    def _check(self, clips: list[Clip]) -> tuple[Span, Tensor, Tensor]:
        """Gaps of a second in dance, the same in every run: the span, the truth, and the frames that count."""
        dance = [c for c in clips if c.use == "dance"]
        windows = Windows(dance, self.stats, self.styles, WINDOW_FRAMES, self.device)
        with torch.random.fork_rng([self.device] if self.device.type == "cuda" else []):
            torch.manual_seed(11)
            b = windows.batch(_CHECKS, augment=False)
        start = torch.full((_CHECKS,), CONTEXT_FRAMES, device=self.device)
        n = torch.full_like(start, _CHECK_GAP_FRAMES)
        rows, contacts = self._rows(b["features"], start)
        zero = torch.zeros(_CHECKS, device=self.device)
        span = span_of(rows, contacts, start, n, 0 * start, start + n + CONTEXT_FRAMES, b["style"], zero)
        told = b["valid"][:, : 2 * CONTEXT_FRAMES + _CHECK_GAP_FRAMES].amin(dim=1, keepdim=True)
        return span, rows, (span.absent + span.known == 0).float() * told

    def _rows(self, features: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """Rows [B, 135, T] seen from the frame before `start` [B], and contacts [B, 4, T], of normalised features."""
        raw = features * self.body.std + self.body.mean
        turned = torch.cumsum(raw[:, YAW_RATE, :-1], dim=-1) / FRAME_RATE_HZ
        heading = torch.nn.functional.pad(turned, (1, 0))
        velocity = raw[:, VELOCITY]
        x, z = turned_about_y(velocity[:, 0], velocity[:, 1], heading)
        path = torch.cumsum(torch.stack([x, z], dim=1)[..., :-1], dim=-1) / FRAME_RATE_HZ
        path = torch.nn.functional.pad(path, (1, 0))
        anchor = (start - 1)[:, None]
        there = heading.gather(1, anchor)
        path = path - path.gather(2, anchor[:, None].expand(-1, 2, 1))
        x, z = turned_about_y(path[:, 0], path[:, 1], -there)
        heading = heading - there
        six = raw[:, :N_ROTATIONS].reshape(len(raw), 2 * len(LEARNED_JOINTS), 3, -1)
        sx, sz = turned_about_y(six[:, :, 0], six[:, :, 2], heading[:, None])
        turned_six = torch.stack([sx, six[:, :, 1], sz], dim=2).flatten(1, 2)
        rows = torch.cat([turned_six, torch.stack([x, raw[:, HEIGHT], z], dim=1)], dim=1)
        return rows, raw[:, CONTACTS].clamp(0.0, 1.0)

    def _gaps(self) -> tuple[Span, Tensor, Tensor, Tensor, Tensor]:
        """A batch: the span, the true rows and contacts, which frames count [B, T], and which joints [B, 22]."""
        b = self.windows.batch(self.batch_size)
        size, t = self.batch_size, WINDOW_FRAMES
        draw = torch.rand(size, 10, device=self.device)
        features, observed = b["features"], b["observed"]
        mixed = draw[:, 0] < _MIXED
        arms = torch.where(mixed[:, None, None], features.roll(1, 0)[:, UPPER_BODY], features[:, UPPER_BODY])
        features = torch.cat([features[:, : UPPER_BODY.start], arms, features[:, UPPER_BODY.stop :]], dim=1)
        valid = b["valid"] * torch.where(mixed[:, None], b["valid"].roll(1, 0), torch.ones_like(b["valid"]))
        observed = observed * torch.where(mixed[:, None], observed.roll(1, 0), torch.ones_like(observed))
        short = 5 + draw[:, 1] * 40
        n = torch.where(draw[:, 2] < 0.6, short, 15 + draw[:, 1] * (LONGEST_GAP_FRAMES - 15)).floor().long()
        start = CONTEXT_FRAMES + (draw[:, 3] * (t - 2 * CONTEXT_FRAMES + 1 - n)).floor().long()
        backwards = (draw[:, 4] < _BACKWARDS).float()
        ahead = torch.where(backwards > 0, t - (start + n), start)
        # Seen from the frame before the gap in the order of time that the network is shown.
        anchor = torch.where(backwards > 0, t - ahead + 1, start)
        rows, contacts = self._rows(features, anchor)
        flip = backwards[:, None, None] > 0
        rows, contacts = (torch.where(flip, x.flip(-1), x) for x in (rows, contacts))
        valid = torch.where(backwards[:, None] > 0, valid.flip(-1), valid)
        around = torch.maximum((draw[:, 5:7] < 0.6).float(), draw[:, 7:9])
        reach = (2 + around * (CONTEXT_FRAMES - 2)).floor().long()
        told = (draw[:, 9:10] > _UNTOLD).float()
        noisy = rows + _NOISE * torch.randn_like(rows) * (draw[:, 0] > 0.5).float()[:, None, None]
        span = span_of(
            noisy, contacts, ahead, n, ahead - reach[:, 0], ahead + n + reach[:, 1], b["style"] * told, backwards
        )
        counts = (span.absent + span.known == 0).float() * valid
        return span, torch.cat([rows, contacts], dim=1), counts, valid, observed

    def _places(self, rows: Tensor) -> Tensor:
        """Joints in the frame of the rows, metres, [B, 22, 3, T]."""
        six = rows[:, :N_ROTATIONS].reshape(len(rows), len(LEARNED_JOINTS), 2, 3, -1)
        return self.body.places(six) + rows[:, None, N_ROTATIONS:N_ROW]

    @torch.no_grad()
    def _spread(self) -> Tensor:
        """Standard deviation of each joint's place in gaps of a second in training takes, metres, [22, 3, 1]."""
        n = 1024
        b = self.windows.batch(n, augment=False)
        start = torch.full((n,), CONTEXT_FRAMES, device=self.device)
        rows, _ = self._rows(b["features"][..., : CONTEXT_FRAMES + _CHECK_GAP_FRAMES], start)
        places = self._places(rows)[..., CONTEXT_FRAMES:]
        return places.permute(1, 2, 0, 3).flatten(2).std(dim=-1, keepdim=True).clamp_min(0.01)

    # --- learning -------------------------------------------------------------------------------

    def _update(self) -> dict[str, Tensor]:
        self.network.train()
        span, truth, counts, valid, observed = self._gaps()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half, cache_enabled=False):
            rows, touching = self.network(span)
        shown = torch.where(span.known[:, None] > 0, truth[:, :N_ROW], rows)
        made, real = self._places(shown), self._places(truth[:, :N_ROW])
        apart = (made - real) / self.spread * observed[:, :, None, None]
        seen = observed.sum(1, keepdim=True).clamp_min(1.0)
        terms = {"place": losses.weighted_mean(_rooted(apart.square().sum((1, 2)) * 22.0 / seen), counts)}
        away = (rows - truth[:, :N_ROW])[:, :N_ROTATIONS].reshape(len(rows), -1, 6, WINDOW_FRAMES)
        away = away * observed[:, :, None, None]
        terms["turn"] = losses.weighted_mean(_rooted(away.square().sum((1, 2)) * 22.0 / seen), counts)
        step, true_step = torch.diff(made) * FRAME_RATE_HZ, torch.diff(real) * FRAME_RATE_HZ
        near = torch.maximum(counts[:, 1:], counts[:, :-1]) * valid[:, 1:] * valid[:, :-1]
        speed_error = losses.length(step - true_step, 2) * observed[:, :, None]
        terms["velocity"] = losses.weighted_mean(speed_error.mean(1), near)
        contacts = truth[:, N_ROW:]
        wrong = torch.nn.functional.binary_cross_entropy_with_logits(touching, contacts, reduction="none")
        terms["contact"] = losses.weighted_mean(wrong.mean(1), counts)
        speed = losses.length(step[:, self.body.contact_rows], 2) * observed[:, self.body.contact_rows, None]
        terms["slide"] = losses.weighted_mean((speed * contacts[..., 1:]).mean(1), near)
        loss = sum((_WEIGHTS[k] * v for k, v in terms.items()), torch.zeros((), device=self.device))
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        with torch.no_grad():
            mine, theirs = list(self.average.parameters()), list(self.network.parameters())
            moved = torch._foreach_sub(theirs, mine)  # type: ignore[arg-type] # parameters are tensors
            torch._foreach_mul_(moved, self._decay)
            torch._foreach_add_(mine, moved)  # type: ignore[arg-type]
        return {"loss": loss.detach(), "gradient": norm, **{k: v.detach() for k, v in terms.items()}}

    def train_step(self, share: float, read: bool = True) -> dict[str, float]:
        """One step, `share` (0 to 1) of the way; the terms of the loss, or nothing unless `read`."""
        warm = min(1.0, (self.step + 1) / _WARM_STEPS)
        rate = self.rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(share, 1.0))))
        for group in self.optimiser.param_groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate
        self._decay.fill_(1.0 - min(_EMA, (1 + self.step) / (10 + self.step)))
        terms = self._steps.run("bridge", self._update)
        self.step += 1
        if not read:
            return {}
        values = {k: float(v) for k, v in terms.items()}
        if not math.isfinite(values["loss"] + values["gradient"]):
            raise ModelError(f"Training the bridge became unstable at step {self.step}: take a lower learning rate.")
        return values

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """L2P of gaps of a second, normalised by the training takes, and the straight way's; metres of joint error."""
        out = {}
        for name, (span, rows, counts) in self.checks.items():
            real = self._places(rows)
            for way, made in (("", self.average(span)[0]), ("_straight", span.filled)):
                away = self._places(made) - real
                out[f"{name}_l2p{way}"] = float(
                    losses.weighted_mean(_rooted((away / self.spread).square().sum((1, 2))), counts)
                )
                out[f"{name}_error_m{way}"] = float(losses.weighted_mean(losses.length(away, 2).mean(1), counts))
        return out

    def run(
        self, schedule_s: float, limit_s: float, progress: Callable[[int, dict[str, float]], None] = lambda *_: None,
        validate_every: int = 1000, save_every_s: float = 60.0,
    ) -> None:  # fmt: skip
        """Train until `schedule_s` of training are done, all calls together, or `limit_s` of this one."""
        log = TrainingLog(self.out)
        worked = work_clock(self.device)
        began = at = saved = time.monotonic()
        before, worked_s = self.elapsed_s, worked()
        reads = _READ_EVERY if self.device.type == "cuda" else 1
        while self.elapsed_s < schedule_s and at - began < limit_s:
            terms = self.train_step(self.elapsed_s / schedule_s, (self.step + 1) % reads == 0)
            if self.step % validate_every == 0:
                terms |= self.validate()
            at, self.elapsed_s = time.monotonic(), before + worked() - worked_s
            if terms:
                log.add(self.step, terms)
                progress(self.step, terms)
            if at - saved > save_every_s:
                self.save()
                log.flush()
                saved = at
        log.add(self.step, self.validate())
        self.save()
        log.flush()

    def save(self) -> None:
        """Write the whole state, in place of the one before."""
        state = {
            "step": self.step, "elapsed_s": self.elapsed_s, "styles": self.styles,
            "config": json.dumps(self.network.config.to_dict()),
            **{name: getattr(self, name).state_dict() for name in _STATEFUL},
        }  # fmt: skip
        write_state(state, self.out / "bridge_state.pt")

    def write_weights(self, path: Path) -> None:
        """Write the averaged network in half precision, as `finished_bridge` reads it."""
        header = {"bridge": json.dumps(self.network.config.to_dict()), "styles": json.dumps(self.styles)}
        found = {name: round(value, 4) for name, value in self.validate().items()}
        header |= {"step": str(self.step), "validation": json.dumps(found)}
        write_weights(path, {"bridge": self.average}, header)

    def resume(self) -> bool:
        """Go on from the state in `out`, if there is one."""

        def fits(state: dict[str, Any]) -> bool:
            return state["styles"] == self.styles and json.loads(state["config"]) == self.network.config.to_dict()

        def take_up(state: dict[str, Any]) -> None:
            for name in _STATEFUL:
                getattr(self, name).load_state_dict(state[name])
            self.step, self.elapsed_s = int(state["step"]), float(state["elapsed_s"])
            torch.manual_seed(1000003 * (self.step + 1))

        return read_state(self.out / "bridge_state.pt", self.device, fits, take_up)


_STATEFUL = ("network", "average", "optimiser")


def finished_bridge(path: Path, styles: tuple[str, ...]) -> Bridge:
    """The bridge of written weights for a model of these styles; ModelError where it does not fit."""
    header, modules = read_weights(path)
    try:
        if tuple(json.loads(header["styles"])) != styles:
            raise ValueError("it knows other styles")
        bridge = Bridge(BridgeConfig(**json.loads(header["bridge"])))
        bridge.load_state_dict(modules["bridge"])
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        raise ModelError(f"{path} is no bridge for this model ({' '.join(str(error).split())[:160]}).") from None
    return bridge.eval().requires_grad_(False)


def turned_about_y(x: Tensor, z: Tensor, angle_rad: Tensor) -> tuple[Tensor, Tensor]:
    """x and z turned about the vertical axis."""
    cos, sin = torch.cos(angle_rad), torch.sin(angle_rad)
    return cos * x + sin * z, cos * z - sin * x


def _rooted(squares: Tensor) -> Tensor:
    return (squares + 1e-6).sqrt()


__all__ = ["WINDOW_FRAMES", "BridgeTrainer", "finished_bridge", "straight"]
