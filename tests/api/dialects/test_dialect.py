"""What a dialect is."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from comfy_gen.api.dialects.dialect import Dialect, dialect_at
from comfy_gen.api.problems import plainly

ONE = Dialect("one", ("/run", "/v2"), (), plainly)
OTHER = Dialect("other", ("/comfyui",), (), plainly)


@pytest.mark.parametrize(
    ("path", "name"),
    [("/run", "one"), ("/v2/x/run", "one"), ("/runner", None), ("/comfyui", "other"), ("/jobs", None), ("/", None)],
)
def test_path_has_the_dialect_whose_prefix_it_begins_with_up_to_a_slash(path, name):
    app = SimpleNamespace(state=SimpleNamespace(dialects=[ONE, OTHER]))
    found = dialect_at(app, path)
    assert (found and found.name) == name
