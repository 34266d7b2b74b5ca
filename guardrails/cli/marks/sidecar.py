"""`guardrails marks embed` and `detect` with an address: a sidecar has the marks and the keys."""

import argparse
import json

from guardrails.cli.asking import introduced
from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.files import bytes_of, named
from guardrails.cli.marks.showing import as_json, as_text, content_of
from guardrails.client.marks import MarksClient
from guardrails.works.sources.kinds import HEAD, is_picture

_ITS_OWN = ("key_file", "set", "payload", "tokenizer", "manifest")
"""Options that say what a sidecar knows itself."""


def embed(arguments: argparse.Namespace) -> int:
    """Read a file, have it marked, write another."""
    if arguments.mark is None:
        raise BadArguments("name the --mark that is put in")
    subject = _subject(bytes_of(arguments.source))
    with _client(arguments) as client:
        if isinstance(subject, str):
            data = client.embed(subject, arguments.mark).subject.encode()
        else:
            data = client.embed(subject, arguments.mark).subject
    with named():
        arguments.target.write_bytes(data)
    return Exit.FINE


def detect(arguments: argparse.Namespace) -> int:
    """Have one mark looked for, or all that are of such a file."""
    subject = _subject(content_of(arguments.source))
    marks = () if arguments.mark is None else (arguments.mark,)
    with _client(arguments) as client:
        rate = arguments.false_positive_rate
        found = client.detect(subject, marks, false_positive_rate=rate)
    if arguments.json:
        told = {name: as_json(one) for name, one in found.items()}
        told_one = told.get(arguments.mark, {"marks": told})
        print(json.dumps(told_one))  # noqa: T201  # the answer
    else:
        print("\n".join(f"{name}: {as_text(one)}" for name, one in found.items()))  # noqa: T201  # the answer
    return Exit.FINE


def _client(arguments: argparse.Namespace) -> MarksClient:
    for name in _ITS_OWN:
        if getattr(arguments, name, None):
            option = name.replace("_", "-")
            raise BadArguments(f"--{option} does not go with --address, its operator says that")
    return introduced(MarksClient, arguments)


def _subject(data: bytes) -> str | bytes:
    if is_picture(data[:HEAD]):
        return data
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise BadArguments("it is neither a picture nor a text in UTF-8") from None
