"""A text and its manifest belong together, whatever wraps or indents the text."""

import base64
import json
import os
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.core.errors import MarkError
from guardrails.keyring import Keyring
from guardrails.marks.provenance.credentials import Standing
from guardrails.marks.provenance.detached import (
    FORM,
    TextManifests,
    normalised,
    public_key,
    verify,
)

TEXT = "Caf\u00e9 au lait, \u201cs'il vous pla\u00eet\u201d.\n\n1. One\n2. Two\n"
TOLD = {"policy": "chat", "policy_hash": "5f" * 32, "decision_id": "d1", "payload.kgw": "aa"}


def ring(*names):
    return Keyring.parse(
        ",".join(f"{name}:{base64.b64encode(os.urandom(32)).decode()}" for name in names)
    )


RING = ring("k2", "k1")
SIGNER = TextManifests(
    RING, generator="writer", now=lambda: datetime(2026, 11, 24, 10, 0, 0, 5, tzinfo=UTC)
)


def test_the_manifest_says_what_when_whose_and_under_which_policy():
    said = json.loads(SIGNER.sign(TEXT, TOLD))

    assert {name: said[name] for name in said if name not in {"sha256", "signature"}} == {
        "form": FORM,
        "normalisation": "nfc, no zero-width, single spaces",
        "digital_source_type": (
            "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
        ),
        "generator": "writer",
        "policy": "chat",
        "policy_hash": "5f" * 32,
        "decision_id": "d1",
        "time": "2026-11-24T10:00:00+00:00",
        "key": "k2",
    }
    assert SIGNER.key_id == "k2"


@pytest.mark.parametrize(
    ("text", "standing"),
    [
        (TEXT, Standing.VALID),
        (TEXT.replace("\n", "\r\n"), Standing.VALID),
        (TEXT.replace(" ", "\n    "), Standing.VALID),
        (TEXT.replace(" ", "\u00a0").strip(), Standing.VALID),
        (TEXT.replace("\u00e9", "e\u0301"), Standing.VALID),
        (TEXT.replace("lait", "la\u200bit") + "\ufeff", Standing.VALID),
        (TEXT.replace("lait", "Lait"), Standing.TAMPERED),
        (TEXT.replace(",", ""), Standing.TAMPERED),
        (TEXT.replace("au lait", "aulait"), Standing.TAMPERED),
        ("", Standing.TAMPERED),
    ],
)
def test_white_space_may_change_and_nothing_else(text, standing):
    assert SIGNER.verify(text, SIGNER.sign(TEXT, TOLD)).standing is standing


@pytest.mark.parametrize("name", ["policy_hash", "time", "key", "generator", "sha256", "form"])
def test_no_word_of_the_manifest_can_be_changed(name):
    said = json.loads(SIGNER.sign(TEXT, TOLD))
    said[name] = "k1" if name == "key" else FORM if name == "form" else "x"
    changed = said != json.loads(SIGNER.sign(TEXT, TOLD))

    found = SIGNER.verify(TEXT, json.dumps(said))
    assert found.standing is (Standing.TAMPERED if changed else Standing.VALID)
    assert bool(found.said) is not changed


def test_an_unknown_key_is_untrusted_and_says_nothing():
    found = TextManifests(ring("k9")).verify(TEXT, SIGNER.sign(TEXT, TOLD))

    assert (found.standing, dict(found.said)) == (Standing.UNTRUSTED, {})


def test_an_old_key_still_verifies_and_public_keys_are_enough():
    old = TextManifests(Keyring((RING.get("k1"),)))
    manifest = old.sign(TEXT, {})

    assert SIGNER.verify(TEXT, manifest).standing is Standing.VALID
    public = {"k1": public_key(RING.get("k1"))}
    assert verify(TEXT, manifest, public).standing is Standing.VALID
    assert verify(TEXT, SIGNER.sign(TEXT, {}), public).standing is Standing.UNTRUSTED


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "is not an object of strings"),
        ('{"form": 1}', "is not an object of strings"),
        ("{}", "is of another form, give 'guardrails text manifest 1'"),
        (json.dumps({"form": FORM, "key": "k1"}), "is of another form"),
    ],
)
def test_what_is_no_manifest_is_refused(manifest, message):
    with pytest.raises(MarkError, match=message):
        SIGNER.verify(TEXT, manifest)


@given(st.text(), st.sampled_from([" ", "\n", "\t", "\r\n", "\u2003"]))
def test_normalising_twice_changes_nothing(text, space):
    once = normalised(text)

    assert normalised(once) == once
    assert normalised(once.replace(" ", space)) == once
