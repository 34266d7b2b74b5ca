"""`guardrails decisions verify` and `key`: is the log whole, and by which key is that known."""

import argparse
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from guardrails.cli.decisions.where import add_where_to, keys_of, print_json, reading
from guardrails.cli.exits import BadArguments, Exit
from guardrails.core.errors import DecisionsError
from guardrails.telemetry.chain import START, Anchor
from guardrails.telemetry.decisions.signing import Verifier
from guardrails.telemetry.decisions.verifying import Proof, verified

_ANCHOR = re.compile(r"(?:(\d+):)?(\d+):([0-9a-f]{64})")


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to the parser."""
    parser = verbs.add_parser("verify", help="tell whether records were altered or are missing")
    add_where_to(parser, keys=True)
    parser.add_argument(
        "--public-key",
        action="append",
        default=[],
        type=_public,
        metavar="HEX",
        help="instead of the keyring: what `guardrails decisions key` prints; may be repeated",
    )
    parser.add_argument(
        "--anchor",
        action="append",
        default=[],
        type=_anchor,
        metavar="[WORKER:]N:HASH",
        help="its end at an earlier time, kept elsewhere; may be repeated, one for each worker",
    )
    parser.set_defaults(run=run_verify)
    parser = verbs.add_parser("key", help="print the public keys that verify the signatures")
    parser.add_argument("--key-file", type=Path, metavar="FILE", help="the keyring")
    parser.set_defaults(run=run_key)


def run_verify(arguments: argparse.Namespace) -> int:
    """Go through every chain.

    Raises:
        DecisionsError: one is not as it was written.
    """
    verifiers = (*arguments.public_key, *keys_of(arguments).verifiers)
    anchors: dict[int, Anchor] = dict(arguments.anchor)
    with reading(arguments) as store:
        workers = sorted({*store.workers(), *anchors})
        proofs = [
            verified(one, store.lines(one), verifiers=verifiers, kept=anchors.get(one, START))
            for one in workers
        ]
        place = store.place
    if arguments.json:
        whole = all(proof.broken is None for proof in proofs)
        print_json({"whole": whole, "chains": [asdict(proof) for proof in proofs]})
    else:
        sys.stdout.writelines(_told(proof, signed=bool(verifiers)) for proof in proofs)
    for proof in proofs:
        if proof.broken is not None:
            raise DecisionsError(
                f"decisions: '{place}' does not hold at record {proof.broken.number} of worker "
                f"{proof.worker}: {proof.broken.why}"
            )
    return Exit.FINE


def run_key(arguments: argparse.Namespace) -> int:
    """Print the public half of every key."""
    keys = keys_of(arguments)
    if not keys.keys:
        raise BadArguments("which keys? name their file with --key-file")
    for key in keys.keys:
        sys.stdout.write(f"{key.id} {key.signer.verifier.public.hex()}\n")
    return Exit.FINE


def _told(proof: Proof, *, signed: bool) -> str:
    if proof.broken is not None:
        return f"worker {proof.worker}: broken at record {proof.broken.number}\n"
    parts: list[Any] = [
        f"{proof.records:,} records, the last is {proof.end.count}:{proof.end.hash}"
    ]
    parts += [f"{proof.erased:,} erased"] if proof.erased else []
    parts += [f"{proof.dropped:,} dropped by retention"] if proof.dropped else []
    parts += [f"{proof.lost:,} lost for want of room"] if proof.lost else []
    parts += [_signed(proof)] if signed else ["signatures not looked at, see --key-file"]
    parts += ["the last line is torn"] if proof.torn else []
    parts += [] if proof.closed else ["not closed: it is being written, or its end is gone"]
    return f"worker {proof.worker}: whole: {'; '.join(parts)}\n"


def _signed(proof: Proof) -> str:
    if not proof.signed_through:
        return "nothing signed"
    return f"signed through record {proof.signed_through}"


def _public(text: str) -> Verifier:
    try:
        return Verifier.parse(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"'{text[:80]}' is no public key, give 64 hexadecimal digits"
        ) from None


def _anchor(text: str) -> tuple[int, Anchor]:
    match = _ANCHOR.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"'{text[:120]}' is no anchor, write [WORKER:]N:HASH")
    return int(match[1] or 0), Anchor(int(match[2]), match[3])
