"""The file of marks: what it may say, and every mistake in it with its place."""

import base64
from pathlib import Path

import pytest

import guardrails
from guardrails.core.content import Image, Text
from guardrails.core.errors import PolicyError
from guardrails.server.marks.file import read

KEY = f"k1:{base64.b64encode(b'A' * 32).decode()}"
TOKENIZER = Path(guardrails.__file__).parent / "models/zoo/text_guard/tokenizer.json"


@pytest.fixture
def offered(tmp_path):
    """Read a file of marks beside a file of keys."""
    (tmp_path / "keys.txt").write_text(KEY)
    (tmp_path / "tokenizer.json").write_bytes(TOKENIZER.read_bytes())

    def reading(text, **environment):
        (tmp_path / "marks.yaml").write_text(text)
        return read(tmp_path / "marks.yaml", environment)

    return reading


@pytest.mark.parametrize(
    "keys", ["keys_file: keys.txt", 'keys: "${env:KEYS}"', f"keys: {KEY}"], ids=["file", "env", ""]
)
def test_keys_come_from_a_file_or_the_environment(offered, keys):
    marks = offered(f"{keys}\nmarks: [{{mark: lexical, embed: true}}]\n", KEYS=KEY)

    [known] = [mark.known for mark in marks.values()]
    assert (known.name, known.kind, known.inspects) == ("lexical", "lexical", Text)
    assert (known.key_id, known.embeds) == ("k1", True)


def test_a_mark_may_be_served_twice_under_names(offered):
    marks = offered(
        "keys_file: keys.txt\n"
        "marks:\n"
        "  - {mark: kgw, name: small, with: {tokenizer: tokenizer.json}}\n"
        "  - {mark: kgw, name: large, with: {tokenizer: tokenizer.json, width: 4}}\n"
        "  - mark: spread_spectrum\n"
    )

    assert [*marks] == ["small", "large", "spread_spectrum"]
    assert marks["large"].known.kind == "kgw"
    assert marks["large"].fits(Text("x"))
    assert not marks["large"].fits(Image(b""))
    assert not marks["large"].known.embeds


def test_each_mark_may_have_keys_of_its_own(offered):
    other = f"k7:{base64.b64encode(b'C' * 32).decode()}"
    marks = offered(f"marks:\n  - {{mark: lexical, with: {{keyring: '{other}'}}}}\n")

    assert marks["lexical"].known.key_id == "k7"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("marks: []", ["1:8: 'marks' should not be empty"]),
        ("keys_file: keys.txt", ["1:1: missing key 'marks'"]),
        (
            "keys_file: keys.txt\nmarks:\n  - {mark: lexical, embedd: true}\n  - {name: x}",
            [
                "3:21: unknown key 'embedd', did you mean 'embed'?",
                "4:5: missing key 'mark'",
            ],
        ),
        (
            (
                "keys_file: keys.txt\nmarks:\n  - mark: lexicl\n  - mark: kgw\n"
                "  - mark: lexical\n    with: {rate: 1}"
            ),
            [
                "3:11: unknown mark 'lexicl', did you mean 'lexical'?",
                "4:11: missing setting 'tokenizer'",
                "6:12: unknown setting 'rate', known are '",
            ],
        ),
        (
            "keys_file: keys.txt\nmarks:\n  - mark: lexical\n  - mark: lexical",
            ["4:11: 'lexical' is there already, give this one a 'name'"],
        ),
        (
            "marks:\n  - mark: lexical",
            ["2:11: mark 'lexical' has no keys, write 'keys: ${env:NAME}' or 'keys_file'"],
        ),
        (
            "keys_file: other.txt\nmarks:\n  - mark: lexical",
            ["1:12: 'other.txt' cannot be read: no such file or directory"],
        ),
        (
            "keys: k1:AAAA\nmarks:\n  - mark: lexical",
            ["1:7: key 1 of the keyring: the secret has 3 bytes, 32 are needed"],
        ),
        (
            "keys: ${env:NOT_SET}\nmarks:\n  - mark: lexical",
            ["1:7: environment variable 'NOT_SET' is not set"],
        ),
        (
            "keys_file: keys.txt\nmarks:\n  - {mark: gumbel, embed: true}",
            ["3:12: mark 'gumbel' is put in by generators alone, remove 'embed'"],
        ),
        (
            "keys_file: keys.txt\nmarks:\n  - {mark: spread_spectrum, with: {payload: xyz}}",
            ["3:12: payload: "],
        ),
    ],
)
def test_every_mistake_is_told_with_its_place(offered, text, problems):
    with pytest.raises(PolicyError) as refused:
        offered(text)

    told = str(refused.value).splitlines()
    assert len(told) == len(problems)
    for line, expected in zip(told, problems, strict=True):
        assert f"marks.yaml:{expected}" in line
