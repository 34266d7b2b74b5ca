"""What a keyring may look like, and that it shows no secret."""

import pytest

from guardrails.core.errors import KeyringError
from guardrails.keyring import Keyring

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
