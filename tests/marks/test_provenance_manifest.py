"""The mark `manifest` leaves a text as it is, and decides by what stands beside it."""

import json

import pytest

from guardrails.core.content import Text
from guardrails.core.mark import Carrying, Decision, Detached, Informed
from guardrails.keyring import Keyring
from guardrails.marks.catalog import BUILTIN, load
from guardrails.marks.provenance.manifest import Manifest

KEYS = {"k2": "QkJC" * 11, "k1": "QUFB" * 11, "k9": "Q0ND" * 11}
TEXT = Text("Caf\u00e9 au lait, please.\n\n1. One\n2. Two\n")
TOLD = {"policy": "chat", "policy_hash": "5f" * 32, "decision_id": "ab" * 16}


def mark(*names, **settings):
    ring = Keyring.parse(",".join(f"{name}:{KEYS[name]}" for name in names))
    return Manifest(Manifest.Settings(keyring=ring, **settings))


SIGNS = mark("k2", "k1", generator="writer")


def test_the_text_stays_and_the_manifest_says_by_which_decision():
    assert SIGNS.embed(TEXT) is TEXT
    said = json.loads(SIGNS.attachment_for(TEXT, TOLD))

    assert (said["generator"], said["policy_hash"], said["key"]) == ("writer", "5f" * 32, "k2")
    found = SIGNS.detect_with(TEXT, json.dumps(said))
    assert (found.decision, found.key_id, found.payload) == (Decision.MARKED, "k2", "ab" * 16)
    assert found.p_value is None


@pytest.mark.parametrize(
    ("text", "signer", "decision", "reason"),
    [
        (TEXT.text, "k2", Decision.MARKED, "the signature is valid and the text is unchanged"),
        (TEXT.text, "k1", Decision.MARKED, "the signature is valid and the text is unchanged"),
        (TEXT.text.replace("\n", "\r\n  "), "k2", Decision.MARKED, "the signature is valid"),
        (TEXT.text + "No.", "k2", Decision.UNMARKED, "was changed after signing"),
        (TEXT.text, "k9", Decision.UNDECIDABLE, "signed with a key that is not in the ring"),
    ],
)
def test_every_key_of_the_ring_verifies_and_no_other(text, signer, decision, reason):
    found = SIGNS.detect_with(Text(text), mark(signer).attachment_for(TEXT, TOLD))

    assert found.decision is decision
    assert reason in found.reason
    assert bool(found.key_id) is (decision is Decision.MARKED)


@pytest.mark.parametrize("attachment", ["", "{}", "[]", "\ud800", "{" * 100_000])
def test_what_is_no_manifest_decides_nothing(attachment):
    assert SIGNS.detect_with(TEXT, attachment).decision is Decision.UNDECIDABLE


def test_a_text_alone_decides_nothing_and_says_what_is_missing():
    found = SIGNS.detect(TEXT)

    assert (found.decision, found.reason) == (
        Decision.UNDECIDABLE,
        "the manifest stands beside the text, give it too",
    )


def test_a_decision_that_is_no_hexadecimal_is_no_payload():
    manifest = SIGNS.attachment_for(TEXT, {"decision_id": "decision one"})

    assert SIGNS.detect_with(TEXT, manifest).payload == ""


def test_it_is_a_mark_that_stands_beside_and_comes_last():
    assert isinstance(SIGNS, Detached)
    assert not isinstance(SIGNS, Informed | Carrying)
    assert load(BUILTIN["manifest"]) is Manifest
    assert [name for name, entry in BUILTIN.items() if entry.provenance] == ["c2pa", "manifest"]
