"""Stands in for torchvision, whose CPU build is not on PyPI: the few names that ComfyUI's core touches.

It is copied beside ComfyUI's other packages under that name, and never imported from here.
"""

from . import transforms

__version__ = "0.0.0+stub"
__all__ = ["models", "transforms"]


class _Absent:
    """Something that no node of ComfyUI's core needs to start."""

    def __getattr__(self, name: str) -> object:
        raise NotImplementedError(f"torchvision.models.{name} is not in this stand-in: pip install torchvision")


models = _Absent()
