"""The generation parameters that A1111 writes into its pictures, and half the world reads from them. Pure.

::

    a red fox <lora:snow:0.8>
    Negative prompt: blurry
    Steps: 20, Sampler: Euler a, Schedule type: Karras, CFG scale: 7, Seed: 42, Size: 512x768, Model: sd15
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from comfy_gen.workflows.roles import Roles, find_roles, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comfy_gen.workflows.graph import Workflow

_NEGATIVE = "Negative prompt:"
_LORA = re.compile(r"\s*<lora:([^:<>]+)(?::(-?[\d.]+))?(?::[^<>]*)?>")
_PAIR = re.compile(r'\s*(\w[\w \-/]*):\s*("(?:\\.|[^"\\])*"|[^,]*)(?:,|$)')
_SIZE = re.compile(r"(\d+)\s*x\s*(\d+)")
_EXTENSION = re.compile(r"\.(safetensors|ckpt|sft|pth?|gguf|bin)$")

# ComfyUI's names and A1111's. What is not here has the same name in both, or no counterpart.
_SAMPLERS = {
    "euler": "Euler",
    "euler_ancestral": "Euler a",
    "heun": "Heun",
    "dpm_2": "DPM2",
    "dpm_2_ancestral": "DPM2 a",
    "dpm_fast": "DPM fast",
    "dpm_adaptive": "DPM adaptive",
    "dpmpp_2s_ancestral": "DPM++ 2S a",
    "dpmpp_sde": "DPM++ SDE",
    "dpmpp_2m": "DPM++ 2M",
    "dpmpp_2m_sde": "DPM++ 2M SDE",
    "dpmpp_3m_sde": "DPM++ 3M SDE",
    "lms": "LMS",
    "ddim": "DDIM",
    "uni_pc": "UniPC",
    "lcm": "LCM",
}
_SCHEDULERS = {
    "karras": "Karras",
    "exponential": "Exponential",
    "sgm_uniform": "SGM Uniform",
    "simple": "Simple",
    "normal": "Normal",
    "ddim_uniform": "DDIM Uniform",
    "beta": "Beta",
    "kl_optimal": "KL Optimal",
}
_SAMPLERS_BACK = {theirs: ours for ours, theirs in _SAMPLERS.items()}
_SCHEDULERS_BACK = {theirs: ours for ours, theirs in _SCHEDULERS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """How a picture was made. Names of samplers and schedulers are ComfyUI's; what is not known is None."""

    prompt: str = ""
    negative: str = ""
    steps: int | None = None
    sampler: str | None = None
    scheduler: str | None = None
    cfg: float | None = None
    guidance: float | None = None
    seed: int | None = None
    width: int | None = None
    height: int | None = None
    model: str | None = None
    """The model's name, without folder and ending."""
    denoise: float | None = None
    loras: tuple[tuple[str, float], ...] = ()
    """Names, without folder and ending, and strengths."""
    other: dict[str, str] = field(default_factory=dict[str, str])
    """What A1111 or a program like it wrote besides."""

    def text(self) -> str:
        """Return the text as A1111 writes it."""
        tags = "".join(f" <lora:{name}:{_number(strength)}>" for name, strength in self.loras)
        negative = [f"{_NEGATIVE} {self.negative}"] if self.negative else []
        settings = ", ".join(f"{name}: {_quoted(value)}" for name, value in self._settings())
        return "\n".join([(self.prompt + tags).strip(), *negative, *([settings] if settings else [])])

    def _settings(self) -> Iterator[tuple[str, str]]:
        size = f"{self.width}x{self.height}" if self.width and self.height else None
        known: dict[str, Any] = {
            "Steps": self.steps,
            "Sampler": _SAMPLERS.get(self.sampler or "", self.sampler),
            "Schedule type": _SCHEDULERS.get(self.scheduler or "", self.scheduler),
            "CFG scale": self.cfg,
            "Distilled CFG Scale": self.guidance,
            "Seed": self.seed,
            "Size": size,
            "Model": self.model,
            "Denoising strength": self.denoise,
        }
        for name, value in (known | self.other).items():
            if value is not None:
                yield name, _number(value) if isinstance(value, float) else str(value)


def parameters_text(workflow: Workflow, *, size: tuple[int, int] | None = None) -> str:
    """Return how a workflow makes its picture, as A1111 writes it.

    ``size`` is the finished picture's, for graphs that do not say one.
    """
    return parameters_of(workflow, size=size).text()


