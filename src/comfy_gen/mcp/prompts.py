"""Prompts: what people ask agents for most, as a plan of calls that an agent can follow."""

from __future__ import annotations

from typing import Annotated

from mcp.server.mcpserver import MCPServer  # noqa: TC002  # beside the annotations that the SDK evaluates
from pydantic import Field

Idea = Annotated[str, Field(description="What the picture is to show, in a few words.")]
Picture = Annotated[str, Field(description="A job id, an artifact id, a URL or a file.")]


def add_prompts(server: MCPServer) -> None:
    """Let a server offer the prompts."""
    server.prompt(title="Make a picture")(make_picture)
    server.prompt(title="Make variations")(make_variations)
    server.prompt(title="Change a picture")(change_picture)
    server.prompt(title="Find out why a job failed")(explain_failure)


def make_picture(
    idea: Idea, style: Annotated[str, Field(description="Such as: watercolour, studio photo.")] = ""
) -> str:
    """Makes one good picture of an idea, and looks at it before calling it done."""
    wanted = f"{idea}, in the style: {style}" if style else idea
    return f"""Make a picture with ComfyGen: {wanted}

1. Call compose with dry_run true to see which categories, model and settings fit the words.
2. Write a prompt of your own from it that names subject, setting, light and style, and call generate_image. Keep its
   prompt_id.
3. As long as the status is pending or running, call wait with that prompt_id.
4. Look at the picture. If it does not show what was asked, say what differs, and call rerun with another seed or
   prompt, twice at most.
5. Tell me the url and the prompt_id of the best one."""


def make_variations(
    generation: Annotated[str, Field(description="The job id of the picture to vary.")],
    what: Annotated[str, Field(description="What is to differ, such as: the light, the season.")] = "the composition",
    count: Annotated[str, Field(description="How many, from 1 to 8.")] = "4",
) -> str:
    """Makes variations of a picture that differ in one thing, and compares them."""
    return f"""Make {count} variations of the generation {generation}. They are to differ in: {what}

1. Call search_library with that id as generation_id, to see its prompt, model, settings and seed.
2. Call rerun once for each variation with timeout 0, so that all of them wait in the queue at once: with another
   prompt where {what} is a matter of words and the same seed, or with the same prompt and another seed.
3. Call wait with each prompt_id until all have ended.
4. Compare the pictures with each other, and call favorite for the best one with a rating and why."""


def change_picture(picture: Picture, change: Annotated[str, Field(description="What is to be different.")]) -> str:
    """Changes a picture that exists: all of it, a part of it, or its size."""
    return f"""Change this picture: {picture}
What is to be different: {change}

1. If it is a file that is not within the server's folders, call upload_image with its content.
2. For a larger picture of the same, call upscale. For anything else call edit_image: its prompt describes the whole
   picture as it is to be, not the change alone. A strength of 0.3 to 0.5 keeps the composition, 0.6 to 0.8 little.
3. If one part alone is to change, give edit_image a mask as well: white is painted anew, black stays.
4. As long as the status is pending or running, call wait. Compare before and after, and tell me the url."""


def explain_failure(job_id: Annotated[str, Field(description="The job that failed.")]) -> str:
    """Finds out why a job failed, and what would help."""
    return f"""Find out why the ComfyGen job {job_id} failed, and what would help.

1. Call wait with this prompt_id: the error of its answer has a code, a message and a hint.
2. Call service_status: are engines up, is the queue paused?
3. If a model or node is missing, call list_models, and validate_workflow with what the job was to run.
4. Tell me the cause in one sentence, and what to do. If another attempt can help, offer it, and call rerun or
   generate_image once I agree."""
