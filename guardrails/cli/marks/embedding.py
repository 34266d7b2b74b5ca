"""`guardrails marks embed`, `detect` and `list`."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.files import bytes_of, named
from guardrails.cli.marks import beside, films, sidecar
from guardrails.cli.marks.showing import as_json, as_text, content_of
from guardrails.core.content import Image, Surface, Text
from guardrails.core.errors import KeyringError, MarkError
from guardrails.core.mark import Mark
from guardrails.keyring import Keyring
from guardrails.marks.catalog import BUILTIN, load


def embed(arguments: argparse.Namespace) -> int:
    """Read a file, mark it, write another."""
    if arguments.address is not None:
        return sidecar.embed(arguments)
    mark = _mark(arguments, {"payload": arguments.payload} if arguments.payload else {})
    if films.is_film(arguments.source):
        beside.none(arguments.manifest)
        films.embed(mark, arguments.source, arguments.target)
        return Exit.FINE
    try:
        marked = _marked(mark, _subject(mark, bytes_of(arguments.source)))
        beside.written(mark, marked, arguments.manifest)
    except MarkError as error:
        raise BadArguments(f"'{arguments.source}': {error}") from None
    data = marked.data if isinstance(marked, Image) else marked.text.encode()
    with named():
        arguments.target.write_bytes(data)
    return Exit.FINE


def _marked(mark: Mark[Any], subject: Any) -> Any:
    """Mark a subject; of words that were changed for it a report goes to stderr."""
    if not hasattr(mark, "substituted"):
        return mark.embed(subject)
    done = mark.substituted(subject.text)
    sys.stderr.write(f"{done}\n")
    return replace(subject, text=done.text, derived=())


def detect(arguments: argparse.Namespace) -> int:
    """Look for a mark in a file; whether it is there is told, not the exit code."""
    if arguments.address is not None:
        return sidecar.detect(arguments)
    if arguments.false_positive_rate is not None:
        raise BadArguments("--false-positive-rate goes with --address, here it is a setting: --set")
    tokenizer = {"tokenizer": str(arguments.tokenizer)} if arguments.tokenizer else {}
    mark = _mark(arguments, tokenizer)
    if films.is_film(Path(arguments.source)):
        beside.none(arguments.manifest)
        found = films.detect(mark, Path(arguments.source))
    else:
        subject = _subject(mark, content_of(arguments.source))
        found = beside.detected(mark, subject, arguments.manifest)
    print(json.dumps(as_json(found)) if arguments.json else as_text(found))  # noqa: T201  # the answer
    return Exit.FINE


def listed(_: argparse.Namespace) -> int:
    """Print the catalog."""
    for name, entry in BUILTIN.items():
        print(f"{name:18} {entry.summary}")  # noqa: T201  # the answer
    return Exit.FINE


def _mark(arguments: argparse.Namespace, more: dict[str, str]) -> Mark[Any]:
    if arguments.mark is None:
        raise BadArguments("name a --mark, or an --address whose marks are all looked for")
    if arguments.mark not in BUILTIN:
        raise BadArguments(f"no mark '{arguments.mark}', there is: {', '.join(BUILTIN)}")
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
