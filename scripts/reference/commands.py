"""The page of the command line: every command with its options, as Typer knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.cli.app import command as whole_command
from comfy_gen.cli.failures import EXIT_CONFIG_ERROR, EXIT_FAILURE, EXIT_NOT_PASSED
from comfy_gen.cli.signals import EXIT_INTERRUPTED
from scripts.reference.page import any_of, code, codes, link, page, paragraphs, sentence, table, told

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = """\
Every command says the same with `--help`. Options stand behind the command, in any order; `--config` and `--version`
stand before it. Values that no option names come from [the settings](settings.md)."""

EXITS = (
    (0, "done"),
    (EXIT_FAILURE, "the work failed, or what was looked for is not there"),
    (EXIT_CONFIG_ERROR, "something must change before it can work: the request, the configuration, the engine"),
    (EXIT_NOT_PASSED, "pictures were made and saved, and did not pass, or could not be judged"),
    (EXIT_INTERRUPTED, "interrupted with Ctrl-C"),
)
WRONG = """\
What is wrong stands on stderr as `error[CODE]`, with what to do about it; `--json` prints it on stdout as JSON.
[Errors](errors.md) has all codes."""
_NOUNS = {"int": "whole number", "float": "number", "str": "text", "Path": "path"}


def render() -> str:
    """Return the page."""
    program: Any = whole_command()
    groups = {name: one for name, one in program.commands.items() if _is_group(one)}
    alone = {name: one for name, one in program.commands.items() if name not in groups}
    return page(
        "Commands",
        HEAD,
        table(["exit code", "meaning"], [(code(number), said) for number, said in EXITS]),
        WRONG,
        _index(program),
        "## comfygen",
        paragraphs(program.help),
        *_parameters_of(program),
        *(part for name, one in alone.items() for part in _command(f"comfygen {name}", one, level=2)),
        *(part for name, group in groups.items() for part in _group(f"comfygen {name}", group)),
    )


def _is_group(command: Any) -> bool:
    return hasattr(command, "commands")


def _index(program: Any) -> str:
    rows = ((link(code(name), f"comfygen {name}"), _summary(name, one)) for name, one in program.commands.items())
    return table(["command", "what it does"], rows)


def _summary(name: str, command: Any) -> str:
    return sentence(told(f"the command {name}", command.help.partition("\n\n")[0]))


def _group(path: str, group: Any) -> Iterator[str]:
    yield f"## {path}"
    yield paragraphs(told(path, group.help))
    for name, one in group.commands.items():
        yield from _command(f"{path} {name}", one, level=3)


def _command(path: str, command: Any, *, level: int) -> Iterator[str]:
    told(path, command.help)
    yield f"{'#' * level} {path}"
    yield paragraphs(command.help)
    yield f"```text\n{' '.join([path, *_usage(command)])}\n```"
    yield from _parameters_of(command)


def _usage(command: Any) -> Iterator[str]:
    if any(_is_option(one) for one in command.params):
        yield "[OPTIONS]"
    for one in command.params:
        if not _is_option(one) and not one.hidden:
            name = _metavar(one)
            yield name if one.required else f"[{name}]"


def _parameters_of(command: Any) -> Iterator[str]:
    shown = [one for one in command.params if not one.hidden]
    arguments = [_row(command, one, code(_metavar(one).replace("|", " or "))) for one in shown if not _is_option(one)]
    yield table(["argument", "value", "meaning"], arguments)
    panels: dict[str, list[Any]] = {}
    for one in filter(_is_option, shown):
        panels.setdefault(one.rich_help_panel or "option", []).append(one)
    for panel, options in panels.items():
        rows = [_row(command, one, codes([*one.opts, *one.secondary_opts])) for one in options]
        yield table([panel.lower(), "value", "meaning"], rows)


def _row(command: Any, parameter: Any, name: str) -> tuple[str, str, str]:
    said = sentence(told(f"{name} of the command {command.name}", parameter.help))
    return name, _value_of(parameter), " ".join(filter(None, [said, _default_of(parameter), _variables_of(parameter)]))


def _is_option(parameter: Any) -> bool:
    return parameter.param_type_name == "option"


def _metavar(parameter: Any) -> str:
    return parameter.metavar or parameter.name.upper()


def _value_of(parameter: Any) -> str:
    if getattr(parameter, "is_flag", False):
        return ""
    kind = parameter.type_descriptor.annotation
    words = parameter.metavar.split("|") if parameter.metavar and _is_option(parameter) else []
    noun = any_of(words) if words else _NOUNS.get(getattr(kind, "__name__", ""), "text")
    return noun + _range_of(parameter)


def _range_of(parameter: Any) -> str:
    low, high = parameter.min, parameter.max
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    return f", {low:g} or more" if low is not None else f", {high:g} or less" if high is not None else ""


def _default_of(parameter: Any) -> str:
    shown, default = getattr(parameter, "show_default", None), parameter.default
    if isinstance(shown, str):
        return f"Default: {shown}."
    is_said = shown is not False and default not in (None, "", (), [], False) and not callable(default)
    return f"Default {code(default)}." if is_said else ""


def _variables_of(parameter: Any) -> str:
    names = [parameter.envvar] if isinstance(parameter.envvar, str) else parameter.envvar or []
    return f"Environment: {codes(names)}." if names else ""
