"""Credentials are found, and nothing but the credential; what only looks busy is left alone."""

import pkgutil
import re
from base64 import b64encode
from collections.abc import Iterator
from importlib import import_module

import detect_secrets.plugins
import pytest
from detect_secrets.plugins.base import BasePlugin, RegexBasedDetector
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from guardrails.checks.normalise import views
from guardrails.checks.regex import Patterns
from guardrails.checks.secrets.check import Secrets, entropy
from guardrails.checks.secrets.rules import LIBRARY, REPLACED, linear
from guardrails.core.content import Text

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\nabc==\n-----END RSA PRIVATE KEY-----"
AWS = "AKIAIOSFODNN7EXAMPLE"
JWT = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0."
    "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
)
RANDOM = "q7Rz9Kx2Lm8Pv4Tn6Wb3Yc5Hd1Jf0Gs"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c"


async def _found(text: str, **given_settings: object) -> list[tuple[str, str]]:
    check = Secrets(Secrets.Settings(**given_settings))
    findings = await check.inspect(Text(text, derived=views(text)))
    return [(each.category, text[each.where.start : each.where.end]) for each in findings]


@pytest.mark.parametrize(
    ("text", "category", "secret"),
    [
        (f"my key is {AWS}, keep it", "AWS_ACCESS_KEY", AWS),
        (f"key:\n{PEM}\nend", "PRIVATE_KEY", PEM),
        ("-----BEGIN PRIVATE KEY-----\nMIIEp\nand so on", "PRIVATE_KEY", None),
        (f"token {'ghp_' + 'a1B2' * 9}", "GITHUB_TOKEN", "ghp_" + "a1B2" * 9),
        (f"x github_pat_{'a1B2_' * 14} y", "GITHUB_TOKEN", None),
        (f"glpat-{'a1B2c' * 4} ", "GITLAB_TOKEN", "glpat-" + "a1B2c" * 4),
        (f"sk-ant-api03-{'aB3_' * 20}", "ANTHROPIC_KEY", f"sk-ant-api03-{'aB3_' * 20}"),
        (f"sk-proj-{'aB3_' * 20}", "OPENAI_KEY", f"sk-proj-{'aB3_' * 20}"),
        (f"AIza{'aB3_x' * 7} .", "GOOGLE_API_KEY", f"AIza{'aB3_x' * 7}"),
        (f"sk_live_{'a1B2' * 6}", "STRIPE_KEY", f"sk_live_{'a1B2' * 6}"),
        ("xoxb-123456789012-abcdefghijklmnop", "SLACK_TOKEN", "xoxb-123456789012-abcdefghijklmnop"),
        (f"npm_{'a1B2' * 9}", "NPM_TOKEN", f"npm_{'a1B2' * 9}"),
        (f"pypi-AgEIcHlwaS5vcmc{'a1B2' * 20}", "PYPI_TOKEN", f"pypi-AgEIcHlwaS5vcmc{'a1B2' * 20}"),
        (f"hf_{'aBcD' * 8}ef", "HUGGING_FACE_TOKEN", f"hf_{'aBcD' * 8}ef"),
        (f"Bearer {JWT}.", "JSON_WEB_TOKEN", None),
        ("https://jane:s3cretpw@db.example.com/", "BASIC_AUTH", "s3cretpw"),
        ("Authorization: Bearer abcdef0123456789", "AUTHORIZATION_HEADER", "abcdef0123456789"),
        ('password = "hunter22x"', "SECRET_KEYWORD", "hunter22x"),
        ("{'api_key': 'hunter-two'}", "SECRET_KEYWORD", "hunter-two"),
        ("the password: Summer2024! ok", "SECRET_KEYWORD", "Summer2024!"),
        ("DB_PASSWORD=xK9mQ2vL", "SECRET_KEYWORD", None),
        (f"it is {RANDOM}.", "HIGH_ENTROPY_STRING", RANDOM),
        (f'salt = "{DIGEST}"', "HIGH_ENTROPY_STRING", DIGEST),
        (f"https://example.com/?x={RANDOM}", "HIGH_ENTROPY_STRING", RANDOM),
        (f"{AWS[:4]}\u200b{AWS[4:]}", "AWS_ACCESS_KEY", f"{AWS[:4]}\u200b{AWS[4:]}"),
    ],
)
async def test_finds_a_secret_once_and_alone(text, category, secret):
    ((found_category, found_secret),) = await _found(text)

    assert found_category == category
    if secret is not None:
        assert found_secret == secret


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The quick brown fox jumps over internationalization, misunderstandings and 3 dogs.",
        "550e8400-e29b-41d4-a716-446655440000",
        "commit d6fbf0e3a1b2c3d4e5f60718293a4b5c6d7e8f90 fixes `9f86d081884c7d659a2feaa0c55ad015`",
        f'"sha256": "{DIGEST}"',
        f"revision='{DIGEST[:40]}', id='{DIGEST[:24]}'",
        "https://user:pass@db.example.com/, https://user:<password>@db.example.com/",
        f"SHA-256: '{DIGEST}'",
        f"https://docs.example.com/d/{RANDOM}/edit",
        "getUserByIdentifierAndUpdateProfileVersion3(user)",
        "/usr/local/lib/python3.11/site-packages/detect_secrets/plugins",
        "THE_QUICK_BROWN_FOX_JUMPS_OVER_13_LAZY_DOGS",
        b64encode(b"these are the words of an ordinary sentence").decode(),
        f"background: url(data:image/png;base64,{RANDOM}{RANDOM})",
        "password: string, secret: required, pwd: undefined",
        '"password": "Enter your password", "secret": "<your secret>"',
        'password = os.environ["PASSWORD1"]',
        "password = getPassword2(user)",
        'setPassword("username1")',
        "The password must have 8 characters; the secret is patience.",
        "eyJub3QiOiJh.eyJub3QiOiJh",
        ".btn-primary-2a{color:#ff00ff;background:linear-gradient(90deg,#aabbcc,#ddeeff)}",
    ],
)
async def test_leaves_alone_what_is_no_secret(text):
    assert await _found(text) == []


