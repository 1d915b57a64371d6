"""What each node class does: one module for each kind of node, and the table of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.sandbox.nodes import conditioning, images, latents, layout, loaders, masks, primitives, sampling, saving

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.sandbox.nodes.node import Node, WorkingNode

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

WORKING: Mapping[str, WorkingNode] = {**loaders.NODES, **sampling.NODES, **saving.NODES}
"""Nodes that ask something of the engine: called with it first."""
