"""What an engine's ``object_info`` says of its node classes: their inputs, their outputs, which are outputs. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_DYNAMIC = frozenset({"COMFY_AUTOGROW_V3", "COMFY_DYNAMICCOMBO_V3", "COMFY_DYNAMICSLOT_V3"})
_CUSTOM = "custom_nodes."


class Input(NamedTuple):
    """One input as a node class declares it."""

    name: str
    type: Any
    """A type's name, or the list of the values it may have."""
    options: dict[str, Any]
    required: bool

    @property
    def config(self) -> list[Any]:
        """The declaration as ComfyUI repeats it in ``extra_info``."""
        return [self.type, self.options]

    @property
    def is_combo(self) -> bool:
        """Tell whether the choices are declared in the newer way, ``["COMBO", {"options": […]}]``."""
        return self.type == "COMBO"

    @property
    def choices(self) -> list[Any] | None:
        """The values it may have, or None when it is not a choice, or one from a list that only the editor asks for."""
        if isinstance(self.type, list):
            return cast("list[Any]", self.type)
        return self.options.get("options") if self.is_combo else None

    @property
    def is_dynamic(self) -> bool:
        """Tell whether newer servers make other inputs of it, such as ``images.image_1``; only they know which."""
        return isinstance(self.type, str) and self.type in _DYNAMIC

    @property
    def is_upload(self) -> bool:
        """Tell whether people may upload a file for it; a file newer than ``object_info`` is not in its choices."""
        return any(key.endswith("_upload") for key in self.options)


class FileCheck(NamedTuple):
    """A class that looks for its file itself, instead of leaving that to the list of choices."""

    input_name: str
    kind: str
    checker: str
    """The function's name in ComfyUI: Python's own words put it into a message."""


_FILE_CHECKS = {
    "LoadImage": FileCheck("image", "image", "LoadImage.VALIDATE_INPUTS()"),
    "LoadImageMask": FileCheck("image", "image", "LoadImageMask.VALIDATE_INPUTS()"),
    "LoadImageOutput": FileCheck("image", "image", "LoadImage.VALIDATE_INPUTS()"),
    "WebcamCapture": FileCheck("image", "image", "LoadImage.VALIDATE_INPUTS()"),
    "LoadLatent": FileCheck("latent", "latent", "LoadLatent.VALIDATE_INPUTS()"),
    "LoadVideo": FileCheck("file", "video", "LoadVideo.validate_inputs()"),
    "LoadAudio": FileCheck("audio", "audio", "LoadAudio.VALIDATE_INPUTS()"),
}


class Declarations:
    """An engine's node classes. Takes the parsed body of ``GET /object_info`` and does not change it."""

    def __init__(self, object_info: Mapping[str, Any]) -> None:
        self._classes = object_info

    def __contains__(self, class_type: object) -> bool:
        return class_type in self._classes

    def names(self) -> list[str]:
        """Return the names of all classes."""
        return list(self._classes)

    def is_custom(self, class_type: str) -> bool:
        """Tell whether a class is none of ComfyUI's own: it may have rules of its own for what it is given."""
        return str(self._classes.get(class_type, {}).get("python_module") or "").startswith(_CUSTOM)

    def is_output(self, class_type: str) -> bool:
        """Tell whether nodes of the class are what a prompt is run for."""
        return self._classes[class_type].get("output_node") is True

    def inputs(self, class_type: str) -> Iterator[Input]:
        """Yield the inputs of a class, in its own order, without the hidden ones."""
        groups: dict[str, dict[str, list[Any]]] = self._classes[class_type]["input"]
        for group in ("required", "optional"):
            for name, spec in groups.get(group, {}).items():
                yield Input(name, spec[0], spec[1] if len(spec) > 1 else {}, required=group == "required")

    def outputs(self, class_type: str) -> tuple[Any, ...] | list[Any]:
        """Return the types of a class's outputs, in the type of sequence that the class itself has.

        Only the words of an exception tell them apart: "tuple index out of range", "list index out of range".
        Classes of ComfyUI's newer node interface have a list, and they always say whether they are an ``api_node``.
        """
        declaration = self._classes[class_type]
        types: list[Any] = declaration["output"]
        return types if "api_node" in declaration else tuple(types)

    def file_check(self, class_type: str, input_name: str) -> FileCheck | None:
        """Return how the class looks for this input's file itself, or None when it does not."""
        check = _FILE_CHECKS.get(class_type)
        return check if check and check.input_name == input_name else None
