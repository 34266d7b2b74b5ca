"""`guardrails marks recover`: a manifest that was stripped is found by the watermark's payload."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.files import named
from guardrails.core.errors import KeyringError, MarkError

if TYPE_CHECKING:
    from guardrails.marks.provenance.credentials import Credentials


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser of `guardrails marks`."""
    parser = commands.add_parser(
        "recover", help="find the manifest again that a picture has lost, by its mark's payload"
    )
    parser.add_argument("--kept", type=Path, required=True, metavar="FOLDER", help="as 'c2pa' has")
    parser.add_argument("--trusted", default="", metavar="PEM", help="the authorities you trust")
    parser.add_argument("--to", type=Path, metavar="FILE", help="write the newest there")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("payload", metavar="HEX", help="as 'marks detect' reads it")
    parser.set_defaults(run=recover)


def recover(arguments: argparse.Namespace) -> int:
    """Print what the manifests say that are bound to a payload, the newest first."""
    found = _found(arguments)
    if arguments.to is not None and found:
        with named():
            arguments.to.write_bytes(found[0][0])
    told = [_as_json(credentials) for _, credentials in found]
    if arguments.json:
        print(json.dumps({"payload": arguments.payload.lower(), "manifests": told}))  # noqa: T201  # the answer
    else:
        print("\n".join(map(_as_text, told)) or "no manifest is bound to it")  # noqa: T201  # the answer
    return Exit.FINE


def _found(arguments: argparse.Namespace) -> "list[tuple[bytes, Credentials]]":
    """The manifests that say themselves that they are bound to it: a name of a file is no proof."""
    from guardrails.marks.provenance.certificates import authorities  # noqa: PLC0415  # an extra
    from guardrails.marks.provenance.credentials import read_alone  # noqa: PLC0415  # an extra
    from guardrails.marks.provenance.keeping import Manifests  # noqa: PLC0415  # an extra

    payload = arguments.payload.lower()
    if not arguments.kept.is_dir():
        raise BadArguments(f"there is no folder '{arguments.kept}'")
    try:
        trusted = authorities(arguments.trusted) if arguments.trusted else ""
        kept = list(Manifests(arguments.kept).find(payload))
        read = [(manifest, read_alone(manifest, trusted)) for manifest in kept]
    except (KeyringError, MarkError) as error:
        raise BadArguments(str(error)) from None
    return [(manifest, told) for manifest, told in read if payload in told.payloads]


def _as_json(found: "Credentials") -> dict[str, Any]:
    return {
        "standing": found.standing.value,
        "signer": found.serial,
        "generated": found.generated,
        "generator": found.generator,
        "decision": dict(found.decision),
        "faults": list(found.faults),
    }


def _as_text(told: dict[str, Any]) -> str:
    decision = ", ".join(f"{name} {value}" for name, value in sorted(told["decision"].items()))
    generator = f"generator {told['generator']}" if told["generator"] else ""
    known = [told["standing"], f"signer {told['signer']}", generator, decision]
    return ", ".join(filter(None, known))
