"""`guardrails demo`: a real sidecar, a real client, a dozen inputs, one table."""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table

from guardrails.cli.demo_inputs import Example, examples
from guardrails.cli.exits import Exit
from guardrails.cli.verdicts import reasons
from guardrails.client.client import Client
from guardrails.core.content import Content, Text
from guardrails.core.errors import SidecarError
from guardrails.core.verdict import Action, Verdict

COLOURS = {
    Action.ALLOW: "green",
    Action.FLAG: "cyan",
    Action.REDACT: "yellow",
    Action.BLOCK: "red",
}
SHOWN = 70
"""Characters of a text in the table."""
WIDTH = 118
"""Of the table where there is no terminal."""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("demo", help="start a sidecar, send it a dozen inputs, stop it")
    parser.add_argument("--policies", type=Path, default=Path("policies"), metavar="DIR")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show one row an input."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    started = perf_counter()
    with _sidecar(arguments.policies) as address, Client(address) as client:
        console.print(f"sidecar serving on {address} after {perf_counter() - started:.1f} s")
        console.print("policies: " + ", ".join(sorted(client.policies())))
        table = _table()
        for example in examples(arguments.policies / "pictures"):
            asked = perf_counter()
            verdict = client.evaluate(example.content, policy=example.policy)
            table.add_row(*_row(example, verdict, (perf_counter() - asked) * 1000))
        console.print(table)
    console.print("sidecar stopped")
    return Exit.FINE


@contextmanager
def _sidecar(policies: Path) -> Iterator[str]:
    """Run `guardrails serve` beside us for a while, on a free port of this machine."""
    command = [sys.executable, "-m", "guardrails.cli", "serve", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(  # noqa: S603  # our own command
        [*command, "--policies", str(policies)], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            yield _address(server)
        finally:
            server.terminate()


def _address(server: "subprocess.Popen[str]") -> str:
    line = server.stdout.readline() if server.stdout else ""
    if not line.startswith("serving on "):
        raise SidecarError(f"the sidecar did not start, exit code {server.wait()}")
    return line.removeprefix("serving on ").strip()


def _table() -> Table:
    table = Table(show_lines=True)
    for name, ratio in (("input", 4), ("action", 1), ("why", 5), ("passed on", 4)):
        table.add_column(name, ratio=ratio, overflow="fold")
    table.add_column("ms", justify="right")
    return table


def _row(example: Example, verdict: Verdict, milliseconds: float) -> tuple[str, ...]:
    colour = COLOURS[verdict.action]
    why = reasons(verdict.reports)
    return (
        f"[bold]{example.title}[/bold]\n[dim]{_shown(example.content)}[/dim]",
        f"[{colour}]{verdict.action.word}[/{colour}]",
        _escaped("\n".join(why)),
        "[dim]nothing[/dim]" if verdict.blocked else _shown(verdict.content),
        f"{milliseconds:.1f}",
    )


def _shown(content: Content) -> str:
    return _escaped(
        "\n".join(
            _short(part.text) if isinstance(part, Text) else f"picture, {len(part.data):,} bytes"
            for part in content.parts
        )
    )


def _short(text: str) -> str:
    visible = text.replace("\u200b", "\u00b7")
    return visible if len(visible) <= SHOWN else f"{visible[:SHOWN]}… ({len(text):,} characters)"


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")
