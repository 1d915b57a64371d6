"""What a modifier is: a class with a workflow of its own, which it changes by the values that a request names."""

from __future__ import annotations

import copy
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from comfy_gen.errors import AssetFetchError, InvalidParameterError
from comfy_gen.guard import refusal
from comfy_gen.pipeline.inputs import find_assets, is_upload
from comfy_gen.pipeline.request import raise_all
from comfy_gen.workflows.catalogue import find_workflow
from comfy_gen.workflows.files import load_workflow
from comfy_gen.workflows.parameter import Parameter, check_values
from comfy_gen.workflows.schema import object_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.workflows.graph import Workflow

_NOTHING: Final = object()


class BaseModifier:
    """The class that modifiers extend, as documented: ``modifiers.md`` has examples."""

    WORKFLOW_JSON: ClassVar[str] = ""
    """The workflow's file. It is looked for beside the modifier's file, in the folder above that and in the working
    folder; a shipped template is meant by its name."""
    PARAMETERS: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """What may be given: by name, each as a template's card says it. Without them everything may, and nothing is
    checked."""
    home: ClassVar[Path | None] = None
    """The folder of the modifier's file."""
    allow_private: bool = False
    """Whether URLs may lead to this machine and its networks."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        file = getattr(sys.modules.get(cls.__module__), "__file__", None)
        cls.home = Path(file).resolve().parent if file else None

    def __init__(self, modifications: Mapping[str, Any] | None = None) -> None:
        """Load the workflow; a modification that is None is one that was not given.

        Raises:
            InvalidParameterError: modifications are wrong, unknown or missing, where the class has ``PARAMETERS``.
            WorkflowError: the workflow is not there, or cannot be used.
        """
        given = {name: value for name, value in (modifications or {}).items() if value is not None}
        self.modifications: dict[str, Any] = copy.deepcopy(given)
        if parameters := self.parameters():
            check_values(parameters, self.modifications, owner=type(self).__name__)
        self.workflow: Workflow = self.find() if self.WORKFLOW_JSON else {}

    async def apply_modifications(self) -> None:
        """Change ``self.workflow``. This one, which others call at their end, looks at the URLs that stand in it.

        They stay there until an engine is chosen: then they are fetched, from public addresses only, kept by their
        content, given to that engine, and replaced by the names that the files have there.

        Raises:
            AssetFetchError: a URL is one that is never fetched.
            InvalidRequestError: several of them.
        """
        urls = dict.fromkeys(str(slot.value(self.workflow)).strip() for slot in find_assets(self.workflow))
        reasons = {url: refusal(url, allow_private=self.allow_private) for url in urls if not is_upload(url)}
        raise_all([AssetFetchError(url, reason) for url, reason in reasons.items() if reason])

    async def modify_workflow_value(self, key: str, default: Any = _NOTHING) -> Any:
        """Return the modification of this name, or else the default, or else the key itself if it is a URL.

        Raises:
            InvalidParameterError: it is none of these.
        """
        if key in self.modifications:
            return self.modifications[key]
        if default is not _NOTHING:
            return default
        if key.startswith(("http://", "https://")):
            return key
        raise InvalidParameterError(key, None, "given: it has no default")

    @classmethod
    def find(cls) -> Workflow:
        """Read the workflow.

        Raises:
            WorkflowError: it is nowhere (with the nearest shipped ones), or cannot be used.
        """
        folders = (cls.home, cls.home.parent) if cls.home else ()
        found = (path for folder in folders if (path := folder / cls.WORKFLOW_JSON).is_file())
        path = next(found, None)
        return find_workflow(cls.WORKFLOW_JSON) if path is None else load_workflow(path)

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        """Return what may be given; nothing, where the class does not say it.

        Raises:
            TemplateCardError: the class says it in a way that has no meaning.
        """
        return tuple(Parameter.from_card({**card, "name": name}) for name, card in cls.PARAMETERS.items())

    @classmethod
    def schema(cls) -> dict[str, Any] | None:
        """Return the JSON Schema of the modifications; None where the class does not say what may be given."""
        parameters = cls.parameters()
        return object_schema(parameters, title=cls.__name__, description=cls.summary()) if parameters else None

    @classmethod
    def summary(cls) -> str:
        """Return the first line that the class says of itself."""
        lines = (cls.__doc__ or "").strip().splitlines()
        return lines[0] if lines else ""
