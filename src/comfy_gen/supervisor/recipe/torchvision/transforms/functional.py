"""Stands in for torchvision.transforms.functional."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from enum import Enum


def resize(img: torch.Tensor, size: Sequence[int], interpolation: Enum | None = None, **_: object) -> torch.Tensor:
    """Resample a picture."""
    mode = str(interpolation.value) if interpolation else "bilinear"
    return torch.nn.functional.interpolate(img, size=tuple(size), mode=mode)
