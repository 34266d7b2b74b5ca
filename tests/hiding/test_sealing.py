"""Who can open a token, and until when."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.hiding.errors import SealError
from guardrails.hiding.sealing import BUCKET, Owner, seal, unseal
from guardrails.keyring import Keyring

RING = Keyring.parse("k1:" + "QUFB" * 11)
ACME = Owner("acme", "chat")
VALUES = {"<PERSON_1>": "Ada Lovelace"}


def sealed(mapping=VALUES, ring=RING, owner=ACME):
    return seal(mapping, ring, owner, expires=60, now=1000.0)


@given(mapping=st.dictionaries(st.text(max_size=20), st.text(max_size=50), max_size=8))
def test_what_was_sealed_comes_back(mapping):
    assert unseal(sealed(mapping), RING, ACME, now=1059.9) == mapping


@given(data=st.data())
def test_a_token_with_any_character_changed_opens_nothing(data):
    token = sealed()
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("abcXYZ019-_.").filter(lambda other: other != token[place]))

    with pytest.raises(SealError):
        unseal(token[:place] + letter + token[place + 1 :], RING, ACME, now=1001.0)


@pytest.mark.parametrize("owner", [Owner("acme", "images"), Owner("other", "chat"), Owner("", "")])
def test_nobody_else_opens_it(owner):
    with pytest.raises(SealError, match="not sealed for this tenant and policy, or altered"):
        unseal(sealed(), RING, owner, now=1001.0)


@pytest.mark.parametrize(
    ("later", "told"), [(60, "0 s"), (180, "2 min"), (7300, "2 h"), (200_000, "2 d")]
)
def test_it_cannot_be_opened_for_ever(later, told):
    message = f"sealed token: expired {told} ago, evaluate the prompt again"

    with pytest.raises(SealError) as over:
        unseal(sealed(), RING, ACME, now=1000.0 + later)

    assert str(over.value) == message


def test_an_older_key_of_the_ring_still_opens(rotated, keyring):
    assert unseal(sealed(ring=keyring), rotated, ACME, now=1001.0) == VALUES
    with pytest.raises(SealError, match="its key is not in the keyring"):
        unseal(sealed(ring=rotated), keyring, ACME, now=1001.0)


@pytest.mark.parametrize("token", ["", "x", "g1", "g1.k1", "g1.k1.", "g1.k1.AAAA", "g2.k1.AAAA"])
def test_what_is_no_token_is_refused(token):
    with pytest.raises(SealError, match=r"^sealed token: "):
        unseal(token, RING, ACME, now=1001.0)


def test_a_token_tells_neither_values_nor_their_length():
    short, longer = sealed({"<PERSON_1>": "Lovelace"}), sealed({"<PERSON_1>": "Lovelace" * 10})

    assert "Lovelace" not in short
    assert len(short) == len(longer) > BUCKET


@given(count=st.integers(2, 40))
def test_tokens_that_are_made_at_once_never_mix(count):
    async def there_and_back(number):
        mapping = {"<PERSON_1>": f"person {number}"}
        owner = Owner(f"tenant {number % 3}", "chat")
        token = await asyncio.to_thread(seal, mapping, RING, owner, expires=9, now=0.0)
        return await asyncio.to_thread(unseal, token, RING, owner, now=1.0)

    async def all_at_once():
        return await asyncio.gather(*map(there_and_back, range(count)))

    opened = asyncio.run(all_at_once())

    assert opened == [{"<PERSON_1>": f"person {number}"} for number in range(count)]
