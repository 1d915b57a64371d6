"""The import of what is heavy."""

import gc
import subprocess
import sys

import pytest

from comfy_gen.validation.scoring.importing import import_torch, sparing


@pytest.fixture
def collecting(monkeypatch):
    assert gc.isenabled()
    monkeypatch.delitem(sys.modules, "transformers", raising=False)
    yield
    gc.unfreeze()
    gc.enable()


def test_what_is_made_is_looked_at_neither_then_nor_later(collecting):
    before = gc.get_freeze_count()
    with sparing():
        made = [[] for _ in range(100)]
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + len(made)


def test_it_is_collected_again_after_an_error(collecting):
    with pytest.raises(ValueError, match="x"), sparing():
        raise ValueError("x")
    assert gc.isenabled()


def test_whoever_collects_nothing_goes_on_so(collecting):
    gc.disable()
    with sparing():
        pass
    assert not gc.isenabled()


def test_what_is_there_already_is_left_as_it_is(collecting, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", sys)
    before = gc.get_freeze_count()
    with sparing():
        assert gc.isenabled()
    assert gc.get_freeze_count() == before


def test_torch_imported_so_works():
    script = (
        "from comfy_gen.validation.scoring.importing import import_torch as t;"
        " print(int(t().ones(2, 3).sum()), t() is t())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("6 True\n", "")


def test_torch_that_is_there_is_taken():
    import torch

    assert import_torch() is torch
