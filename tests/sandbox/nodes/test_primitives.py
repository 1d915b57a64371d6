from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from comfy_gen.sandbox.nodes import primitives
from comfy_gen.sandbox.nodes.node import Shown

if TYPE_CHECKING:
    from tests.sandbox.nodes.bench import Bench


def test_values_pass_through():
    assert primitives.same(value=5) == (5,)
    assert primitives.concatenate(string_a="a", string_b="b", delimiter=", ") == ("a, b",)
    assert primitives.show(source=5) == Shown({"text": ("5",)})


def test_size_is_told_and_shown(bench: Bench):
    assert primitives.tell_size(bench, image=(Image.new("RGB", (20, 10)),) * 3) == (20, 10, 3)
    assert bench.said == ["width: 20, height: 10\n batch size: 3"]
