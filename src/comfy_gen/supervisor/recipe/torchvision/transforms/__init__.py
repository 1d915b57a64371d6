"""Stands in for torchvision.transforms."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from . import functional

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import torch

__all__ = ["Compose", "InterpolationMode", "Normalize", "functional"]


class InterpolationMode(enum.Enum):
    """How to resample."""

    NEAREST = "nearest"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"


class Compose:
    """One transform after the other."""

    def __init__(self, transforms: Sequence[Callable[[torch.Tensor], torch.Tensor]]) -> None:
        self.transforms = transforms

    def __call__(self, image: torch.Tensor) -> torch.Tensor:
        """Return what they make of a picture."""
        for transform in self.transforms:
            image = transform(image)
        return image


class Normalize:
    """Shift and scale by channel."""

    def __init__(self, mean: torch.Tensor, std: torch.Tensor, **_: object) -> None:
        self.mean = mean
        self.std = std

    def __call__(self, image: torch.Tensor) -> torch.Tensor:
        """Return a picture with the mean 0 and the deviation 1, if its own are those given."""
        return (image - self.mean) / self.std
