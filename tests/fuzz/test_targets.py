"""What is attacked holds against seeds, and against a bounded number of mutants of them."""

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.mutating import mutants
from tests.fuzz.seeds import seeds
from tests.fuzz.targets import TARGETS

ROUNDS = {
    "access": 100,
    "tenants": 100,
    "marks": 60,
    "content_credentials": 150,
    "judged": 100,
    "routing": 150,
    "works": 150,
    "yaml": 300,
    "picture": 600,
}
MANY = 400
SEEDS = seeds()

# found by fuzzing, each an error of no kind of ours until it was mended
BROKE = [
    ("keyring", "k1:é".encode() + b"A" * 42),
    ("manifest", b"[" * 20_000),
    ("manifest", b'{"form": "FORM", "key": "k1", "sha256": "\\ud800", "signature": "AA=="}'),
    ("manifest", '{"form": "FORM", "key": "k1", "sha256": "", "signature": "é"}'.encode()),
    ("works", b'{"id": "6", "text": "x", "year": ' + b"9" * 5000 + b"}\n"),
    ("works", b'{"id": "7", "path": "a\\u0000b"}\n{"id": "8", "path": "\\ud800"}\n'),
    ("works", SEEDS["works"][4] + b"\xff\n" + b"[" * 20_000),
    ("xmp", b"\xff\xd8" + b"\xff\xe1\x00\x00" * 20),
    ("xmp", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00(\x00"),
    ("body", b'{"user": "\\ud800", "messages": [{"role": "user", "content": "hi"}]}'),
    ("body", b'{"messages": [{"role": "user", "content": ' + b"[" * 960 + b"]" * 960 + b"}]}"),
    ("body", b'{"metadata": ' + b'{"a":' * 960 + b"1" + b"}" * 960 + b"}"),
]


def attack(name: str, data: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Pillow, for files that are broken on purpose
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_it_holds_against_what_it_takes(name):
    for data in SEEDS[name]:
        attack(name, data)


@pytest.mark.parametrize("name", TARGETS)
def test_it_holds_against_what_is_almost_right(name):
    for data in mutants(SEEDS[name], ROUNDS.get(name, MANY)):
        attack(name, data)


@pytest.mark.parametrize(("name", "data"), BROKE)
def test_it_holds_against_what_broke_it_once(name, data):
    attack(name, data)


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(st.sampled_from(sorted(TARGETS)), st.binary(max_size=200) | st.text().map(str.encode))
def test_it_holds_against_anything(name, data):
    attack(name, data)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("data", [b"", b"\x00", b"\xff" * 300, b"\n" * 300, b"a" * 5000])
def test_it_holds_against_nothing_and_against_noise(name, data):
    attack(name, data)
