"""What our own recognisers find by form alone, and what they leave."""

import asyncio
from time import perf_counter

import pytest

from guardrails.checks.pii.entities import PATTERNED
from guardrails.checks.pii.recognisers import (
    NEEDED,
    SLIGHTLY_CHECKED,
    WORDY,
    Recogniser,
    Recognisers,
    built,
)
from guardrails.core.view import Span

SURE = 0.5
ALL = Recognisers(sorted(PATTERNED))


@pytest.fixture(scope="module")
def look():
    """What one recogniser is sure of, in a text."""
    recognisers = {}

    def found(entity, text):
        if entity not in recognisers:
            recognisers[entity] = Recognisers([entity])
        matches = recognisers[entity].within(text, Span(0, len(text)))
        sure = {match.span for match in matches if match.score >= SURE}
        longest = [
            each
            for each in sure
            if not any(
                one != each and one.start <= each.start and each.end <= one.end for one in sure
            )
        ]
        return [text[each.start : each.end] for each in sorted(longest, key=lambda one: one.start)]

    return found


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("on 3 May 2024 and the 3rd of May", ["3 May 2024", "3rd of May"]),
        ("Tuesday, July 30, 1940 it was", ["Tuesday, July 30, 1940"]),
        ("am 3. Mai 2024, le 1er janvier 2020", ["3. Mai 2024", "1er janvier 2020"]),
        ("el 28 de agosto de 2007, em março de 2011", ["28 de agosto de 2007", "março de 2011"]),
        ("il 5 maggio 1821, dnia 11 listopada 1918", ["5 maggio 1821", "11 listopada 1918"]),
        ("14-Mar-1979 or 14-Mar-79, 13 Nov 86", ["14-Mar-1979", "14-Mar-79", "13 Nov 86"]),
        ("2024-05-01T10:20:30Z", ["2024-05-01T10:20:30Z"]),
        ("01.01.1997, 9/28/22, 2024/05/01", ["01.01.1997", "9/28/22", "2024/05/01"]),
        ("born 12.05.99", ["12.05.99"]),
        ("at 10:30 pm", ["10:30 pm"]),
        ("section 4.3.47 of 1/2/3/4/5 at 10.0.0.1", []),
        ("you may 5 times, sat 4 people, mar 3", []),
    ],
)
def test_dates_are_found_in_all_their_forms(look, text, dates):
    assert look("DATE_TIME", text) == dates


