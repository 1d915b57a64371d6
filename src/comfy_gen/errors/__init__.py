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
    │   ├── MissingAssetError             missing_asset
    │   ├── MetadataNotFoundError         no_metadata
    │   ├── OutputPathError               output_path
    │   ├── ConfigFileError               config_file
    │   ├── PortInUseError                port_in_use
    │   ├── DuplicateJobError             duplicate_job         (also a ValueError)
    │   ├── EngineNotFoundError           engine_not_found
    │   ├── DuplicateEngineError          duplicate_engine
    │   ├── BodyTooLargeError             body_too_large
    │   ├── UploadsFullError              uploads_full
    │   ├── UnsupportedMediaError         unsupported_media_type
    │   ├── GraphTooLargeError            graph_too_large
    │   ├── NodeNotAllowedError           blocked_by_policy
    │   ├── ModifierNotFoundError         modifier_not_found
    │   ├── ModifierError                 modifier_failed
    │   ├── KeyNotFoundError              key_not_found
    │   ├── DeliveryNotFoundError         webhook_not_found
    │   ├── WorkflowNameTakenError        workflow_name_taken
    │   ├── PublicBindError               public_bind
    │   ├── SealError                     seal
    │   ├── PresetNotFoundError           preset_not_found
    │   ├── CompositionError              no recipe can be made of this
    │   │   ├── NoCategoryError               no_category
    │   │   ├── UnknownTagError               unknown_tag
    │   │   ├── CategoryNotFoundError         category_not_found
    │   │   ├── CategoryFileError             category_file
    │   │   └── PromptSyntaxError             prompt_syntax
    │   ├── QualityError                  pictures cannot be judged like this
    │   │   ├── ScoringModelError             scoring_model
    │   │   ├── CalibrationError              calibration
    │   │   └── ThresholdFileError            threshold_file
    │   ├── ModelReferenceError           model_reference
    │   ├── UnsafeModelError              unsafe_model
    │   ├── ModelManifestError            model_manifest
    │   ├── ModelRegistryError            model_registry
    │   ├── ComfyUIFolderError            comfyui_folder
    │   ├── InstanceNotFoundError         instance_not_found
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
    ├── JobError                      the queue cannot do this with a job
    │   ├── JobNotFoundError              job_not_found
    │   ├── JobStateError                 job_state
    │   ├── QueueFullError                queue_full
    │   ├── IdempotencyConflictError      idempotency_conflict
    │   ├── QuarantinedError              quarantined
    │   ├── StuckPromptError              stuck
    │   └── NoCapableEngineError          no_capable_engine
    ├── DatabaseError                 the database that keeps the jobs
    │   ├── DatabaseUnavailableError      database_unavailable
    │   ├── DatabaseVersionError          database_version
    │   └── WorkerRunningError            worker_running
    ├── OperationError                a ComfyUI of this machine did not do what it was told to
    │   ├── AlreadyRunningError           already_running
    │   ├── NotRunningError               not_running
    │   ├── StillRunningError             still_running
    │   ├── StartFailedError              start_failed
    │   ├── StopFailedError               stop_failed
    │   ├── InstallError                  install_failed
    │   ├── ContainerError                container
    │   └── DiskSpaceError                disk_space
    ├── ModelError                    a model could not be fetched whole and as it should be
    │   ├── ModelSourceError              model_source
    │   ├── ModelDownloadError            model_download
    │   └── ModelIntegrityError           model_integrity
    ├── AccessError                   who asks may not have this
    │   ├── UnauthorizedError             unauthorized
    │   ├── ForbiddenError                forbidden
    │   ├── RateLimitError                rate_limited
    │   └── OwnerQueueFullError           owner_queue_full
    ├── ServiceError                  a ComfyGen service did not do what it was asked
    │   ├── ServiceProblemError           service_refused       (has the service's own code)
    │   └── ServiceUnreachableError       service_unreachable
    ├── NoEngineError                     no_engine
    ├── ScoringBusyError                  scoring_busy
    ├── StorageError                      storage_failed
    ├── ArtifactNotFoundError             artifact_not_found
    ├── HashMismatchError                 hash_mismatch
    ├── BlobNotFoundError                 blob_not_found
    ├── AssetInUseError                   asset_in_use
    ├── PreviewNotFoundError              preview_not_found
    ├── PolicyTierError                   policy_tier
    ├── ForbiddenContentError             forbidden_content
    ├── PictureWithheldError              picture_withheld
    ├── RecipeNotFoundError               recipe_not_found
    ├── GenerationNotFoundError           generation_not_found
    ├── FavoriteNotFoundError             favorite_not_found
    ├── FavoriteKeptError                 favorite_kept
    ├── TrackingUnavailableError          tracking_unavailable
    └── ArtifactGoneError                 artifact_gone

An error has a stable ``code``, its facts as attributes, a ``message`` computed from them that says what is wrong,
and a ``hint`` that says what to do. ``str(error)`` is the message alone; faces add the hint.
"""

from comfy_gen.errors.agent import ServiceError, ServiceProblemError, ServiceUnreachableError
from comfy_gen.errors.asset import AssetInUseError, BlobNotFoundError, HashMismatchError, MissingAssetError
from comfy_gen.errors.base import ComfyGenError, ConfigurationError, listing
from comfy_gen.errors.composition import (
    CategoryFileError,
    CategoryNotFoundError,
    CompositionError,
    FavoriteKeptError,
    FavoriteNotFoundError,
    ForbiddenContentError,
    GenerationNotFoundError,
    NoCategoryError,
    PictureWithheldError,
    PolicyTierError,
    PresetNotFoundError,
    PromptSyntaxError,
    RecipeNotFoundError,
    TrackingUnavailableError,
    UnknownTagError,
)
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
    ArtifactGoneError,
    CorruptOutputError,
    ExecutionFailedError,
    GenerationError,
    InterruptedPromptError,
    NoOutputError,
    StorageError,
)
from comfy_gen.errors.job import (
    DatabaseError,
    DatabaseUnavailableError,
    DatabaseVersionError,
    DuplicateEngineError,
    EngineNotFoundError,
    IdempotencyConflictError,
    JobError,
    JobNotFoundError,
    JobStateError,
    NoCapableEngineError,
    QuarantinedError,
    QueueFullError,
    StuckPromptError,
    WorkerRunningError,
)
from comfy_gen.errors.model import (
    ModelDownloadError,
    ModelError,
    ModelIntegrityError,
    ModelManifestError,
    ModelReferenceError,
    ModelRegistryError,
    ModelSourceError,
    UnsafeModelError,
)
from comfy_gen.errors.operation import (
    AlreadyRunningError,
    ComfyUIFolderError,
    ContainerError,
    DiskSpaceError,
    InstallError,
    InstanceNotFoundError,
    NotRunningError,
    OperationError,
    StartFailedError,
    StillRunningError,
    StopFailedError,
)
from comfy_gen.errors.quality import (
    CalibrationError,
    QualityError,
    ScoringBusyError,
    ScoringModelError,
    ThresholdFileError,
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
from comfy_gen.errors.service import (
    AccessError,
    ArtifactNotFoundError,
    BodyTooLargeError,
    DeliveryNotFoundError,
    ForbiddenError,
    GraphTooLargeError,
    KeyNotFoundError,
    ModifierError,
    ModifierNotFoundError,
    NodeNotAllowedError,
    NoEngineError,
    OwnerQueueFullError,
    PreviewNotFoundError,
    PublicBindError,
    RateLimitError,
    SealError,
    UnauthorizedError,
    UnsupportedMediaError,
    UploadsFullError,
    WorkflowNameTakenError,
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
    "AccessError",
    "AlreadyRunningError",
    "ArtifactGoneError",
    "ArtifactNotFoundError",
    "AssetFetchError",
    "AssetInUseError",
    "BlobNotFoundError",
    "BodyTooLargeError",
    "CalibrationError",
    "CategoryFileError",
    "CategoryNotFoundError",
    "ClientClosedError",
    "ComfyGenError",
    "ComfyUIFolderError",
    "CompositionError",
    "ConfigFileError",
    "ConfigurationError",
    "ContainerError",
    "CorruptOutputError",
    "DatabaseError",
    "DatabaseUnavailableError",
    "DatabaseVersionError",
    "DeliveryNotFoundError",
    "DiskSpaceError",
    "DuplicateEngineError",
    "DuplicateJobError",
    "EngineError",
    "EngineLostError",
    "EngineNotFoundError",
    "EngineResponseError",
    "EngineUnreachableError",
    "ExecutionFailedError",
    "FavoriteKeptError",
    "FavoriteNotFoundError",
    "ForbiddenContentError",
    "ForbiddenError",
    "GenerationError",
    "GenerationNotFoundError",
    "GraphTooLargeError",
    "HashMismatchError",
    "IdempotencyConflictError",
    "InputImageError",
    "InputNotFoundError",
    "InstallError",
    "InstanceNotFoundError",
    "InterruptedPromptError",
    "InvalidParameterError",
    "InvalidRequestError",
    "InvalidWorkflowError",
    "JobError",
    "JobNotFoundError",
    "JobStateError",
    "KeyNotFoundError",
    "MetadataNotFoundError",
    "MissingAssetError",
    "MissingExtraError",
    "ModelDownloadError",
    "ModelError",
    "ModelIntegrityError",
    "ModelManifestError",
    "ModelNotFoundError",
    "ModelReferenceError",
    "ModelRegistryError",
    "ModelSourceError",
    "ModifierError",
    "ModifierNotFoundError",
    "NoCapableEngineError",
    "NoCategoryError",
    "NoEngineError",
    "NoOutputError",
    "NodeNotAllowedError",
    "NodeNotFoundError",
    "NotComfyUIError",
    "NotRegisteredError",
    "NotRunningError",
    "NotUiWorkflowError",
    "OperationError",
    "OutputPathError",
    "OwnerQueueFullError",
    "PictureWithheldError",
    "PolicyTierError",
    "PortInUseError",
    "PresetNotFoundError",
    "PreviewNotFoundError",
    "PromptNotFoundError",
    "PromptRejectedError",
    "PromptSyntaxError",
    "PublicBindError",
    "QualityError",
    "QuarantinedError",
    "QueueFullError",
    "RateLimitError",
    "RecipeNotFoundError",
    "RoleNotFoundError",
    "ScoringBusyError",
    "ScoringModelError",
    "SealError",
    "ServiceError",
    "ServiceProblemError",
    "ServiceUnreachableError",
    "StartFailedError",
    "StillRunningError",
    "StopFailedError",
    "StorageError",
    "StuckPromptError",
    "TemplateCardError",
    "ThresholdFileError",
    "TrackingUnavailableError",
    "UnauthorizedError",
    "UnknownTagError",
    "UnsafeModelError",
    "UnsupportedMediaError",
    "UploadsFullError",
    "WaitTimeoutError",
    "WorkerRunningError",
    "WorkflowError",
    "WorkflowFormatError",
    "WorkflowIsUiFormatError",
    "WorkflowNameTakenError",
    "WorkflowNotFoundError",
    "WorkflowSyntaxError",
    "WorkflowUnreadableError",
    "listing",
]
