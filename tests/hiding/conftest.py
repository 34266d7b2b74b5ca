"""Keys that are made up for the tests."""

import base64

import pytest

from guardrails.keyring import Keyring


def written(number: int) -> str:
    return f"k{number}:{base64.b64encode(bytes([number]) * 32).decode()}"


@pytest.fixture
def keyring() -> Keyring:
    return Keyring.parse(written(1))


@pytest.fixture
def rotated() -> Keyring:
    return Keyring.parse(f"{written(2)}\n{written(1)}\n")
