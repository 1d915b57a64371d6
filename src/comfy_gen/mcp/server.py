"""The server that agents talk to: its tools, resources and prompts, over whichever transport somebody runs it on."""

from __future__ import annotations

import asyncio
import json
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp_types import CallToolResult, TextContent

import comfy_gen
from comfy_gen.errors import ComfyGenError
from comfy_gen.mcp import failures
from comfy_gen.mcp.instructions import INSTRUCTIONS
from comfy_gen.mcp.options import LONGEST
from comfy_gen.mcp.prompts import add_prompts
from comfy_gen.mcp.resources import Shelf, add_resources, refusal_of
from comfy_gen.mcp.root_log import keeping_root_log
from comfy_gen.mcp.tools.desk import Desk
from comfy_gen.mcp.tools.keeping import Keeping
from comfy_gen.mcp.tools.knowing import Knowing
from comfy_gen.mcp.tools.making import Making
from comfy_gen.mcp.tools.offering import offer
from comfy_gen.mcp.tools.remaking import Remaking
from comfy_gen.mcp.tools.watching import Watching
from comfy_gen.mcp.workflow_tools import WorkflowTools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
    from mcp.server.lowlevel.helper_types import ReadResourceContents
    from mcp_types import GetPromptResult, InputRequiredResult
    from mcp_types import Tool as ListedTool
    from pydantic import AnyUrl

    from comfy_gen.mcp.options import McpOptions
    from comfy_gen.mcp.service import Service

LONGEST_ID = 64
"""Letters of a job's id."""
_request: ContextVar[ServerRequestContext[Any, Any] | None] = ContextVar("request", default=None)
"""What is being answered: the SDK does not tell it to who lists tools."""


def build_server(service_of: Callable[[Context], Service], options: McpOptions) -> MCPServer[Any]:
    """Return a server that has a service do what agents ask; who asks, and with which rights, ``service_of`` knows."""
    server = AgentServer(service_of, options)
    desk = Desk(service_of, options)
    for tools in (Making(desk), Remaking(desk), Watching(desk), Knowing(desk), Keeping(desk)):
        offer(server, tools)
    add_resources(server, Shelf(service_of))
    add_prompts(server)
    return server


class AgentServer(MCPServer[Any]):
    """The SDK's server, whose errors have codes and hints, and whose calls all end in time."""

    def __init__(self, service_of: Callable[[Context], Service], options: McpOptions) -> None:
        with keeping_root_log():
            super().__init__(
                "comfygen",
                title="ComfyGen",
                version=comfy_gen.__version__,
                instructions=INSTRUCTIONS,
                middleware=[_remember],
                subscriptions=False,  # nothing is announced, and such a stream would have no end
            )
        self._service_of = service_of
        self._shelf = Shelf(service_of)
        self._workflows = WorkflowTools(Desk(service_of, options)) if options.has_workflow_tools else None

    async def list_tools(self) -> list[ListedTool]:
        """List the tools; those of workflows as they are at this moment."""
        return [*await self._own_tools(), *await self._workflow_tools()]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool.

        Raises:
            ToolError: in the words of `failures`, whatever went wrong.
        """
        try:
            async with asyncio.timeout(LONGEST):
                return await self._called(name, arguments, context or Context(mcp_server=self))
        except ToolError as error:
            raise failures.ToldError(failures.told(error.__cause__ or error, job_id=_job_in(arguments))) from error
        except (ComfyGenError, TimeoutError) as error:
            raise failures.ToldError(failures.told(error, job_id=_job_in(arguments))) from error

    async def read_resource(
        self, uri: AnyUrl | str, context: Context[Any, Any] | None = None
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        """Read a resource; a file comes with its own media type, which the SDK's templates cannot say.

        Raises:
            ResourceError: in the words of `failures`, whatever went wrong.
        """
        context = context or Context(mcp_server=self)
        try:
            async with asyncio.timeout(LONGEST):
                return await self._shelf.file(context, str(uri)) or await super().read_resource(uri, context)
        except ResourceError as error:
            raise refusal_of(error) from error
        except (ComfyGenError, TimeoutError) as error:
            raise refusal_of(_caused_by(error)) from error

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Context[Any, Any] | None = None
    ) -> GetPromptResult | InputRequiredResult:
        """Fill in a prompt.

        Raises:
            MCPError: there is none of this name, or it lacks a value.
        """
        failures.check_prompt(name, arguments or {}, await self.list_prompts())
        return await super().get_prompt(name, arguments, context)

    async def _called(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any]
    ) -> CallToolResult | InputRequiredResult:
        own = {tool.name: tool for tool in await self._own_tools()}
        if name in own:
            failures.check_names(own[name], arguments)
            return _brief(await super().call_tool(name, arguments, context))
        if self._workflows is not None:
            return await self._workflows.call(name, arguments, context)
        raise failures.unknown_tool(name, own)

    async def _own_tools(self) -> list[ListedTool]:
        return [_closed(tool) for tool in await super().list_tools()]

    async def _workflow_tools(self) -> list[ListedTool]:
        now = _request.get()
        if self._workflows is None or now is None:
            return []
        return await self._workflows.listed(Context(request_context=now, mcp_server=self))


def _job_in(arguments: Mapping[str, Any]) -> str:
    """Return the id of the job that a call is about; empty, if it is about none, or what is said cannot be an id."""
    said = arguments.get("prompt_id", "")
    return said if isinstance(said, str) and len(said) <= LONGEST_ID else ""


def _caused_by(error: BaseException) -> ResourceError:
    found = ResourceError(str(error))
    found.__cause__ = error
    return found


def _closed(tool: ListedTool) -> ListedTool:
    """Return a tool that says of itself what holds: what it does not know is refused rather than ignored."""
    return tool.model_copy(update={"input_schema": {**tool.input_schema, "additionalProperties": False}})


def _brief(result: CallToolResult | InputRequiredResult) -> CallToolResult | InputRequiredResult:
    """Return a result whose text, for clients that read nothing else, is as short as its facts allow."""
    if not isinstance(result, CallToolResult) or result.structured_content is None or len(result.content) != 1:
        return result
    facts = {name: value for name, value in result.structured_content.items() if value is not None}
    brief = TextContent(text=json.dumps(facts, ensure_ascii=False, separators=(",", ":")))
    return result.model_copy(update={"content": [brief]})


async def _remember(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    token = _request.set(ctx)
    try:
        return await call_next(ctx)
    finally:
        _request.reset(token)
