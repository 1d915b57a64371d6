from __future__ import annotations

import pytest


@pytest.fixture
def target(tmp_path):
    return tmp_path / "models" / "a.dat"
