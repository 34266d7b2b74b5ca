import asyncio
import logging
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pydantic import ValidationError

from guardrails.checks.normalise import views
from guardrails.checks.pii.check import Pii
from guardrails.checks.pii.entities import ENTITIES, NAMES, PATTERNS
from guardrails.checks.pii.own import OWN
from guardrails.checks.pii.recognisers import Recognisers, built
from guardrails.core.check import Cost
from guardrails.core.content import Exchange, Text
from guardrails.core.view import Span

SURE = 0.5


@pytest.fixture(scope="module")
def build(models):
    """Build the check from what stands in a policy."""
    return lambda **written: Pii(Pii.Settings.model_validate(written, context={"models": models}))


@pytest.fixture(scope="module")
def pii(build):
    return build()


@pytest.fixture(scope="module")
def dates(build):
    return build(entities=["DATE_TIME", "URL", "MAC_ADDRESS", "US_ITIN", "UK_NHS"])


async def found(check, text):
    """What a rule with the usual threshold would act on."""
    subject = Text(text, derived=views(text))
    return [
        (each.category, text[each.where.start : each.where.end])
        for each in await check.inspect(subject)
        if each.score >= SURE
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        # numbers with a checksum
        ("card 4111 1111 1111 1111", [("CREDIT_CARD", "4111 1111 1111 1111")]),
        ("pay with 5555-5555-5555-4444 now", [("CREDIT_CARD", "5555-5555-5555-4444")]),
        ("card 4111 1111 1111 1112", []),  # Luhn says no
        ("IBAN DE89370400440532013000", [("IBAN_CODE", "DE89370400440532013000")]),
        ("to GB82 WEST 1234 5698 7654 32", [("IBAN_CODE", "GB82 WEST 1234 5698 7654 32")]),
        ("IBAN DE89370400440532013001", []),  # mod 97 says no
        (
            "send it to 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
            [("CRYPTO", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2")],
        ),
        ("send it to 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", []),
        # numbers with rules
        ("my SSN is 536-22-8726", [("US_SSN", "536-22-8726")]),
        ("my SSN is 000-22-8726", []),  # never issued
        ("call +49 30 123456", [("PHONE_NUMBER", "+49 30 123456")]),
        ("call 212-555-0123", [("PHONE_NUMBER", "212-555-0123")]),
        ("(212) 555-0123 is my line", [("PHONE_NUMBER", "(212) 555-0123")]),
        ("version 49.30.12", []),
        ("order number 4455667788 of 2024-01-12", []),
        ("ISBN 978-3-16-148410-0", []),
        ("the server is 10.0.0.1", [("IP_ADDRESS", "10.0.0.1")]),
        ("ping 2001:db8::8a2e:370:7334", [("IP_ADDRESS", "2001:db8::8a2e:370:7334")]),
        ("address 10.0.0.999", []),
        # e-mail
        ("mail jane.doe@example.com now", [("EMAIL_ADDRESS", "jane.doe@example.com")]),
        ("mail me@example.notadomain", []),
        ("meet @ noon", []),
        # names and places
        ("My name is Jane Doe.", [("PERSON", "Jane Doe")]),
        ("ask Dr. O'Brien-Smith about it", [("PERSON", "O'Brien-Smith")]),
        (
            "I live at 12 Main Street, Springfield, IL 62704.",
            [("STREET_ADDRESS", "12 Main Street, Springfield, IL 62704")],
        ),
        ("talk to Anna and Bob", [("PERSON", "Anna"), ("PERSON", "Bob")]),
        ("je m'appelle Marie Curie", [("PERSON", "Marie Curie")]),
        ("weather in Paris", []),
        ("Apple released a phone", []),
        ("room 42, floor 3", []),
        ("Hello World! How are you today?", []),
    ],
)
async def test_personal_data_is_found_and_near_misses_are_not(pii, text, expected):
    assert await found(pii, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("born 1984-07-21", [("DATE_TIME", "1984-07-21")]),
        ("see https://example.com/a?b=c", [("URL", "https://example.com/a?b=c")]),
        ("mac 00:1A:2B:3C:4D:5E", [("MAC_ADDRESS", "00:1A:2B:3C:4D:5E")]),
        ("NHS 943 476 5919", [("UK_NHS", "943 476 5919")]),
        ("NHS 943 476 5918", []),
    ],
)
async def test_what_is_asked_for_by_name_is_found(dates, text, expected):
    assert await found(dates, text) == expected


