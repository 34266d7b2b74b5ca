"""`guardrails check`: one content, one verdict."""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from guardrails.checks.catalog import BUILTIN, load
from guardrails.cli.asking import add_client_to, client_from
from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.files import bytes_of, named
from guardrails.cli.setup import add_models_to, engine_for, store_from
from guardrails.cli.verdicts import as_entities, as_html, as_json, as_text
from guardrails.core.content import Caller, Content, Image, Part, Stage, Surface, Text
from guardrails.core.verdict import Verdict

DEFAULT_FILE = Path("policies/chat.yaml")
DEFAULT_NAME = "chat"


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("check", help="judge a text or a picture; exit 1 when blocked")
    parser.add_argument(
        "--policy",
        metavar="FILE",
        help=f"its file (default {DEFAULT_FILE}), or with --address its name ({DEFAULT_NAME})",
    )
    add_client_to(parser)
    parser.add_argument("--stage", choices=[stage.value for stage in Stage], default="input")
    parser.add_argument("--prompt", metavar="TEXT", help="what the answer answers (output only)")
    parser.add_argument("--sealed", default="", metavar="TOKEN", help="from the prompt's verdict")
    parser.add_argument("--tenant", default="", metavar="NAME", help="on whose behalf")
    parser.add_argument("--person", default="", metavar="NAME", help="whose data it is")
    parser.add_argument("--image", action="append", default=[], type=Path, metavar="FILE")
    parser.add_argument("--file", type=Path, metavar="FILE", help="read the text from a file")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--entities",
        action="store_true",
        help="also print what was found where; without a text, list what 'pii' can find",
    )
    parser.add_argument(
        "--html", type=Path, metavar="OUT.html", help="show the text, what was found in colour"
    )
    parser.add_argument("--list", action="store_true", help="list the checks that ship, and stop")
    parser.add_argument("text", nargs="?", metavar="TEXT", help="the text, or - to read stdin")
    add_models_to(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Judge, print, and say by the exit code whether it was blocked."""
    if arguments.list:
        sys.stdout.writelines(f"{name:18}{entry.summary}\n" for name, entry in BUILTIN.items())
        return Exit.FINE
    if arguments.entities and not _asked(arguments):
        sys.stdout.writelines(f"{entity}\n" for entity in _entities())
        return Exit.FINE
    content = _content(arguments)
    verdict = asyncio.run(_judge(arguments, content))
    if arguments.html:
        with named():
            arguments.html.write_text(as_html(verdict, content), encoding="utf-8")
    if arguments.json:
        sys.stdout.write(json.dumps(as_json(verdict), ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(as_text(verdict) + "\n")
        if arguments.entities:
            sys.stdout.write(as_entities(verdict, content))
    return Exit.BLOCKED if verdict.blocked else Exit.FINE


async def _judge(arguments: argparse.Namespace, content: Content) -> Verdict:
    if arguments.address:
        async with client_from(arguments) as client:
            name = DEFAULT_NAME if arguments.policy is None else arguments.policy
            return await client.evaluate(content, policy=name)
    with store_from(arguments) as models:
        file = DEFAULT_FILE if arguments.policy is None else Path(arguments.policy)
        if not file.exists():
            raise BadArguments(f"there is no '{file}', give --policy FILE, or --address")
        engine, name = await asyncio.to_thread(engine_for, file, models)
        return await engine.evaluate(content, policy=name)


def _content(arguments: argparse.Namespace) -> Content:
    stage = Stage(arguments.stage)
    if arguments.prompt is not None and stage is Stage.INPUT:
        raise BadArguments("--prompt goes with --stage output")
    speaker = Surface.USER if stage is Stage.INPUT else Surface.ASSISTANT
    parts: list[Part] = [Text(text, speaker) for text in _texts(arguments)]
    parts += [Image(bytes_of(path), speaker) for path in arguments.image]
    prompt = () if arguments.prompt is None else (Text(arguments.prompt),)
    caller = Caller(arguments.tenant, arguments.person)
    return Content(tuple(parts), stage, prompt, caller, arguments.sealed)


def _asked(arguments: argparse.Namespace) -> bool:
    return bool(arguments.text is not None or arguments.file or arguments.image)


def _entities() -> Sequence[str]:
    """What the check of personal data can find."""
    settings = load(BUILTIN["pii"]).Settings
    schema = settings.model_json_schema()["properties"]["entities"]["items"]
    return cast("Sequence[str]", schema["anyOf"][0]["enum"])


def _texts(arguments: argparse.Namespace) -> list[str]:
    if arguments.text is not None and arguments.file is not None:
        raise BadArguments("give the text as an argument or by --file, not both")
    if arguments.file is not None:
        return [_decoded(str(arguments.file), bytes_of(arguments.file))]
    if arguments.text == "-":
        return [_decoded("stdin", _stdin())]
    if arguments.text is not None:
        return [arguments.text]
    if arguments.image:
        return []
    raise BadArguments("nothing to judge: give a text, - for stdin, --file or --image")


def _stdin() -> bytes:
    if sys.stdin is None:
        raise BadArguments("there is nothing to read: stdin is closed")
    return sys.stdin.buffer.read()


def _decoded(place: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadArguments(f"{place}: not UTF-8 at byte {error.start}") from None
