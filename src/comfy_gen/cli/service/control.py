"""Does what the commands for this machine's ComfyUIs were asked for."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from comfy_gen.cli.failures import EXIT_FAILURE, print_json
from comfy_gen.cli.jobs.card import rows
from comfy_gen.cli.service.engines import engine_addresses
from comfy_gen.cli.service.port import free_port, published_port
from comfy_gen.cli.service.reports import report_all
from comfy_gen.cli.service.table import headline, report_rows
from comfy_gen.cli.service.waiting import Waiting
from comfy_gen.cli.service.wish import first_instance, is_open, same_instance
from comfy_gen.config.keys import SECRETS
from comfy_gen.errors import ComfyGenError, InstanceNotFoundError, InvalidParameterError, NotRunningError
from comfy_gen.supervisor.instance import DEFAULT
from comfy_gen.supervisor.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from comfy_gen.cli.service.wish import Wish
    from comfy_gen.config import Settings
    from comfy_gen.supervisor.instance import Instance
    from comfy_gen.supervisor.supervisor import Look

STDERR = Console(stderr=True)
OPEN = (
    "Every machine that reaches it may use it, and ComfyUI asks nobody for a password: put a firewall or a proxy with"
    " logins before it."
)


class Service:
    """The ComfyUIs of this machine, as the settings and the command line have them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.supervisor = Supervisor(settings.instances_dir, secrets=SECRETS)

    def start(self, wish: Wish, *, patience: float, as_json: bool) -> None:
        """Start an instance, wait until it answers, and tell where it is; raises what ``Supervisor.start`` does."""
        instance = self.supervisor.reserve(lambda: self._wished(wish))
        with Waiting(f"Starting {instance.name}", is_silent=as_json) as waiting:
            look = self.supervisor.start(instance, patience=patience, on_line=waiting.show)
        self._tell_of_start(look, as_json=as_json)

    def restart(self, wish: Wish, *, patience: float, as_json: bool) -> None:
        """Stop an instance and start it as it was, but for what is said now; raises what the supervisor does."""
        last = self._last(wish.name)
        instance = same_instance(wish, last) if last else self.supervisor.reserve(lambda: self._wished(wish))
        with Waiting(f"Restarting {instance.name}", is_silent=as_json) as waiting:
            look = self.supervisor.restart(instance, patience=patience, on_line=waiting.show)
        self._tell_of_start(look, as_json=as_json)

    def stop(self, name: str, *, patience: float, as_json: bool) -> None:
        """End an instance; raises what ``Supervisor.stop`` does, and for the default one never that it is unknown."""
        if name == DEFAULT and name not in self.supervisor.names():
            raise NotRunningError(name, "it was never started here")
        self._stop(name, patience=patience, as_json=as_json)
        if as_json:
            print_json({"stopped": [name]})

    def stop_all(self, *, patience: float, as_json: bool) -> None:
        """End all that run, which may be none; raises what ``Supervisor.stop`` does of the first that will not end.

        The others are ended all the same.
        """
        stopped: list[str] = []
        failures: list[ComfyGenError] = []
        for name in [name for name in self.supervisor.names() if self.supervisor.look(name).is_running]:
            try:
                self._stop(name, patience=patience, as_json=as_json)
                stopped.append(name)
            except NotRunningError:
                continue  # it has just ended by itself
            except ComfyGenError as error:
                failures.append(error)
        if failures:
            raise failures[0]
        if as_json:
            print_json({"stopped": stopped})
        elif not stopped:
            _say("None was running.")

    def forget(self, name: str, *, is_sure: bool, as_json: bool) -> None:
        """Delete what is kept of an instance, when somebody is sure where that is more than a log.

        Raises:
            InvalidParameterError: it has files of its own, and nobody can be asked.
        """
        self.supervisor.check_stopped(name)
        own = self.supervisor.own_files(name)
        if own and not is_sure:
            _make_sure(name, own, as_json=as_json)
        self.supervisor.forget(name)
        if as_json:
            print_json({"forgotten": name, "deleted": [str(file) for file in own]})
        else:
            _say(f"Forgot {name}{f', and deleted its pictures and workflows: {len(own)}' if own else ''}.")

    def status(self, name: str | None, *, as_json: bool) -> int:
        """Tell how one instance is, or all are, and return the exit code: 1 where one does not run that should.

        Raises:
            InstanceNotFoundError: there is none of this name.
        """
        names = [name] if name else self.supervisor.names() or [DEFAULT]
        reports = asyncio.run(report_all(self.supervisor, names, self.settings))
        if as_json:
            print_json({"instances": [report.as_json() for report in reports]})
        else:
            console = Console()
            for number, report in enumerate(reports):
                console.print(*([""] if number else []), headline(report), sep="\n")
                console.print(rows(report_rows(report, now=time.time())))
        are_well = all(report.is_well for report in reports if report.is_expected)
        return 0 if are_well and any(report.is_well for report in reports) else EXIT_FAILURE

    def logs(self, name: str, *, lines: int, as_json: bool) -> None:
        """Print the last lines that an instance said.

        Raises:
            InstanceNotFoundError: there is none of this name.
        """
        said = self.supervisor.tail(name, lines)
        if as_json:
            files = [str(file) for file in self.supervisor.log_files(name)]
            print_json({"name": name, "files": files, "lines": said})
            return
        for line in said:
            _write(line)
        if not said:
            STDERR.print(f"{name} has said nothing yet.", style="dim", markup=False)

    def follow(self, name: str, *, lines: int) -> None:
        """Print the last lines that an instance said, and what it says until Ctrl-C.

        Raises:
            InstanceNotFoundError: there is none of this name.
        """
        for line in self.supervisor.follow(name, lines):
            _write(line)

    def _wished(self, wish: Wish) -> Instance:
        """Return what is to run: of one that runs, what was not said is as it is."""
        last = self._last(wish.name)
        if last and self.supervisor.look(wish.name).is_running:
            return same_instance(wish, last)
        taken = {self.supervisor.instance(name).port for name in self.supervisor.names() if name != wish.name}
        instance = first_instance(wish, self.settings, last=last, free_port=lambda host: free_port(host, taken))
        if instance.container and wish.port is None:
            return replace(instance, port=published_port(instance.container) or instance.port)
        return instance

    def _last(self, name: str) -> Instance | None:
        try:
            return self.supervisor.instance(name)
        except InstanceNotFoundError:
            return None

    def _stop(self, name: str, *, patience: float, as_json: bool) -> None:
        with Waiting(f"Stopping {name}", is_silent=as_json):
            self.supervisor.stop(name, patience=patience)
        if not as_json:
            _say(f"Stopped {name}.")

    def _tell_of_start(self, look: Look, *, as_json: bool) -> None:
        files = self.supervisor.log_files(look.instance.name)
        advice = self._advice(look.instance)
        if as_json:
            print_json(look.as_json() | {"logs": [str(file) for file in files], "add_to_queue": advice or None})
            return
        name = look.instance.name
        what = f"in the container {look.instance.container}" if look.instance.container else f"as process {look.pid}"
        _say(f"{name} runs at {look.instance.url}, {what}.")
        if files:
            _say(f"Its log: {files[0]}")
        if is_open(look.instance):
            STDERR.print(OPEN, style="yellow", markup=False, soft_wrap=True)
        if advice:
            _say(f"The queue does not use it yet: {advice}")

    def _advice(self, instance: Instance) -> str:
        """Return the command that has the queue use an engine; nothing if it does, or if nobody can tell."""
        known = engine_addresses(self.settings)
        if known is None or {instance.url, instance.url.replace("127.0.0.1", "localhost")} & known:
            return ""
        name = "" if instance.name == DEFAULT else f" --name {instance.name}"
        return f"comfygen engines add {instance.url}{name}"


def _make_sure(name: str, own: Sequence[Path], *, as_json: bool) -> None:
    """Ask whether an instance's own files may go; leave where they may not."""
    if as_json or not sys.stdin.isatty():
        advice = f"its own files would be deleted, {len(own)} pictures and workflows, such as {own[0]}."
        raise InvalidParameterError("--yes", "not given", "given, where nobody can be asked", advice)
    typer.confirm(f"Delete the own pictures and workflows of {name}, {len(own)}, such as {own[0]}?", abort=True)


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _say(said: str) -> None:
    Console().print(said, markup=False, highlight=False, soft_wrap=True)
