"""Examples that are no code but say how code behaves: numbers of retries, a constructor."""

from __future__ import annotations

import ast
import inspect
import re
from typing import TYPE_CHECKING

from comfy_gen.generate import get_retry_params
from comfy_gen.validation import ImageValidator

if TYPE_CHECKING:
    from scripts.mission.index import Example
    from tests.mission.stage import Stage

SEED = 100
BASE = {"base_steps": 30, "base_cfg": 7.0, "base_seed": SEED, "base_prompt": "a fox", "base_negative": "fog"}


def compare_retries(example: Example, text: str, _: Stage) -> None:
    """Compare what each attempt is said to change with what it does."""
    strategy = example.name.removeprefix("retry-").replace("-", "_")
    told = re.findall(r"^# Attempt (\d): (.*)$", text, re.MULTILINE)
    assert [number for number, _ in told] == ["1", "2", "3"]
    for number, said in told:
        made = get_retry_params(int(number), strategy, **BASE)
        for name, value in re.findall(r"(steps|cfg)=([\d.]+)", said):
            assert made[name] == float(value)
        if offset := re.search(r"seed=base\+(\d+)", said):
            assert made["seed"] == SEED + int(offset[1])
            assert (made["steps"], made["cfg"], made["positive_prompt"]) == (30, 7.0, "a fox")
        if added := re.search(r'prompt \+ "(.*)"', said):
            assert made["positive_prompt"] == f"a fox{added[1]}"
        if said == "original prompt":
            assert made["positive_prompt"] == "a fox"


def compare_signature(_: Example, text: str, __: Stage) -> None:
    """Compare the parameters of a class with the documented ones."""
    documented = ast.parse(f"def {text.strip()}: ...").body[0]
    assert isinstance(documented, ast.FunctionDef)
    ours = inspect.signature(ImageValidator).parameters
    assert documented.name == ImageValidator.__name__
    for argument, default in zip(documented.args.args, documented.args.defaults, strict=True):
        assert ours[argument.arg].default == ast.literal_eval(default)
