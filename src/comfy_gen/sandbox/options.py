"""Says what a sandbox engine is like: where it listens, how fast it pretends to be, which models it claims to have."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from comfy_gen.sandbox.faults import Fault

FOLDERS = (
    "checkpoints",
    "configs",
    "loras",
    "vae",
    "text_encoders",
    "diffusion_models",
    "clip_vision",
    "style_models",
    "embeddings",
    "diffusers",
    "vae_approx",
    "controlnet",
    "gligen",
    "upscale_models",
    "latent_upscale_models",
    "custom_nodes",
    "hypernetworks",
    "photomaker",
    "classifiers",
    "model_patches",
    "audio_encoders",
)
"""The model folders of a ComfyUI, in the order in which it lists them."""

DEFAULT_MODELS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "checkpoints": (
            "v1-5-pruned-emaonly-fp16.safetensors",
            "sd_xl_base_1.0.safetensors",
            "sd3.5_large.safetensors",
            "sd3.5_large_fp8_scaled.safetensors",
            "sd-v1-5-inpainting.ckpt",
            "flux1-dev-fp8.safetensors",
        ),
        "loras": ("detail.safetensors", "watercolor.safetensors"),
        "vae": (
            "ae.safetensors",
            "qwen_image_vae.safetensors",
            "vae-ft-mse-840000-ema-pruned.safetensors",
            "wan2.2_vae.safetensors",
            "wan_2.1_vae.safetensors",
        ),
        "text_encoders": (
            "clip_g.safetensors",
            "clip_l.safetensors",
            "qwen_2.5_vl_7b_fp8_scaled.safetensors",
            "t5xxl_fp16.safetensors",
            "t5xxl_fp8_e4m3fn.safetensors",
            "t5xxl_fp8_e4m3fn_scaled.safetensors",
            "umt5_xxl_fp8_e4m3fn_scaled.safetensors",
        ),
        "diffusion_models": (
            "flux1-dev.safetensors",
            "flux1-schnell.safetensors",
            "qwen_image_fp8_e4m3fn.safetensors",
            "wan2.2_i2v_high_noise_14B_fp8_scaled.safetensors",
            "wan2.2_i2v_low_noise_14B_fp8_scaled.safetensors",
            "wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors",
            "wan2.2_t2v_low_noise_14B_fp8_scaled.safetensors",
            "wan2.2_ti2v_5B_fp16.safetensors",
        ),
        "clip_vision": ("clip_vision_h.safetensors",),
        "controlnet": ("control_v11p_sd15_canny_fp16.safetensors",),
        "upscale_models": ("4x-UltraSharp.pth", "RealESRGAN_x4plus.pth"),
        "embeddings": ("easynegative.safetensors",),
    }
)
"""The names a sandbox has when nobody says otherwise: those that ordinary workflows ask for."""


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """How a sandbox engine behaves. Times are in seconds; with the defaults it is as fast as it can be."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 takes any free port; the sandbox keeps it over restarts."""
    step_time: float = 0.0
    """What one sampling step takes."""
    load_time: float = 0.0
    """What loading one model takes, the first time and after each ``/free``."""
    history_delay: float = 0.0
    """How long after ``execution_success`` the history entry appears; a real server needs a moment too."""
    models: Mapping[str, Sequence[str]] = field(default_factory=lambda: DEFAULT_MODELS)
    """Model names by folder; a folder that is not named is empty."""
    previews: bool = True
    """Whether samplers send preview pictures."""
    faults: Sequence[Fault] = ()
    """Trouble to make from the start; more can be added while it runs."""
    data_dir: Path | None = None
    """Holds ``input``, ``output``, ``temp`` and ``user``; None takes a temporary folder that goes with the sandbox."""
    max_upload_size: int = 100 * 1024 * 1024
