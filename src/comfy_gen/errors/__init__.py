"""Every error a caller can meet, in one tree.

    ComfyGenError
    ├── ConfigurationError            what the caller asked for or set up cannot work
    │   ├── WorkflowError
    │   │   ├── WorkflowNotFoundError     workflow_not_found    (also a FileNotFoundError)
    │   │   ├── WorkflowUnreadableError   workflow_unreadable
    │   │   ├── WorkflowSyntaxError       workflow_syntax       (also a json.JSONDecodeError)
    │   │   ├── WorkflowFormatError       workflow_format
    │   │   │   └── NotUiWorkflowError        not_ui_workflow
    │   │   ├── WorkflowIsUiFormatError   workflow_format_ui
    │   │   ├── TemplateCardError         template_card
    │   │   ├── RoleNotFoundError         role_not_found
    │   │   ├── NodeNotFoundError         node_not_found
    │   │   ├── InputNotFoundError        input_not_found
    │   │   ├── NotRegisteredError        not_registered
    │   │   └── InvalidWorkflowError      invalid_workflow
    │   ├── InvalidParameterError         invalid_parameter
    │   ├── InvalidRequestError           invalid_request       (several of the others at once)
    │   ├── ModelNotFoundError            missing_model
    │   ├── InputImageError               invalid_image
    │   ├── AssetFetchError               asset_fetch_failed
    │   ├── MetadataNotFoundError         no_metadata
    │   ├── OutputPathError               output_path
    │   ├── ConfigFileError               config_file
    │   ├── PortInUseError                port_in_use
    │   ├── DuplicateJobError             duplicate_job         (also a ValueError)
    │   └── MissingExtraError             missing_extra
    ├── EngineError                   a ComfyUI did not do its part
    │   ├── EngineUnreachableError        engine_unreachable
    │   ├── EngineResponseError           engine_response
    │   ├── NotComfyUIError               not_comfyui
    │   ├── PromptRejectedError           prompt_rejected
    │   ├── EngineLostError               engine_lost
    │   ├── PromptNotFoundError           prompt_not_found
    │   ├── ClientClosedError             client_closed
    │   └── WaitTimeoutError              timeout               (also a TimeoutError)
    ├── GenerationError               the prompt ran and did not give what was asked
    │   ├── ExecutionFailedError          its failure class: out_of_memory, gpu_error, …
    │   ├── InterruptedPromptError        interrupted
    │   ├── NoOutputError                 no_output
    │   └── CorruptOutputError            corrupt_output
    └── StorageError                      storage_failed

An error has a stable ``code``, its facts as attributes, a ``message`` computed from them that says what is wrong,
and a ``hint`` that says what to do. ``str(error)`` is the message alone; faces add the hint.
"""

from comfy_gen.errors.base import ComfyGenError, ConfigurationError, listing
from comfy_gen.errors.engine import (
    ClientClosedError,
    EngineError,
    EngineLostError,
    EngineResponseError,
    EngineUnreachableError,
    NotComfyUIError,
    PromptNotFoundError,
    PromptRejectedError,
    WaitTimeoutError,
)
from comfy_gen.errors.generation import (
    CorruptOutputError,
    ExecutionFailedError,
    GenerationError,
    InterruptedPromptError,
    NoOutputError,
    StorageError,
)
from comfy_gen.errors.request import (
    AssetFetchError,
    ConfigFileError,
    DuplicateJobError,
    InputImageError,
    InvalidParameterError,
    InvalidRequestError,
    MetadataNotFoundError,
    MissingExtraError,
    ModelNotFoundError,
    OutputPathError,
    PortInUseError,
)
from comfy_gen.errors.workflow import (
    InputNotFoundError,
    InvalidWorkflowError,
    NodeNotFoundError,
    NotRegisteredError,
    NotUiWorkflowError,
    RoleNotFoundError,
    TemplateCardError,
    WorkflowError,
    WorkflowFormatError,
    WorkflowIsUiFormatError,
    WorkflowNotFoundError,
    WorkflowSyntaxError,
    WorkflowUnreadableError,
)

__all__ = [
    "AssetFetchError",
    "ClientClosedError",
    "ComfyGenError",
    "ConfigFileError",
    "ConfigurationError",
    "CorruptOutputError",
    "DuplicateJobError",
    "EngineError",
    "EngineLostError",
    "EngineResponseError",
    "EngineUnreachableError",
    "ExecutionFailedError",
    "GenerationError",
    "InputImageError",
    "InputNotFoundError",
    "InterruptedPromptError",
    "InvalidParameterError",
    "InvalidRequestError",
    "InvalidWorkflowError",
    "MetadataNotFoundError",
    "MissingExtraError",
    "ModelNotFoundError",
    "NoOutputError",
    "NodeNotFoundError",
    "NotComfyUIError",
    "NotRegisteredError",
    "NotUiWorkflowError",
    "OutputPathError",
    "PortInUseError",
    "PromptNotFoundError",
    "PromptRejectedError",
    "RoleNotFoundError",
    "StorageError",
    "TemplateCardError",
    "WaitTimeoutError",
    "WorkflowError",
    "WorkflowFormatError",
    "WorkflowIsUiFormatError",
    "WorkflowNotFoundError",
    "WorkflowSyntaxError",
    "WorkflowUnreadableError",
    "listing",
]
