"""Readers of files under attack, each with what must hold whatever comes."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from guardrails.core.errors import GuardrailsError, KeyringError, MarkError
from guardrails.keyring import Keyring
from guardrails.marks.provenance import credentials, iptc
from guardrails.marks.provenance.containers import packet_of, with_packet
from guardrails.marks.provenance.detached import FORM, TextManifests
from guardrails.server.access import file as access_file
from guardrails.server.marks import file as marks_file
from guardrails.server.openai.routing import load as load_routing
from guardrails.server.overload import tenants as tenants_file
from guardrails.works.library import Original
from guardrails.works.sources.lists import ListSource
from guardrails.works.sources.rows import RowSource
from guardrails.works.sources.source import Broken, PassedOver, SourceError
from tests.fuzz.saying import must_say, text_of

RING = Keyring.parse("k1:" + "A" * 43 + "=")
SHOWN = 20
"""Characters of a secret that would tell something of it."""


def _read(data: bytes, read: Callable[[Path], object]) -> None:
    """A file holds, or is refused with what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file.yaml")
        path.write_bytes(data)
        try:
            read(path)
        except GuardrailsError as error:
            must_say(error)


def routing(data: bytes) -> None:
    """A routing file holds, or is refused with the place."""

    def use(path: Path) -> None:
        read = load_routing(path, ("chat", "images"))
        read.terms({"authorization": text_of(data)[:50]}, text_of(data)[:50], ("chat",))

    _read(data, use)


def access(data: bytes) -> None:
    """A file of callers holds, or is refused; no token is told."""
    _read(data, lambda path: access_file.read(path, {"TOKEN": "x" * 43}))


def tenants(data: bytes) -> None:
    """A file of tenants holds, or is refused."""
    _read(data, tenants_file.load)


def marks(data: bytes) -> None:
    """A file of marks holds, or is refused."""
    _read(data, lambda path: marks_file.read(path, {}))


def content_credentials(data: bytes) -> None:
    """Credentials are read from a picture, and none is trusted that nobody trusts."""
    read = credentials.read(data)
    assert read.standing.value != "valid"


def xmp(data: bytes) -> None:
    """What is written into a file is read from it; a damaged file is refused."""
    packet_of(data)
    iptc.declares(data)
    try:
        assert packet_of(with_packet(data, b"<x/>")) == b"<x/>"
    except MarkError as refused:
        must_say(refused)


def keyring(data: bytes) -> None:
    """Keys, or what is wrong with them, without showing them."""
    try:
        Keyring.parse(text_of(data))
    except KeyringError as refused:
        told, shown = str(refused), text_of(data)[:40].strip()
        assert len(shown) < SHOWN or shown not in told


def manifest(data: bytes) -> None:
    """A manifest verifies only if it was signed."""
    manifests = TextManifests(RING)
    forged = {"form": FORM, "key": "k1", "sha256": "", "signature": text_of(data)}
    for one in (text_of(data), json.dumps(forged), text_of(data).replace("FORM", FORM)):
        try:
            assert manifests.verify("a text", one).standing != "valid"
        except MarkError as refused:
            must_say(refused, "the manifest of the text")


def works(data: bytes) -> None:
    """Each row is a work, or is told as broken with its place."""
    with tempfile.TemporaryDirectory() as folder:
        for name, kind in (("rows.jsonl", RowSource), ("list.hashes", ListSource)):
            path = Path(folder, name)
            path.write_bytes(data)
            opened = kind(path)
            try:
                opened.count()
                for item in opened.read():
                    assert isinstance(item, Original | Broken | PassedOver)
            except SourceError as refused:
                must_say(refused)
