"""`guardrails marks sign`, `verify` and `public-keys`: manifests beside texts."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.files import bytes_of
from guardrails.cli.marks.showing import content_of
from guardrails.core.errors import KeyringError, MarkError
from guardrails.keyring import Keyring


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to the parser of `guardrails marks`."""
    signs = commands.add_parser("sign", help="print a signed manifest that goes beside a text")
    _add_keys(signs, required=True)
    signs.add_argument("--generator", default="", metavar="NAME", help="the model that wrote it")
    signs.add_argument("source", metavar="FILE", help="a text; - is standard input")
    signs.set_defaults(run=sign)
    verifies = commands.add_parser("verify", help="hold a text against its manifest")
    verifies.add_argument("--manifest", type=Path, required=True, metavar="FILE")
    _add_keys(verifies, required=False)
    verifies.add_argument("--public-keys", type=Path, metavar="F", help="as 'public-keys' has them")
    verifies.add_argument("--json", action="store_true", help="print one JSON object")
    verifies.add_argument("source", metavar="FILE", help="a text; - is standard input")
    verifies.set_defaults(run=verify)
    shows = commands.add_parser("public-keys", help="print the keys that others verify texts with")
    _add_keys(shows, required=True)
    shows.set_defaults(run=public_keys)


def sign(arguments: argparse.Namespace) -> int:
    """Print the manifest of a text."""
    from guardrails.marks.provenance.detached import TextManifests  # noqa: PLC0415  # slow to import

    manifests = TextManifests(_keyring(arguments.key_file), generator=arguments.generator)
    print(manifests.sign(_text(arguments.source), {}))  # noqa: T201  # the answer
    return Exit.FINE


def verify(arguments: argparse.Namespace) -> int:
    """Tell whether a text is as it was signed; that is told, not the exit code."""
    from guardrails.marks.provenance import detached  # noqa: PLC0415  # slow to import

    manifest = bytes_of(arguments.manifest).decode("utf-8", "replace")
    try:
        found = detached.verify(_text(arguments.source), manifest, _trusted(arguments))
    except MarkError as error:
        raise BadArguments(f"'{arguments.manifest}': {error}") from None
    if arguments.json:
        told = {"standing": found.standing.value, "manifest": dict(found.said)}
        print(json.dumps(told))  # noqa: T201  # the answer
    else:
        lines = [f"{name}: {value}" for name, value in sorted(found.said.items())]
        print("\n".join([found.standing.value, *lines]))  # noqa: T201  # the answer
    return Exit.FINE


def public_keys(arguments: argparse.Namespace) -> int:
    """Print a line for each key of a ring."""
    for name, key in _public(arguments.key_file).items():
        print(f"{name}:{key}")  # noqa: T201  # the answer
    return Exit.FINE


def _add_keys(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument(
        "--key-file", type=Path, required=required, metavar="F", help="k1:BASE64, one on each line"
    )


def _trusted(arguments: argparse.Namespace) -> Mapping[str, str]:
    if (arguments.key_file is None) == (arguments.public_keys is None):
        raise BadArguments("give a --key-file or --public-keys, and not both")
    if arguments.key_file is not None:
        return _public(arguments.key_file)
    lines = bytes_of(arguments.public_keys).decode("utf-8", "replace").split()
    return dict(line.split(":", 1) for line in lines if ":" in line)


def _public(path: Path) -> Mapping[str, str]:
    from guardrails.marks.provenance.detached import public_key  # noqa: PLC0415  # slow to import

    return {key.id: public_key(key) for key in _keyring(path)}


def _keyring(path: Path) -> Keyring:
    try:
        return Keyring.parse(bytes_of(path).decode("utf-8", "replace"))
    except KeyringError as error:
        raise BadArguments(f"'{path}': {error}") from None


def _text(source: str) -> str:
    try:
        return content_of(source).decode()
    except UnicodeDecodeError:
        raise BadArguments("the text is not UTF-8, give one that is") from None