@pytest.mark.parametrize(
    ("entity", "text", "found"),
    [
        ("AGE", "a 34-year-old, aged 43, 27 y/o, age: 51", ["34", "43", "27", "51"]),
        ("AGE", "tengo 30 años, ein 40 Jahre alter Mann", ["30", "40"]),
        ("AGE", "5 years of support, page 34, I'm 100.5 percent sure", []),
        ("STREET_ADDRESS", "at 12 Main Street, Apt 4B now", ["12 Main Street, Apt 4B"]),
        ("STREET_ADDRESS", "12 main street is it", ["12 main street"]),
        ("STREET_ADDRESS", "in der Musterstraße 12", ["Musterstraße 12"]),
        ("STREET_ADDRESS", "P.O. Box 123", ["P.O. Box 123"]),
        ("STREET_ADDRESS", "the street of 1000 cars", []),
        ("ZIP_CODE", "Springfield, IL 62704 and zip 10115", ["62704", "10115"]),
        ("ZIP_CODE", "it took 62704 steps", []),
        ("TITLE", "Dr. Grey met Mrs Smith and prof. jones", ["Dr.", "Mrs", "prof."]),
        ("TITLE", "5 ms later I miss Bob, sir", []),
        ("MEDICAL_RECORD", "MRN 00482913 was filed", ["00482913"]),
        ("MEDICAL_RECORD", "order 00482913 was filed", []),
        ("PASSWORD", "the password is hunter2! and more", ["hunter2!"]),
        ("PASSWORD", "the password is wrong and was reset", []),
        ("USERNAME", "user=jdoe, username: ann.b", ["jdoe", "ann.b"]),
        ("USERNAME", "ask @jdoe42 about it", ["@jdoe42"]),
        ("USERNAME", "@dataclass\nclass A: ...\n@app.route('/')\nmail a@b.example", []),
        ("API_KEY", "AKIAIOSFODNN7EXAMPLE", ["AKIAIOSFODNN7EXAMPLE"]),
        ("API_KEY", "export API_TOKEN=tok_C71QhS3ClmPk95zKpL9rP3", ["tok_C71QhS3ClmPk95zKpL9rP3"]),
        ("API_KEY", "the key is under the doormat", []),
        ("LICENSE_PLATE", "number plate B-AB 1234 and so on", ["B-AB 1234"]),
        ("LICENSE_PLATE", "section B-AB 1234", []),
        ("VIN", "1HGCM82633A004352", ["1HGCM82633A004352"]),
        ("VIN", "1HGCM82633A004353", []),
        ("VIN", "VIN 1HGCM82633A004353", ["1HGCM82633A004353"]),
        (
            "CRYPTO",
            "0x52908400098527886E0F7030069857D2E4169EE7 is it",
            ["0x52908400098527886E0F7030069857D2E4169EE7"],
        ),
        (
            "CRYPTO",
            "btc to 1kkyrgwr7dxujeq89w8kga5nwgxry7dak",
            ["1kkyrgwr7dxujeq89w8kga5nwgxry7dak"],
        ),
        ("CRYPTO", "commit 1kkyrgwr7dxujeq89w8kga5nwgxry7dak", []),
        ("EMAIL_ADDRESS", "jane [at] example [dot] org", ["jane [at] example [dot] org"]),
        ("DOMAIN_NAME", "see example.org, foo.bar.baz and B.Sc.", ["example.org"]),
        ("IP_ADDRESS", "x[1::2], y[::3] and std::cout", []),
        ("IP_ADDRESS", "bind to ::1 or fe80::1", ["::1", "fe80::1"]),
        ("US_SSN", "my SSN 536228726", ["536228726"]),
        ("US_SSN", "order 536228726", []),
        ("US_PASSPORT", "we use 123456789 of them", []),  # "us" is no clue
        ("US_PASSPORT", "passport 123456789", ["123456789"]),
        ("IN_AADHAAR", "Aadhaar 4609 8818 6456", ["4609 8818 6456"]),  # a slip of the pen
    ],
)
def test_a_form_is_found_and_its_near_misses_are_not(look, entity, text, found):
    assert look(entity, text) == found


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("9434765919", 1.0),  # nothing else is said
        ("NHS number 943 476 5919", 1.0),
        ("he said 943 476 5919", 0.6),
        ("set x to 9434765919", 0.4),
    ],
)
def test_a_checksum_that_one_number_in_ten_passes_proves_little(text, score):
    matches = Recognisers(["UK_NHS"]).within(text, Span(0, len(text)))
    assert [match.score for match in matches] == [score]


@pytest.mark.parametrize("entity", sorted(PATTERNED))
def test_what_a_recogniser_needs_is_in_all_that_it_finds(entity):
    """A text that lacks it is skipped unseen: so nothing may be found in such a text."""
    text = (
        "call the bank, my Passport and plate ABC DEF GHI: jane doe at home, IBAN, ab cd ef, xyz "
    )
    everything = Recogniser(built(entity))
    if entity not in WORDY:
        assert not list(everything.matches(text + "a.b " * (entity not in NEEDED)))


def test_tables_name_entities_that_there_are():
    assert {*NEEDED, *WORDY, *SLIGHTLY_CHECKED} <= PATTERNED


@pytest.mark.parametrize(
    "unit",
    [
        " ",
        "\n",
        "1/1/",
        "12 34 56 78 ",
        "password is ",
        "a [at] ",
        "12 Main ",
        "May 3 ",
        "key=",
        "word 1 ",
    ],
)
def test_hostile_text_costs_time_in_proportion(unit):
    def timed(length):
        started = perf_counter()
        asyncio.run(ALL.find((unit * length)[:length]))
        return perf_counter() - started

    timed(2_000)
    short = min(timed(10_000) for _ in range(2))
    assert timed(40_000) < 10 * short + 0.5
