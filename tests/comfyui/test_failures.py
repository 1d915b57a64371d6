import pytest

from comfy_gen.comfyui.failures import Failure, classify, execution_failed
from comfy_gen.comfyui.messages import ExecutionError
from tests.comfyui.replay import replay


@pytest.mark.parametrize(
    ("kind", "message", "failure"),
    [
        ("torch.OutOfMemoryError", "Allocation on device 0 would exceed allowed memory.", Failure.OUT_OF_MEMORY),
        ("RuntimeError", "CUDA out of memory. Tried to allocate 2.00 GiB", Failure.OUT_OF_MEMORY),
        ("RuntimeError", "CUDA error: an illegal memory access was encountered", Failure.GPU_ERROR),
        ("RuntimeError", "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED", Failure.GPU_ERROR),
        ("OSError", "[Errno 28] No space left on device", Failure.STORAGE_FAILED),
        ("safetensors_rust.SafetensorError", "Error while deserializing header: HeaderTooSmall", Failure.MISSING_MODEL),
        ("FileNotFoundError", "No such file: '/comfyui/models/loras/ink.safetensors'", Failure.MISSING_MODEL),
        ("PIL.UnidentifiedImageError", "cannot identify image file 'x.png'", Failure.INVALID_INPUT),
        ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied (77x768 and 1024x320)", Failure.INVALID_INPUT),
        ("SomethingError", "of which nothing is known", Failure.INTERNAL),
    ],
)
def test_failure_is_told_from_what_the_node_raised(kind, message, failure):
    assert classify(kind, message) is failure


def test_error_carries_node_class_and_advice():
    raised = ExecutionError("p", "3", "KSampler", "torch.OutOfMemoryError", "Allocation on device\n", ("line",))
    error = execution_failed(raised)
    assert str(error) == "node 3 (KSampler) failed: torch.OutOfMemoryError: Allocation on device"
    assert error.code == "out_of_memory"
    assert "smaller" in error.hint
    assert error.traceback == ("line",)


def test_recorded_failures_are_classified(trace):
    codes = {
        name: [tracker.outcome.error.code for tracker in replay(trace(name)).values()]
        for name in ("08_err_corrupt_image", "08_err_corrupt_checkpoint", "08_err_node_raises", "08_err_save_outside")
    }
    assert codes == {
        "08_err_corrupt_image": ["invalid_input"],
        "08_err_corrupt_checkpoint": ["missing_model", "missing_model"],
        "08_err_node_raises": ["invalid_input"],
        "08_err_save_outside": ["invalid_input"],
    }
