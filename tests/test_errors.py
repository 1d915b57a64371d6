"""The tree as a whole: codes, sentences and advice."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

import pytest

from comfy_gen import errors
from comfy_gen.errors import ComfyGenError, listing

SOURCES = Path(errors.__file__).parents[1]
CLASSES = [value for _, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, ComfyGenError)]
LEAVES = [value for value in CLASSES if not value.__subclasses__() or value is errors.WorkflowFormatError]

EXAMPLES = {
    "NoCategoryError": errors.NoCategoryError("qwertz", 0.3, ["portrait"]),
    "UnknownTagError": errors.UnknownTagError({"portrit": ["portrait"], "xyz": []}),
    "CategoryNotFoundError": errors.CategoryNotFoundError("portrit", ["portrait"]),
    "CategoryFileError": errors.CategoryFileError(
        ["a.yaml, line 3: no field is called 'keyword'; did you mean keywords?"]
    ),
    "PromptSyntaxError": errors.PromptSyntaxError("a { has no }", 4),
    "PolicyTierError": errors.PolicyTierError("mature", "general", ["@horror"], "general"),
    "ForbiddenContentError": errors.ForbiddenContentError(),
    "PictureWithheldError": errors.PictureWithheldError(1, 0.97),
    "ModelReferenceError": errors.ModelReferenceError("sdxl-bas", "no model or set is called so", ["sdxl-base"]),
    "ModelSourceError": errors.ModelSourceError("Hugging Face", "owner/repository is not open to everybody"),
    "ModelDownloadError": errors.ModelDownloadError("a.safetensors", "the connection broke", 12_300_000),
    "ModelIntegrityError": errors.ModelIntegrityError("a.safetensors", "its SHA-256 begins with 0a1b, not with 2c3d"),
    "UnsafeModelError": errors.UnsafeModelError("a.ckpt", "it is a pickle, which may run code when it is loaded"),
    "ModelManifestError": errors.ModelManifestError(["models.yaml, line 3: a model has no field 'fil'"]),
    "ModelRegistryError": errors.ModelRegistryError(Path("models.json"), "it is not JSON"),
    "ComfyUIFolderError": errors.ComfyUIFolderError(Path("comfy"), "it has no main.py"),
    "InstanceNotFoundError": errors.InstanceNotFoundError("gpu2", ["gpu0", "gpu1"]),
    "AlreadyRunningError": errors.AlreadyRunningError("gpu0", "http://127.0.0.1:8188", "its port is 8188, not 8189"),
    "NotRunningError": errors.NotRunningError("gpu0", "nobody started it"),
    "StartFailedError": errors.StartFailedError("gpu0", "it ended with 1", Path("comfyui.log"), ["ImportError: torch"]),
    "StillRunningError": errors.StillRunningError("gpu0", "http://127.0.0.1:8189"),
    "StopFailedError": errors.StopFailedError("gpu0", "process 12 belongs to root"),
    "InstallError": errors.InstallError("git clone", "there is no network", "install it with --from-pypi."),
    "ContainerError": errors.ContainerError("comfyui", "there is none of that name"),
    "DiskSpaceError": errors.DiskSpaceError(Path("models"), 7_000_000_000, 2_000_000_000),
    "ScoringBusyError": errors.ScoringBusyError(30.0),
    "ScoringModelError": errors.ScoringModelError("openai/clip-vit-base-patch32", "it is not here, nothing answers"),
    "CalibrationError": errors.CalibrationError("3 pictures with a prompt are too few"),
    "ThresholdFileError": errors.ThresholdFileError(Path("thresholds.json"), "it is cut off"),
    "RecipeNotFoundError": errors.RecipeNotFoundError("sha256:12ab"),
    "GenerationNotFoundError": errors.GenerationNotFoundError("4f1d"),
    "FavoriteNotFoundError": errors.FavoriteNotFoundError("fav_4f1d"),
    "FavoriteKeptError": errors.FavoriteKeptError("4f1d"),
    "PresetNotFoundError": errors.PresetNotFoundError("portraits", ["portrait"]),
    "TrackingUnavailableError": errors.TrackingUnavailableError("http://127.0.0.1:5000", "connection refused"),
    "WorkflowNotFoundError": errors.WorkflowNotFoundError("sdlx", ["sdxl"]),
    "WorkflowUnreadableError": errors.WorkflowUnreadableError("a.json", "Permission denied"),
    "WorkflowSyntaxError": errors.WorkflowSyntaxError("a.json", json.JSONDecodeError("Expecting value", "{]", 1)),
    "WorkflowFormatError": errors.WorkflowFormatError("a.json", "it has no nodes"),
    "NotUiWorkflowError": errors.NotUiWorkflowError("a.json", "it has no `nodes`"),
    "WorkflowIsUiFormatError": errors.WorkflowIsUiFormatError("a.json"),
    "TemplateCardError": errors.TemplateCardError("the card of template 'x'", "it has no name"),
    "RoleNotFoundError": errors.RoleNotFoundError("seed"),
    "NodeNotFoundError": errors.NodeNotFoundError("33", ["3 (KSampler)"]),
    "InputNotFoundError": errors.InputNotFoundError("3", "KSampler", "sede", ["seed"]),
    "NotRegisteredError": errors.NotRegisteredError("template", "fix", ["fox"]),
    "InvalidWorkflowError": errors.InvalidWorkflowError(["one", "two"]),
    "InvalidParameterError": errors.InvalidParameterError("steps", 0, "1 or more", "take 20."),
    "InvalidRequestError": errors.InvalidRequestError([errors.RoleNotFoundError("seed")]),
    "ModelNotFoundError": errors.ModelNotFoundError("a.ckpt", "checkpoints", ["b.ckpt"]),
    "InputImageError": errors.InputImageError("a.png", "it is not a picture"),
    "AssetFetchError": errors.AssetFetchError("http://x/a.png", "status 404"),
    "MissingAssetError": errors.MissingAssetError({"9f8a": "no asset of yours has this id"}),
    "HashMismatchError": errors.HashMismatchError("blake3:12", "blake3:34"),
    "BlobNotFoundError": errors.BlobNotFoundError("blake3:12"),
    "AssetInUseError": errors.AssetInUseError("9f8a"),
    "MetadataNotFoundError": errors.MetadataNotFoundError("a.png"),
    "OutputPathError": errors.OutputPathError(Path("gone"), "No such file or directory"),
    "MissingExtraError": errors.MissingExtraError("a bucket", "s3"),
    "ConfigFileError": errors.ConfigFileError(["config.yaml:3: comfyui.port is 0"], "config.yaml"),
    "PortInUseError": errors.PortInUseError("127.0.0.1", 8188, "address in use"),
    "EngineUnreachableError": errors.EngineUnreachableError("http://x", "connection refused"),
    "EngineResponseError": errors.EngineResponseError("http://x", 500, "oops"),
    "DuplicateJobError": errors.DuplicateJobError("job_1"),
    "NotComfyUIError": errors.NotComfyUIError("http://x"),
    "PromptNotFoundError": errors.PromptNotFoundError("p", "http://x"),
    "ClientClosedError": errors.ClientClosedError("p"),
    "PromptRejectedError": errors.PromptRejectedError("prompt_outputs_failed_validation", "failed", ["one"]),
    "EngineLostError": errors.EngineLostError("http://x", "p", "it is gone"),
    "WaitTimeoutError": errors.WaitTimeoutError("p", 1.5),
    "ExecutionFailedError": errors.ExecutionFailedError(
        "p", "gpu_error", "3", "KSampler", "CUDA error", advice="restart."
    ),
    "InterruptedPromptError": errors.InterruptedPromptError("p"),
    "NoOutputError": errors.NoOutputError("p"),
    "CorruptOutputError": errors.CorruptOutputError("a.png", "truncated"),
    "ArtifactGoneError": errors.ArtifactGoneError("ab/a.png"),
    "StorageError": errors.StorageError("a.png", "no such bucket"),
    "ServiceProblemError": errors.ServiceProblemError(404, "job_not_found", "no job has the id '4f1d'", "list them."),
    "ServiceUnreachableError": errors.ServiceUnreachableError("http://gpu:8000", "connection refused"),
    "UnauthorizedError": errors.UnauthorizedError(),
    "ForbiddenError": errors.ForbiddenError("this key may only read", "take one that may generate."),
    "RateLimitError": errors.RateLimitError("600 per 1 minute", 12.5),
    "OwnerQueueFullError": errors.OwnerQueueFullError(12, 12),
    "BodyTooLargeError": errors.BodyTooLargeError(2**20),
    "UnsupportedMediaError": errors.UnsupportedMediaError("text/plain", "application/json"),
    "GraphTooLargeError": errors.GraphTooLargeError(100_000, 5_000),
    "NodeNotAllowedError": errors.NodeNotAllowedError(["ExecuteShell"]),
    "ModifierNotFoundError": errors.ModifierNotFoundError("Text3Image", ["Text2Image"]),
    "ModifierError": errors.ModifierError("Mine", "KeyError: '3'"),
    "ArtifactNotFoundError": errors.ArtifactNotFoundError("a1"),
    "PreviewNotFoundError": errors.PreviewNotFoundError("j1"),
    "KeyNotFoundError": errors.KeyNotFoundError("phone", ["web"]),
    "DeliveryNotFoundError": errors.DeliveryNotFoundError("d1"),
    "WorkflowNameTakenError": errors.WorkflowNameTakenError("poster", "it belongs to somebody else"),
    "PublicBindError": errors.PublicBindError("0.0.0.0"),
    "SealError": errors.SealError("the login of a bucket"),
    "NoEngineError": errors.NoEngineError("choose a workflow"),
    "JobNotFoundError": errors.JobNotFoundError("4f1d"),
    "JobStateError": errors.JobStateError("4f1d", "completed", "cancel", ["queued", "generating"]),
    "QueueFullError": errors.QueueFullError(1000, 1000),
    "IdempotencyConflictError": errors.IdempotencyConflictError("key-1", "4f1d"),
    "QuarantinedError": errors.QuarantinedError("4f1d", ["gpu-1", "gpu-2"], "CUDA error"),
    "StuckPromptError": errors.StuckPromptError("p", "gpu-1", 120.0),
    "NoCapableEngineError": errors.NoCapableEngineError(["gpu-1: no node KSamplerX"]),
    "EngineNotFoundError": errors.EngineNotFoundError("gpu-9", ["gpu-1"]),
    "DuplicateEngineError": errors.DuplicateEngineError("gpu-1"),
    "DatabaseUnavailableError": errors.DatabaseUnavailableError("sqlite:///jobs.db", "the disk is full"),
    "DatabaseVersionError": errors.DatabaseVersionError("sqlite:///jobs.db", "9"),
    "WorkerRunningError": errors.WorkerRunningError("sqlite:///jobs.db"),
}


def test_every_error_is_pinned_here():
    assert sorted(EXAMPLES) == sorted(leaf.__name__ for leaf in LEAVES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_message_has_no_closing_stop_and_advice_has_one_unless_it_ends_in_a_command(name):
    error = EXAMPLES[name]
    assert str(error) == error.message
    assert error.message.strip() == error.message != ""
    assert not error.message.endswith(".")
    assert not error.hint or error.hint.endswith(".") or re.search(r"(comfygen|pip) [^.]*$", error.hint), error.hint


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_every_error_is_in_the_drawing_with_its_code(leaf):
    line = next(line for line in errors.__doc__.splitlines() if leaf.__name__ in line)
    code = EXAMPLES[leaf.__name__].code
    assert code in line or leaf is errors.ExecutionFailedError


def test_codes_are_unlike():
    codes = [error.code for error in EXAMPLES.values()]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z_]+", code) for code in codes)


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_every_error_is_raised_somewhere(leaf):
    text = "".join(path.read_text() for path in SOURCES.rglob("*.py") if path.parent.name != "errors")
    assert f"{leaf.__name__}(" in text


def test_builtin_kin_are_kept_for_those_who_catch_them():
    assert isinstance(EXAMPLES["WorkflowNotFoundError"], FileNotFoundError)
    assert isinstance(EXAMPLES["WorkflowSyntaxError"], json.JSONDecodeError)
    assert isinstance(EXAMPLES["WaitTimeoutError"], TimeoutError)


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        (
            "WorkflowNotFoundError",
            "there is no workflow 'sdlx', neither a file nor a shipped template",
            "nearest: sdxl. `comfygen templates` lists all that are shipped.",
        ),
        (
            "WorkflowSyntaxError",
            "a.json is not valid JSON: Expecting value at line 1, column 2",
            "export the workflow again from ComfyUI with “Export (API)”.",
        ),
        ("InvalidParameterError", "steps is 0, but must be 1 or more", "take 20."),
        (
            "ModelReferenceError",
            "'sdxl-bas' names no model: no model or set is called so",
            (
                "nearest: sdxl-base. Give a name of `comfygen models list --manifest`, hf:OWNER/REPOSITORY/FILE,"
                " civitai:VERSION, or a URL."
            ),
        ),
        ("ModelNotFoundError", "the engine has no 'a.ckpt' in its checkpoints", "nearest that it has: b.ckpt."),
        ("ExecutionFailedError", "node 3 (KSampler) failed: CUDA error", "restart."),
    ],
)
def test_sentences_that_people_meet_most(name, message, hint):
    assert (EXAMPLES[name].message, EXAMPLES[name].hint) == (message, hint)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("猫と宇宙船", "'猫と宇宙船'"),
        ("ein Kätzchen", "'ein Kätzchen'"),
        ("a\x1b[2J\u202eb", r"'a\x1b[2J\u202eb'"),
        ("é" * 61, f"'{'é' * 60}' …"),
    ],
)
def test_what_was_written_is_shown_in_its_script_but_for_what_does_not_print(said, shown):
    error = errors.NoCategoryError(said, 0.3)
    assert error.message == f"no category matches {shown} with a confidence of 0.3 or more"
    assert error.hint.startswith("Words are read in English: ")


@pytest.mark.parametrize(
    ("engines", "message"),
    [
        ([""], "the job failed: CUDA error"),
        (["gpu-1"], "the job failed on gpu-1: CUDA error"),
        (["gpu-1", "gpu-2", "gpu-1"], "3 attempts failed, on gpu-1, gpu-2; the last: CUDA error"),
    ],
)
def test_attempts_of_a_job_are_counted_where_there_are_several(engines, message):
    assert errors.QuarantinedError("4f1d", engines, "CUDA error").message == message


def test_advice_without_anything_near_is_where_to_look():
    assert errors.WorkflowNotFoundError("x").hint.startswith("give the path")
    assert "models/loras" in errors.ModelNotFoundError("x", "loras").hint
    assert errors.ComfyGenError().hint == ""
    assert errors.ComfyGenError().message == "Base of all errors that ComfyGen raises on purpose."


def test_broken_connection_is_not_called_a_server_that_is_down():
    error = errors.EngineUnreachableError("http://x", "no answer in time", may_have_arrived=True)
    assert str(error) == "the ComfyUI at http://x broke off: no answer in time"
    assert "sandbox" not in error.hint


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (500, "Internal\n  error", "http://x answered with status 500: Internal error"),
        (502, "<html>Bad gateway</html>", "http://x answered with status 502"),
        (200, "<html>Welcome</html>", "http://x answered with something that is not what a ComfyUI answers"),
    ],
)
def test_answers_of_other_servers_are_not_poured_out(status, body, message):
    assert str(errors.EngineResponseError("http://x", status, body)) == message


def test_every_problem_of_a_workflow_is_a_line_of_its_own():
    error = errors.InvalidRequestError([errors.InvalidWorkflowError(["one", "two"]), errors.RoleNotFoundError("seed")])
    assert error.message.startswith(
        "3 things in this request cannot work:\n  - one\n  - two\n  - this workflow has no seed"
    )


def test_many_names_are_counted():
    assert listing(["a", "b"]) == "a, b"
    assert listing(["a", "b", "c", "d"], limit=2) == "a, b and 2 more"
