"""What RunPod's clients send: a worker's input, and what is to become of the job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, cast

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from comfy_gen.errors import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

Milliseconds = Annotated[float, Field(gt=0, le=7 * 24 * 3_600_000, allow_inf_nan=False)]
Text = Annotated[str, Field(min_length=1, max_length=2_000)]


class Policy(BaseModel):
    """How long a job may take."""

    model_config = ConfigDict(extra="ignore")

    ttl: Milliseconds | None = None
    """From when it was accepted."""
    executionTimeout: Milliseconds | None = None  # noqa: N815  # RunPod's name
    """From when it began."""


class S3Config(BaseModel):
    """A bucket of the caller's, which gets a copy of each output."""

    model_config = ConfigDict(extra="ignore")

    accessId: Text  # noqa: N815
    accessSecret: Annotated[SecretStr, Field(min_length=1, max_length=1_000)]  # noqa: N815
    bucketName: Text  # noqa: N815
    endpointUrl: Text  # noqa: N815


class RunBody(BaseModel):
    """A request to run a job; names that nobody knows are left out, as RunPod does."""

    model_config = ConfigDict(extra="ignore")

    input: Any
    webhook: Text | None = None
    policy: Policy | None = None
    s3Config: S3Config | None = None  # noqa: N815

    @property
    def bounds(self) -> dict[str, float]:
        """How long it may take, as far as that is said."""
        return self.policy.model_dump(exclude_none=True) if self.policy else {}


class Picture(BaseModel):
    """A file for a workflow to work on."""

    model_config = ConfigDict(extra="ignore")

    name: Text
    image: str
    """Base64, perhaps as a data URL."""


class WorkerInput(BaseModel):
    """What worker-comfyui takes."""

    model_config = ConfigDict(extra="ignore")

    workflow: dict[str, Any]
    images: list[Picture] | None = None
    comfy_org_api_key: Annotated[SecretStr, Field(max_length=1_000)] | None = None


def run_body(content: bytes) -> RunBody:
    """Return a request to run a job.

    Raises:
        RequestValidationError: it is none.
    """
    try:
        return RunBody.model_validate(json.loads(content))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in found]) from error
    except ValueError as error:
        told = {"type": "json_invalid", "loc": ("body",), "ctx": {"error": str(error)}}
        raise RequestValidationError([told]) from error


def worker_input(said: object) -> WorkerInput:
    """Return a worker's input; it may be JSON in a text.

    Raises:
        InvalidParameterError: it is none that worker-comfyui takes.
    """
    try:
        return WorkerInput.model_validate(_parsed(said))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, ("input", *first["loc"])))
        raise InvalidParameterError(where, _shown(said, first["loc"][:1]), _expected(first["msg"])) from error


def _parsed(said: object) -> object:
    if not isinstance(said, str):
        return said
    try:
        return json.loads(said)
    except ValueError as error:
        raise InvalidParameterError("input", "a text", "a JSON object, or one as text") from error


def _shown(said: object, where: tuple[int | str, ...]) -> str:
    """Return what was sent there, without what is in it: that may be megabytes, or secret."""
    fields: Mapping[str, object] = cast("Mapping[str, object]", said) if isinstance(said, dict) else {}
    return "missing" if where and where[0] not in fields else "something else"


def _expected(message: str) -> str:
    return {
        "Field required": "what worker-comfyui takes: a `workflow`, and `images` with `name` and `image`",
        "Input should be a valid dictionary": "a JSON object",
    }.get(message, message)
