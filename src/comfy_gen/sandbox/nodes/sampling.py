"""Samplers, and the parts that a SamplerCustomAdvanced is put together from: sigmas, guiders, noise."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

from comfy_gen.sandbox.painting import Scene, unfinished
from comfy_gen.sandbox.values import Conditioning, Guider, Latent, Model, Noise, Sigmas

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL import Image

    from comfy_gen.sandbox.nodes.node import Node, TimedNode, Work

PREVIEW_SIDE = 256
"""The longer side of a preview picture."""


async def sample(
    work: Work,
    *,
    model: Model,
    seed: int,
    steps: int,
    cfg: float,
    positive: Conditioning,
    negative: Conditioning,
    latent_image: Latent,
    denoise: float = 1.0,
    **_: Any,
) -> tuple[Latent]:
    """KSampler."""
    guider = Guider(model, positive, negative, cfg)
    return (await _sampled(work, guider, Noise(seed), Sigmas(steps, denoise), latent_image),)


async def sample_advanced(
    work: Work,
    *,
    model: Model,
    add_noise: str,
    noise_seed: int,
    steps: int,
    cfg: float,
    positive: Conditioning,
    negative: Conditioning,
    latent_image: Latent,
    start_at_step: int,
    end_at_step: int,
    **_: Any,
) -> tuple[Latent]:
    """KSamplerAdvanced: a part of the steps; what comes late in them changes little."""
    first, last = min(start_at_step, steps), min(end_at_step, steps)
    sigmas = Sigmas(max(0, last - first), 1 - first / steps)
    noise = Noise(noise_seed if add_noise == "enable" else None)
    return (await _sampled(work, Guider(model, positive, negative, cfg), noise, sigmas, latent_image),)


async def sample_custom(
    work: Work,
    *,
    model: Model,
    add_noise: bool,
    noise_seed: int,
    cfg: float,
    positive: Conditioning,
    negative: Conditioning,
    sigmas: Sigmas,
    latent_image: Latent,
    **_: Any,
) -> tuple[Latent, Latent]:
    """SamplerCustom."""
    noise = Noise(noise_seed if add_noise else None)
    latent = await _sampled(work, Guider(model, positive, negative, cfg), noise, sigmas, latent_image)
    return latent, latent


async def sample_custom_advanced(
    work: Work, *, noise: Noise, guider: Guider, sigmas: Sigmas, latent_image: Latent, **_: Any
) -> tuple[Latent, Latent]:
    """SamplerCustomAdvanced."""
    latent = await _sampled(work, guider, noise, sigmas, latent_image)
    return latent, latent


async def _sampled(work: Work, guider: Guider, noise: Noise, sigmas: Sigmas, latent: Latent) -> Latent:
    await work.load(guider.model.name)
    scene = _scene(guider, noise, sigmas)
    done = latent.sampled(scene, _strength(latent, sigmas))
    factor = PREVIEW_SIDE / max(latent.width, latent.height, PREVIEW_SIDE)
    size = max(1, round(latent.width * factor)), max(1, round(latent.height * factor))
    glimpse = cache(partial(done.glimpse, *size))

    def look(share: float) -> Image.Image:
        return unfinished(glimpse(), done=share, seed=scene.seed)

    for value in range(1, sigmas.steps + 1):
        await work.step(value, sigmas.steps, partial(look, value / sigmas.steps))
    return done


def _scene(guider: Guider, noise: Noise, sigmas: Sigmas) -> Scene:
    return Scene(
        text=guider.positive.text,
        negative=guider.negative.text,
        seed=noise.seed or 0,
        steps=sigmas.steps,
        cfg=guider.cfg,
        style=" ".join((guider.model.name, *guider.model.loras)),
    )


def _strength(latent: Latent, sigmas: Sigmas) -> float:
    # A first frame given to a video model stays to be seen, however much noise is taken away.
    return min(sigmas.denoise, 0.6) if latent.base and latent.frames > 1 else sigmas.denoise


def schedule(*, steps: int, denoise: float = 1.0, **_: Any) -> tuple[Sigmas]:
    """BasicScheduler, KarrasScheduler, …: so many steps."""
    return (Sigmas(steps, denoise),)


def split(*, sigmas: Sigmas, step: int) -> tuple[Sigmas, Sigmas]:
    """SplitSigmas: the steps before and after one."""
    first = min(step, sigmas.steps)
    return Sigmas(first, sigmas.denoise), Sigmas(sigmas.steps - first, sigmas.denoise * _share_left(sigmas, first))


def split_at_denoise(*, sigmas: Sigmas, denoise: float) -> tuple[Sigmas, Sigmas]:
    """SplitSigmasDenoise."""
    last = round(sigmas.steps * denoise)
    return Sigmas(sigmas.steps - last, sigmas.denoise), Sigmas(last, sigmas.denoise * denoise)


def _share_left(sigmas: Sigmas, first: int) -> float:
    return 1 - first / sigmas.steps if sigmas.steps else 0.0


def same_sigmas(*, sigmas: Sigmas) -> tuple[Sigmas]:
    """FlipSigmas."""
    return (sigmas,)


def choose_sampler(**settings: Any) -> tuple[str]:
    """KSamplerSelect, SamplerEulerAncestral, …: only a name here."""
    return (str(settings.get("sampler_name", "custom")),)


def guide(*, model: Model, conditioning: Conditioning) -> tuple[Guider]:
    """BasicGuider."""
    return (Guider(model, conditioning, Conditioning(""), 1.0),)


def guide_cfg(*, model: Model, positive: Conditioning, negative: Conditioning, cfg: float) -> tuple[Guider]:
    """CFGGuider."""
    return (Guider(model, positive, negative, cfg),)


def guide_dual(
    *, model: Model, cond1: Conditioning, cond2: Conditioning, negative: Conditioning, cfg_conds: float, **_: Any
) -> tuple[Guider]:
    """DualCFGGuider."""
    return (Guider(model, Conditioning(f"{cond1.text} {cond2.text}"), negative, cfg_conds),)


def noise(*, noise_seed: int | None = None) -> tuple[Noise]:
    """RandomNoise, DisableNoise."""
    return (Noise(noise_seed),)


_SCHEDULERS = (
    "Basic Karras Exponential Polyexponential BetaSampling SDTurbo AlignYourSteps GITS OptimalSteps VP Laplace"
)
_SAMPLERS = "KSamplerSelect SamplerEulerAncestral SamplerDPMPP_2M_SDE SamplerDPMPP_3M_SDE SamplerDPMPP_SDE SamplerLMS"

PARTS: Mapping[str, Node] = {
    **{f"{name}Scheduler": schedule for name in _SCHEDULERS.split()},
    **dict.fromkeys(_SAMPLERS.split(), choose_sampler),
    "SplitSigmas": split,
    "SplitSigmasDenoise": split_at_denoise,
    "FlipSigmas": same_sigmas,
    "BasicGuider": guide,
    "CFGGuider": guide_cfg,
    "DualCFGGuider": guide_dual,
    "RandomNoise": noise,
    "DisableNoise": noise,
}

NODES: Mapping[str, TimedNode] = {
    "KSampler": sample,
    "KSamplerAdvanced": sample_advanced,
    "SamplerCustom": sample_custom,
    "SamplerCustomAdvanced": sample_custom_advanced,
}