def parameters_of(workflow: Workflow, *, size: tuple[int, int] | None = None) -> Parameters:
    """Return how a workflow makes its picture; ``size`` serves where the graph does not say one."""
    roles = find_roles(workflow)
    denoise = _get(workflow, roles, "denoise", (int, float))
    model = _get(workflow, roles, "models", (str,))
    return Parameters(
        prompt=_get(workflow, roles, "positive", (str,)) or "",
        negative=_get(workflow, roles, "negative", (str,)) or "",
        steps=_get(workflow, roles, "steps", (int,)),
        sampler=_get(workflow, roles, "sampler", (str,)),
        scheduler=_get(workflow, roles, "scheduler", (str,)),
        cfg=_get(workflow, roles, "cfg", (int, float)),
        guidance=_get(workflow, roles, "guidance", (int, float)),
        seed=_get(workflow, roles, "seed", (int,)),
        width=_get(workflow, roles, "width", (int,)) or (size[0] if size else None),
        height=_get(workflow, roles, "height", (int,)) or (size[1] if size else None),
        model=_stem(model) if model else None,
        denoise=None if denoise == 1 else denoise,
        loras=tuple(_loras(workflow, roles)),
    )


def parse_parameters(text: str) -> Parameters:
    """Read what A1111, or a program like it, wrote. Every text can be read: at worst it is all prompt."""
    lines = text.strip().splitlines()
    settings = _pairs(lines[-1]) if lines else {}
    body = lines[:-1] if settings else lines
    start = next((number for number, line in enumerate(body) if line.startswith(_NEGATIVE)), len(body))
    prompt = "\n".join(body[:start])
    return Parameters(
        prompt=_LORA.sub("", prompt).strip(),
        negative="\n".join(body[start:]).removeprefix(_NEGATIVE).strip(),
        loras=tuple((name, float(strength or 1)) for name, strength in _LORA.findall(prompt)),
        **_typed(settings),
    )


def _pairs(line: str) -> dict[str, str]:
    """Return the settings of a last line; none when it is the prompt's own, which may have colons too."""
    pairs = {name: _unquoted(value) for name, value in _PAIR.findall(line)}
    return pairs if line.startswith("Steps:") or len(pairs) > 2 else {}


def _typed(settings: dict[str, str]) -> dict[str, Any]:
    left = dict(settings)
    sampler, scheduler = _sampling(left.pop("Sampler", None), left.pop("Schedule type", None))
    size = _SIZE.fullmatch(left.get("Size", ""))
    if size:
        del left["Size"]
    return {
        "steps": _taken(left, "Steps", int),
        "sampler": sampler,
        "scheduler": scheduler,
        "cfg": _taken(left, "CFG scale", float),
        "guidance": _taken(left, "Distilled CFG Scale", float),
        "seed": _taken(left, "Seed", int),
        "width": int(size[1]) if size else None,
        "height": int(size[2]) if size else None,
        "model": left.pop("Model", None),
        "denoise": _taken(left, "Denoising strength", float),
        "other": left,
    }


def _taken(settings: dict[str, str], name: str, kind: type[int | float]) -> Any:
    """Take a number out of the settings; what is not one stays among the others."""
    try:
        number = kind(settings[name])
    except (KeyError, ValueError):
        return None
    del settings[name]
    return number


def _sampling(sampler: str | None, scheduler: str | None) -> tuple[str | None, str | None]:
    """Return ComfyUI's names. Older A1111 appends the schedule to the sampler: ``DPM++ 2M Karras``."""
    if sampler and not scheduler:
        name, _, last = sampler.rpartition(" ")
        if last in ("Karras", "Exponential"):
            sampler, scheduler = name, last
    return _SAMPLERS_BACK.get(sampler or "", sampler), _SCHEDULERS_BACK.get(scheduler or "", scheduler)


def _get(workflow: Workflow, roles: Roles, role: str, kinds: tuple[type, ...]) -> Any:
    value = value_of(workflow, getattr(roles, role))
    return value if isinstance(value, kinds) else None


def _loras(workflow: Workflow, roles: Roles) -> Iterator[tuple[str, float]]:
    for slot in roles.loras:
        strength = workflow[slot.node_id]["inputs"].get("strength_model", 1.0)
        yield _stem(slot.value(workflow)), float(strength) if isinstance(strength, (int, float)) else 1.0


def _stem(name: str) -> str:
    return _EXTENSION.sub("", PurePosixPath(name.replace("\\", "/")).name)


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(value)


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if re.search(r'[,:"\n]', value) else value


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value.strip()
    try:
        return str(json.loads(value))
    except json.JSONDecodeError:
        return value
