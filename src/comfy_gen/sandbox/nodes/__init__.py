"""What each node class does: one module for each kind of node, and the table of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.sandbox.nodes import conditioning, images, latents, layout, loaders, masks, primitives, sampling, saving

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.sandbox.nodes.node import Node, TimedNode

PURE: Mapping[str, Node] = {
    **conditioning.NODES,
    **images.NODES,
    **latents.NODES,
    **layout.NODES,
    **masks.NODES,
    **primitives.NODES,
    **sampling.PARTS,
}
"""Nodes that only compute: called with their inputs by name."""

WORKING: Mapping[str, Node] = {**loaders.FILE_NODES, **saving.NODES, **primitives.TELLING_NODES}
"""Nodes that need the engine's files or sockets: called with the ``Work`` first."""

TIMED: Mapping[str, TimedNode] = {**loaders.MODEL_NODES, **sampling.NODES}
"""Nodes that take as long as loading and sampling take: called with the ``Work`` first, and awaited."""
