"""Options that say what holds for works, and who makes their fingerprints."""

import argparse
import codecs
from collections.abc import Callable
from importlib import import_module

from guardrails.cli.values import folder, whole
from guardrails.works.fingerprint import Fingerprint
from guardrails.works.library import FINGERPRINTS, Fingerprints, Piece
from guardrails.works.sources.source import Terms
from guardrails.works.work import Consent, Kind


def add_terms_to(parser: argparse.ArgumentParser) -> None:
    """Add the options for what holds for each work that does not say otherwise."""
    parser.add_argument("--kind", choices=[one.value for one in Kind if one is not Kind.HASHED])
    parser.add_argument("--owner", default="", metavar="NAME")
    parser.add_argument("--licence", default="", metavar="SPDX", help="an SPDX expression or terms")
    parser.add_argument(
        "--consent", choices=[one.value for one in Consent], default=Consent.UNKNOWN.value
    )
    parser.add_argument("--contact", default="", metavar="ADDRESS")
    parser.add_argument("--reason", default="", metavar="TEXT", help="for the journal")
    parser.add_argument(
        "--encoding", type=_encoding, default="utf-8", metavar="NAME", help="of texts in files"
    )


def add_building_to(parser: argparse.ArgumentParser) -> None:
    """Add the options for how fingerprints are made."""
    parser.add_argument("--embedding", metavar="MODEL", help="a copy-detection model, for pictures")
    parser.add_argument(
        "--models", action="append", default=[], type=folder, metavar="DIR", help="where it is"
    )
    parser.add_argument(
        "--workers", type=whole(1), metavar="N", default=1, help="processes that fingerprint"
    )
    parser.add_argument("--ray", action="store_true", help="fingerprint on a Ray cluster")


def terms_of(arguments: argparse.Namespace) -> Terms:
    """Read what holds for each work."""
    return Terms(
        arguments.kind and Kind(arguments.kind),
        arguments.owner,
        arguments.licence,
        Consent(arguments.consent),
        arguments.contact,
        getattr(arguments, "prefix", ""),
        arguments.encoding,
    )


def fingerprint_of(arguments: argparse.Namespace) -> Callable[[Piece], Fingerprint]:
    """Say what makes fingerprints; a model that is named for it is opened to see that it is one.

    Raises:
        ModelError: there is no such model, or it embeds no pictures.
    """
    if not arguments.embedding:
        return Fingerprints(FINGERPRINTS)
    embedding = import_module("guardrails.cli.works.embedding")  # it loads OpenCV
    made: Callable[[Piece], Fingerprint] = embedding.opened(arguments.models, arguments.embedding)
    return made


def _encoding(text: str) -> str:
    try:
        return codecs.lookup(text).name
    except LookupError:
        raise argparse.ArgumentTypeError(f"there is no encoding '{text}'") from None