async def test_all_of_a_busy_text_is_found(pii):
    text = (
        "My name is Jane Doe. I live at 12 Main Street, Springfield. Mail jane.doe@example.com "
        "or call +49 30 123456; my card is 4111 1111 1111 1111 and my SSN 536-22-8726."
    )
    assert await found(pii, text) == [
        ("PERSON", "Jane Doe"),
        ("STREET_ADDRESS", "12 Main Street, Springfield"),
        ("EMAIL_ADDRESS", "jane.doe@example.com"),
        ("PHONE_NUMBER", "+49 30 123456"),
        ("CREDIT_CARD", "4111 1111 1111 1111"),
        ("US_SSN", "536-22-8726"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jane.doe@example.com".replace("a", "a\u200b"), "EMAIL_ADDRESS"),
        ("４１１１ １１１１ １１１１ １１１１", "CREDIT_CARD"),
    ],
)
async def test_a_disguised_number_is_found_where_it_stands(pii, text, expected):
    text = f"use {text} please"
    [(category, where)] = await found(pii, text)
    assert category == expected
    assert where.strip("\u200b") == text[4:-7].strip("\u200b")


async def test_what_base64_hides_is_found_and_the_evidence_says_so(pii):
    text = "aGVsbG8sIG15IG1haWwgaXMgamFuZS5kb2VAZXhhbXBsZS5jb20gdGhhbmtz is what she sent"
    [finding] = await pii.inspect(Text(text, derived=views(text)))
    assert (finding.category, finding.where.start, finding.where.end) == ("EMAIL_ADDRESS", 0, 60)
    assert finding.evidence == "found by its pattern, decoded from base64"


async def test_a_checksum_is_believed_before_the_model_even_when_it_is_not_asked_for(build):
    names = build(entities=["PHONE_NUMBER", "PERSON"])
    assert await found(names, "card 4111 1111 1111 1111, SSN 536-22-8726") == []
    assert names.categories == ("PHONE_NUMBER", "PERSON")


async def test_what_is_allowed_passes(build):
    check = build(allow=["Support@Example.com", "anna"])
    text = "talk to Anna and Bob. Mail support@example.com or bob@example.com."
    assert await found(check, text) == [("PERSON", "Bob"), ("EMAIL_ADDRESS", "bob@example.com")]


@pytest.mark.parametrize("before", [3_000, 4_070, 4_090, 4_096, 4_100, 8_190, 100_000])
async def test_it_is_found_wherever_in_a_long_text_it_stands(build, before):
    check = build(entities=["EMAIL_ADDRESS", "CREDIT_CARD"])
    text = f"{'x ' * (before // 2)}jane.doe@example.com 4111 1111 1111 1111 {'y ' * 3_000}"
    assert await found(check, text) == [
        ("EMAIL_ADDRESS", "jane.doe@example.com"),
        ("CREDIT_CARD", "4111 1111 1111 1111"),
    ]


@pytest.mark.parametrize("text", ["a" * 200_000, "4" * 200_000, "a@" * 100_000, "a." * 100_000])
async def test_no_text_takes_more_than_linear_time(build, text):
    check = build(entities=["EMAIL_ADDRESS", "CREDIT_CARD", "IP_ADDRESS", "URL", "IBAN_CODE"])
    async with asyncio.timeout(60):  # Presidio's own pattern of a URL takes minutes
        await check.inspect(Text(text))


@examples(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(max_size=80))
async def test_any_text_can_be_looked_at(pii, text):
    first = await pii.inspect(Text(text))
    assert all(0 <= each.where.start < each.where.end <= len(text) for each in first)
    assert all(0 <= each.score <= 1 for each in first)
    assert await pii.inspect(Text(text)) == first


