"""`guardrails marks embed`, `detect` and `list`."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.files import bytes_of, named
from guardrails.core.content import Image, Surface, Text
from guardrails.core.errors import KeyringError, MarkError
from guardrails.core.finding import Region
from guardrails.core.mark import Detection, Mark
from guardrails.core.view import Span
from guardrails.keyring import Keyring
from guardrails.marks.catalog import BUILTIN, load


def embed(arguments: argparse.Namespace) -> int:
    """Read a file, mark it, write another."""
    mark = _mark(arguments, {"payload": arguments.payload} if arguments.payload else {})
    try:
        marked = mark.embed(_subject(mark, bytes_of(arguments.source)))
    except MarkError as error:
        raise BadArguments(f"'{arguments.source}': {error}") from None
    data = marked.data if isinstance(marked, Image) else marked.text.encode()
    with named():
        arguments.target.write_bytes(data)
    return Exit.FINE


def detect(arguments: argparse.Namespace) -> int:
    """Look for a mark in a file; whether it is there is told, not the exit code."""
    tokenizer = {"tokenizer": str(arguments.tokenizer)} if arguments.tokenizer else {}
    mark = _mark(arguments, tokenizer)
    source = arguments.source
    data = sys.stdin.buffer.read() if source == "-" else bytes_of(Path(source))
    found = mark.detect(_subject(mark, data))
    print(json.dumps(_as_json(found)) if arguments.json else _as_text(found))  # noqa: T201  # the answer
    return Exit.FINE


def listed(_: argparse.Namespace) -> int:
    """Print the catalog."""
    for name, entry in BUILTIN.items():
        print(f"{name:18} {entry.summary}")  # noqa: T201  # the answer
    return Exit.FINE


def _mark(arguments: argparse.Namespace, more: dict[str, str]) -> Mark[Any]:
    entry = BUILTIN[arguments.mark]
    try:
        kind = load(entry)
    except ModuleNotFoundError as error:
        raise BadArguments(
            f"mark '{arguments.mark}' needs '{error.name}', install 'guardrails[{entry.extra}]'"
        ) from None
    settings = dict(map(_setting, arguments.set)) | more
    context = {"directory": Path(), "keyring": _keyring(arguments.key_file)}
    with named():  # a wrong setting is a wrong argument
        return kind(kind.Settings.model_validate(settings, context=context))


def _setting(written: str) -> tuple[str, Any]:
    name, equals, value = written.partition("=")
    if not equals:
        raise BadArguments(f"--set '{written}' should be NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:  # plain words need no quotes
        return name, value


def _keyring(path: Path | None) -> Keyring | None:
    if path is None:
        return None
    try:
        return Keyring.parse(bytes_of(path).decode("utf-8", "replace"))
    except KeyringError as error:
        raise BadArguments(f"'{path}': {error}") from None


def _subject(mark: Mark[Any], data: bytes) -> Any:
    if mark.inspects is Image:
        return Image(data, Surface.ASSISTANT)
    try:
        return Text(data.decode(), Surface.ASSISTANT)
    except UnicodeDecodeError:
        raise BadArguments("the text is not UTF-8, give one that is") from None


def _as_json(found: Detection) -> dict[str, Any]:
    where: Any = None
    match found.where:
        case Span(start, end):
            where = [start, end]
        case Region(left, top, right, bottom):
            where = [left, top, right, bottom]
    return {
        "decision": found.decision.value,
        "p_value": found.p_value,
        "z": found.z,
        "tokens": found.tokens,
        "key_id": found.key_id,
        "payload": found.payload,
        "where": where,
        "reason": found.reason,
    }


def _as_text(found: Detection) -> str:
    facts = [
        ("p", found.p_value if found.p_value is None else f"{found.p_value:.2g}"),
        ("z", found.z if found.z is None else f"{found.z:.1f}"),
        ("tokens", found.tokens or None),
        ("key", found.key_id or None),
        ("payload", found.payload or None),
    ]
    told = ", ".join(f"{name} {value}" for name, value in facts if value is not None)
    lines = [found.decision.value + (f": {told}" if told else "")]
    if isinstance(found.where, Span):
        lines.append(f"at {found.where.start}-{found.where.end}")
    return "\n".join([*lines, *([found.reason] if found.reason else [])])
