"""Reads the answers of Civitai's REST API. Pure; what is not of the shape that it should be counts as not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from comfy_gen.models.model import Model
from comfy_gen.models.names import family_said, plain_name
from comfy_gen.models.reference import CivitaiVersion
from comfy_gen.models.sources.source import Found

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]

FOLDERS = {
    "Checkpoint": "checkpoints",
    "TextualInversion": "embeddings",
    "Hypernetwork": "hypernetworks",
    "LORA": "loras",
    "LoCon": "loras",
    "DoRA": "loras",
    "VAE": "vae",
    "Controlnet": "controlnet",
    "Upscaler": "upscale_models",
}
"""ComfyUI's folder for each of Civitai's types that has one."""
_WEIGHTS = ("Model", "Pruned Model")
"""The types of files that are the model itself, the fuller one first."""
_USES = (("Image", "pictures"), ("Rent", "services"), ("RentCivit", "services on Civitai"), ("Sell", "the model"))


def mapping(value: object) -> Json:
    """Return a JSON object; an empty one where there is none."""
    return cast("Json", value) if isinstance(value, dict) else {}


def entries(value: object) -> list[Json]:
    """Return the objects of a JSON list."""
    return [mapping(one) for one in cast("list[object]", value)] if isinstance(value, list) else []


def text(value: object, limit: int = 200) -> str:
    """Return a text on one line, cut where it is too long."""
    return " ".join(value.split())[:limit] if isinstance(value, str) else ""


def number(value: object) -> int:
    """Return a number that counts something; 0 where there is none."""
    return int(value) if isinstance(value, int | float) and 0 <= value < 2**60 else 0


def best_file(version: Mapping[str, Any], name: str = "") -> Json:
    """Return the file of a version that is meant; an empty one if it has none of that name, or none at all.

    Without a name it is the one of weights that runs no code, and among these the one that Civitai puts first.
    """
    files = entries(version.get("files"))
    if name:
        return next((file for file in files if file.get("name") == name), Json())
    weights = [file for file in files if file.get("type") in _WEIGHTS] or files
    return min(weights, key=_rank, default=Json())


def file_names(version: Mapping[str, Any]) -> list[str]:
    """Return the names of a version's files."""
    return [name for file in entries(version.get("files")) if (name := text(file.get("name")))]


def model_of(version: Mapping[str, Any], file: Mapping[str, Any], model: Mapping[str, Any]) -> Model:
    """Return what a file of a version of a model is, so far as Civitai tells."""
    hashes, base = mapping(file.get("hashes")), text(version.get("baseModel"))
    name, identity = plain_name(text(file.get("name"))), number(model.get("id") or version.get("modelId"))
    return Model(
        file=name,
        folder="vae" if file.get("type") == "VAE" else FOLDERS.get(text(model.get("type")), ""),
        title=text(f"{text(model.get('name'))} {text(version.get('name'))}"),
        source=str(
            CivitaiVersion(number(version.get("id")), "" if _is_best(version, file) else text(file.get("name")))
        ),
        sha256=_sha256(hashes),
        licence=_licence(model),
        base=family_said([base, name]) or base,
        triggers=_words(version.get("trainedWords")),
        page=f"https://civitai.com/models/{identity}?modelVersionId={number(version.get('id'))}",
    )


def found_in(item: Mapping[str, Any]) -> Found | None:
    """Return what a search came upon: a model's newest version; None where it has no file that ComfyUI loads."""
    version = next(iter(entries(item.get("modelVersions"))), Json())
    file = best_file(version)
    if text(item.get("type")) not in FOLDERS or not plain_name(text(file.get("name"))):
        return None
    return Found(
        model=model_of(version, file, item),
        where="civitai",
        downloads=number(mapping(item.get("stats")).get("downloadCount")),
        is_gated=text(version.get("availability")) == "EarlyAccess",
    )


def _rank(file: Mapping[str, Any]) -> tuple[bool, bool]:
    is_safe = text(mapping(file.get("metadata")).get("format")) == "SafeTensor"
    return not is_safe and not text(file.get("name")).endswith(".safetensors"), file.get("primary") is not True


def _is_best(version: Mapping[str, Any], file: Mapping[str, Any]) -> bool:
    return best_file(version).get("name") == file.get("name")


def _sha256(hashes: Mapping[str, Any]) -> str:
    said = text(hashes.get("SHA256")).lower()
    return said if len(said) == 64 and not said.strip("0123456789abcdef") else ""


def _words(value: object) -> tuple[str, ...]:
    said = cast("list[object]", value) if isinstance(value, list) else []
    return tuple(word for one in said[:50] if (word := text(one).strip(" ,")))


def _licence(model: Mapping[str, Any]) -> str:
    """Return the permissions that a model's maker gives, in a sentence; empty where they are not told."""
    if "allowCommercialUse" not in model:
        return ""
    told = model["allowCommercialUse"]
    uses = cast("list[object]", told) if isinstance(told, list) else [told]
    sold = [what for name, what in _USES if name in uses]
    credit = "no credit needed" if model.get("allowNoCredit") is True else "credit the maker"
    return f"Civitai: {credit}; {'may sell ' + ', '.join(sold) if sold else 'not for sale'}"