async def test_many_threads_may_look_at_once(build):
    check = build(entities=["EMAIL_ADDRESS", "CREDIT_CARD", "US_SSN"])
    text = "jane.doe@example.com " * 50

    def look(_):
        return asyncio.run(check.inspect(Text(text)))

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(look, range(8)))
    assert all(len(result) == 50 for result in results)


def test_the_network_is_never_asked(build, monkeypatch):
    def refuse(*_):
        pytest.fail("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    check = build(entities=["EMAIL_ADDRESS", "URL"])
    matches = asyncio.run(check._recognisers.find("jane@example.co.uk https://example.com"))
    assert {match.entity for match in matches} == {"EMAIL_ADDRESS", "URL"}


def test_what_users_wrote_is_never_logged(caplog):
    recognisers = Recognisers(list(PATTERNS))
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    secret = (
        "jane.doe@example.com 4111111111111111 DE89 3704 0044 05\u017f2 0130 00 GB82WE\u212aT1234"
    )
    recognisers.within(secret, Span(0, len(secret)))
    for piece in ("jane", "4111", "DE89", "GB82"):
        assert piece not in caplog.text


def test_every_pattern_reports_the_entity_that_it_is_listed_under():
    for entity in {*PATTERNS, *OWN, "DOMAIN_NAME"}:
        assert built(entity).supported_entities == [entity]


@pytest.mark.parametrize("model", ["rampart", "pii_ner"])
def test_every_label_of_a_shipped_model_is_an_entity(models, model):
    labels = set(models.open(model).labels)
    assert {NAMES.get(label, label) for label in labels} <= set(ENTITIES)


@pytest.mark.parametrize(
    ("entities", "message"),
    [
        (["EMAIL"], "unknown entity 'EMAIL', did you mean 'EMAIL_ADDRESS'?"),
        (["person"], "unknown entity 'person', did you mean 'PERSON'?"),
        (["§"], f"unknown entity '§', known are {', '.join(ENTITIES)}"),
        ([], "at least 1 item"),
    ],
)
def test_an_unknown_entity_is_an_error_with_a_way_out(build, entities, message):
    with pytest.raises(ValidationError) as caught:
        build(entities=entities)
    assert message in str(caught.value)


def test_a_name_cannot_be_found_without_a_model(build):
    with pytest.raises(ValidationError, match="'PERSON' is found by a model alone, name one"):
        build(entities=["EMAIL_ADDRESS", "PERSON"], model=None)


def test_numbers_alone_need_no_model_and_open_none():
    class NoModels:
        def open(self, name):
            pytest.fail(f"opened '{name}'")

    written = {"entities": ["CREDIT_CARD", "EMAIL_ADDRESS"]}
    settings = Pii.Settings.model_validate(written, context={"models": NoModels()})
    assert Pii(settings).cost is Cost.LIGHT


def test_names_need_a_model(pii):
    assert pii.cost is Cost.MODEL


@pytest.mark.parametrize(
    ("prompt", "answer", "expected"),
    [
        ("I am Jane Doe", "Hello Jane Doe!", []),
        ("I am JANE  doe", "Hello Jane Doe!", []),
        ("call (212) 555-0123", "I called 212-555-0123", []),
        ("I am Jane Doe", "jane.doe@example.com is it", ["jane.doe@example.com"]),
        ("", "Hello Jane Doe!", ["Jane Doe"]),
        ("janet and doet", "Hello Jane Doe!", ["Jane Doe"]),
    ],
)
async def test_an_answer_may_say_what_the_prompt_said(build, prompt, answer, expected):
    check = build(allow=["from_prompt"])
    findings = await check.inspect(Exchange((Text(prompt),), Text(answer)))

    assert check.inspects is Exchange
    assert [answer[one.where.start : one.where.end] for one in findings if one.score >= SURE] == (
        expected
    )


@pytest.mark.parametrize("text", ["<PERSON_1>", "<PERSON_k1_7Q4ZK3TBN2ARW5XE>", "<PERSON>"])
async def test_what_stands_for_a_name_already_is_none(pii, text):
    assert await found(pii, f"Dear {text}, my name is {text}.") == []