@pytest.mark.parametrize(
    ("given_settings", "found"),
    [
        ({}, {"AWS_ACCESS_KEY", "HIGH_ENTROPY_STRING"}),
        ({"entropy": False}, {"AWS_ACCESS_KEY"}),
        ({"base64_limit": 6}, {"AWS_ACCESS_KEY"}),
        ({"kinds": ["HIGH_ENTROPY_STRING"]}, {"HIGH_ENTROPY_STRING"}),
        ({"allow": [AWS]}, {"HIGH_ENTROPY_STRING"}),
        ({"allow_patterns": ["AKIA.*EXAMPLE"]}, {"HIGH_ENTROPY_STRING"}),
        ({"allow_patterns": ["AKIA"]}, {"AWS_ACCESS_KEY", "HIGH_ENTROPY_STRING"}),  # not all of it
    ],
)
async def test_follows_its_settings(given_settings, found):
    text = f"{AWS} and {RANDOM}"

    assert {category for category, _ in await _found(text, **given_settings)} == found


@pytest.mark.parametrize(
    ("given_settings", "message"),
    [
        ({"kinds": ["AWS"]}, "unknown kind 'AWS', give one of AGE_KEY, ANTHROPIC_KEY,"),
        ({"allow_patterns": ["(?=a)"]}, "invalid perl operator"),
        ({"base64_limit": 9}, "less than or equal to 8"),
    ],
)
def test_refuses_settings_that_cannot_work(given_settings, message):
    with pytest.raises(ValidationError, match=message):
        Secrets.Settings(**given_settings)


@pytest.mark.parametrize(("text", "bits"), [("aaaa", 0), ("abab", 1), ("abcd", 2), ("", 0)])
def test_entropy_is_in_bits_for_each_character(text, bits):
    assert entropy(text) == bits


def _detectors() -> Iterator[type[BasePlugin]]:
    for module in pkgutil.iter_modules(detect_secrets.plugins.__path__):
        for each in vars(import_module(f"detect_secrets.plugins.{module.name}")).values():
            if (
                isinstance(each, type)
                and issubclass(each, BasePlugin)
                and hasattr(each, "secret_type")
            ):
                yield each


def test_no_detector_of_the_library_is_lost():
    concrete = {each.__name__ for each in _detectors() if not each.__abstractmethods__}

    assert {each.__name__ for each in LIBRARY} | REPLACED.keys() >= concrete
    assert {each.__name__ for each in LIBRARY}.isdisjoint(REPLACED)


@pytest.mark.parametrize(
    ("detector", "number"),
    [(detector, number) for detector in LIBRARY for number in range(len(list(detector.denylist)))],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(value),
)
@settings(
    max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(data=st.data())
def test_every_pattern_of_the_library_finds_what_it_found(
    detector: type[RegexBasedDetector], number: int, data: st.DataObject
):
    regex = list(detector.denylist)[number]
    text = data.draw(st.from_regex(re.compile(regex.pattern, regex.flags & ~re.UNICODE | re.ASCII)))
    original = regex.search(text)
    assume(original is not None)  # else it is Unicode that makes the difference
    assume("\v" not in text)  # no space to RE2

    matches = list(Patterns([linear(regex)]).search(text))

    assert any(
        match.span.start <= original.end() and match.span.end >= original.start()
        for match in matches
    )
