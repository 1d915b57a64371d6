"""Stands in for torchvision.transforms.functional."""

# pyright: reportMissingImports=false

import torch


def resize(img, size, interpolation=None, **_):
    """Resample a picture."""
    mode = getattr(interpolation, "value", "bilinear")
    return torch.nn.functional.interpolate(img, size=tuple(size), mode=mode)
