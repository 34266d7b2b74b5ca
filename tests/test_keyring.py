"""What a keyring may look like, and that it shows no secret."""

import pytest

from guardrails.core.content import Text
from guardrails.core.errors import KeyringError
from guardrails.core.mark import Decision
from guardrails.keyring import Keyring
from guardrails.marks.words.zero_width import ZeroWidth

GOOD = "k1:" + "QUFB" * 11


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" \n", "the keyring is empty, write 'k1:BASE64' with 32 random bytes"),
        ("QUFB", "key 1 of the keyring: write 'k1:BASE64', an id of a-z and 0-9"),
        (f"{GOOD},K2:QUFB", "key 2 of the keyring: write 'k1:BASE64', an id of a-z and 0-9"),
        ("k1:not base64!", "key 1 of the keyring: the secret is not Base64"),
        (
            f"{GOOD},k2:QUFB",
            "key 2 of the keyring: the secret has 3 bytes, 32 are needed",
        ),
        (f"{GOOD},{GOOD}", "the keyring has two keys of one id"),
    ],
)
def test_a_bad_keyring_says_which_key_is_wrong_and_shows_none(text, message):
    if message.endswith("Base64"):
        text = text.replace(" ", "%")

    with pytest.raises(KeyringError) as wrong:
        Keyring.parse(text)

    assert str(wrong.value) == message


def test_the_first_key_is_the_current_one_and_the_others_are_known(rotated):
    assert [key.id for key in rotated] == ["k2", "k1"]
    assert rotated.current.id == "k2"
    assert rotated.get("k1").id == "k1"
    assert rotated.get("k9") is None


def test_a_key_never_shows_its_secret(keyring):
    assert "secret" not in repr(keyring)
    assert "\\x01" not in repr(keyring)


def test_keys_for_different_purposes_have_nothing_in_common(keyring):
    assert keyring.current.derive("a") != keyring.current.derive("b")
    assert keyring.current.derive("a") == keyring.current.derive("a")


class Kms:
    """A key management service that rotates, counts its calls, and may be down."""

    def __init__(self):
        self.keys = {"k1": b"a" * 32}
        self.calls = 0
        self.error = None

    def __call__(self):
        self.calls += 1
        if self.error:
            raise self.error
        return self.keys

    def rotate(self):
        self.keys = {f"k{len(self.keys) + 1}": bytes([len(self.keys)]) * 32} | self.keys


def test_keys_come_from_a_service_and_rotate_when_it_is_asked_again():
    kms = Kms()
    before = Keyring.fetch(kms)
    kms.rotate()

    after = Keyring.fetch(kms)
    assert [key.id for key in before] == ["k1"]
    assert [key.id for key in after] == ["k2", "k1"]
    assert after.get("k1") == before.current


def test_a_mark_asks_the_service_when_it_is_built_and_never_after_that():
    kms = Kms()
    old = ZeroWidth(ZeroWidth.Settings(keyring=kms))
    marked = old.embed(Text("Hello there."))
    kms.rotate()
    new = ZeroWidth(ZeroWidth.Settings(keyring=kms))
    kms.error = TimeoutError("key k1 at https://kms.example")

    found = new.detect(marked)
    assert (found.decision, found.key_id) == (Decision.MARKED, "k1")
    assert new.detect(new.embed(Text("Hello there."))).key_id == new.key_id == "k2"
    assert kms.calls == 2
    with pytest.raises(ValueError, match="the source of the keys failed: TimeoutError") as wrong:
        ZeroWidth.Settings(keyring=kms)
    assert "kms.example" not in str(wrong.value)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({}, "the source of the keys has none"),
        ({"K1": b"a" * 32}, "key 1 of the keyring: write 'k1:BASE64', an id of a-z and 0-9"),
        ({"k1": "a" * 32}, "key 1 of the keyring: the secret should be bytes"),
        (
            {"k1": b"a" * 32, "k2": b"short"},
            "key 2 of the keyring: the secret has 5 bytes, 32 are needed",
        ),
    ],
)
def test_a_service_that_gives_bad_keys_is_told_and_no_key_is_shown(keys, message):
    with pytest.raises(KeyringError) as wrong:
        Keyring.fetch(lambda: keys)

    assert str(wrong.value) == message
