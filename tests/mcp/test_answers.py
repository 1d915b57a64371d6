from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from comfy_gen.mcp import answers
from comfy_gen.mcp.answers import Cancellation, Job, Progress, Validation, status_of

if TYPE_CHECKING:
    from pydantic import BaseModel

DOCUMENTED: dict[type[BaseModel], set[str]] = {
    Job: {"prompt_id", "job_id", "status", "url", "local_path", "progress_updates", "next"},
    Validation: {"status", "workflow_file", "is_valid", "errors", "warnings", "missing_models"},
    Progress: {"status", "prompt_id", "position", "queue_length"},
    Cancellation: {"status", "job_id", "message"},
    answers.ProgressUpdate: {"type", "prompt_id", "step", "max_steps", "percent", "eta_seconds", "message"},
}


@pytest.mark.parametrize("model", DOCUMENTED)
def test_answers_have_the_documented_fields(model: type[BaseModel]) -> None:
    assert set(model.model_fields) >= DOCUMENTED[model]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("queued", "pending"),
        ("preprocessing", "running"),
        ("generating", "running"),
        ("postprocessing", "running"),
        ("completed", "completed"),
        ("partial", "completed"),
        ("failed", "failed"),
        ("cancelled", "cancelled"),
        ("somewhere", "unknown"),
    ],
)
def test_states_are_told_in_the_documented_words(state: str, status: str) -> None:
    assert status_of({"state": state}) == status
    assert Job(status=status_of({"state": state}), prompt_id="a", job_id="a").status == status


def test_a_job_of_which_nothing_is_known_is_unknown() -> None:
    assert status_of({"id": "a"}) == "unknown"


def test_a_place_is_current_or_a_number() -> None:
    places = [Progress(status="running", position="current"), Progress(status="pending", position=2)]
    assert [place.position for place in places] == ["current", 2]
