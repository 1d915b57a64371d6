"""Stands in for torchvision, whose CPU build is not on PyPI: the few names that ComfyUI's core touches."""

from torchvision import transforms

__version__ = "0.0.0+stub"
__all__ = ["models", "transforms"]


class _Absent:
    """Something that no node of the tiny models needs."""

    def __getattr__(self, name: str) -> object:
        raise NotImplementedError(f"torchvision.models.{name} is not in this stand-in")


models = _Absent()
