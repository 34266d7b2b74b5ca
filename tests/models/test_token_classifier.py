import asyncio

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardrails.models.sharing import sharing
from guardrails.models.token_classifier import OnnxTokenClassifier

PEOPLE = ["Jane Doe", "Arnold Schwarzenegger", "Maria Keller", "Bob"]
FILLER = "the report was read by all of them and nobody had a question about it"
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


@pytest.fixture
def rampart(models):
    return models.open("rampart")


@pytest.fixture
def counted(rampart, monkeypatch):
    """The real model, with its runs counted."""
    runs = []
    real = rampart._session.run

    class Counted:
        inputs, outputs = rampart._session.inputs, rampart._session.outputs

        @staticmethod
        def run(feed):
            runs.append(feed["input_ids"].shape)
            return real(feed)

    monkeypatch.setattr(rampart, "_session", Counted)
    return runs


def named(text, tagged):
    return [(each.label, text[each.span.start : each.span.end]) for each in tagged]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("weather in Paris", []),
        ("My name is Jane Doe.", [("GIVEN_NAME", "Jane"), ("SURNAME", "Doe")]),
        ("😀 ask Maria Keller", [("GIVEN_NAME", "Maria"), ("SURNAME", "Keller")]),
        ("mail jane.doe@example.com", [("EMAIL", "jane.doe@example.com")]),
        ("passport number X1234567", [("PASSPORT", "X1234567")]),
        (
            "I live at 12 Main Street, Springfield",
            [("BUILDING_NUMBER", "12"), ("STREET_NAME", "Main Street"), ("CITY", "Springfield")],
        ),
    ],
)
async def test_it_names_what_it_knows(rampart, text, expected):
    assert named(text, await rampart.tag(text)) == expected


@pytest.mark.parametrize("size", [1, 8, 64])
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(rng=st.randoms(use_true_random=True))
def test_labels_and_scores_do_not_depend_on_the_company(rampart, size, rng):
    def row():
        words = rng.choices([*FILLER.split(), *PEOPLE, "212-555-0123"], k=rng.randint(1, 40))
        tokens = rampart._reader._tokenizer.read(" ".join(words))
        return rampart._reader._between_markers(tokens.ids[:60])

    mine, others = row(), [row() for _ in range(size - 1)]
    place = rng.randrange(size)
    [alone] = rampart._run([mine])
    among = rampart._run([*others[:place], mine, *others[place:]])[place]
    assert among.kinds.tolist() == alone.kinds.tolist()
    assert among.begins.tolist() == alone.begins.tolist()
    assert np.allclose(among.scores, alone.scores, rtol=0, atol=5e-5)


async def test_many_requests_at_once_get_what_each_gets_alone(rampart):
    texts = [f"{FILLER} " * (number % 7) + f"and {PEOPLE[number % 4]} too" for number in range(64)]
    alone = [await rampart.tag(text) for text in texts]
    together = await asyncio.gather(*map(rampart.tag, texts))
    for one, other in zip(alone, together, strict=True):
        assert [(each.label, each.span) for each in one] == [
            (each.label, each.span) for each in other
        ]
        assert [each.score for each in one] == pytest.approx(
            [each.score for each in other], abs=1e-4
        )


@pytest.mark.parametrize("before", range(60, 140, 7))
async def test_a_name_is_found_wherever_in_a_long_text_it_stands(rampart, before):
    text = f"{'word ' * before}My name is Arnold Schwarzenegger. {'word ' * 100}"
    assert "Schwarzenegger" in [name for _, name in named(text, await rampart.tag(text))]


async def test_checks_of_one_request_share_a_pass(rampart, counted):
    with sharing():
        first, second = await asyncio.gather(rampart.tag("I am Bob."), rampart.tag("I am Bob."))
        third = await rampart.tag("I am Bob.")
    assert len(counted) == 1
    assert first == second == third
    await rampart.tag("I am Bob.")
    assert len(counted) == 2


async def test_a_long_text_lets_others_in_between_its_batches(rampart, counted):
    long = asyncio.create_task(rampart.tag("word " * 5000))
    while not counted:  # noqa: ASYNC110  # the count is kept by another thread
        await asyncio.sleep(0)
    await rampart.tag("I am Bob.")
    runs = len(counted)
    await long
    assert runs < len(counted) / 2


async def test_a_long_text_that_nobody_waits_for_any_more_stops_running(rampart, counted):
    long = asyncio.create_task(rampart.tag("word " * 5000))
    while not counted:  # noqa: ASYNC110  # the count is kept by another thread
        await asyncio.sleep(0)
    long.cancel()
    await asyncio.wait([long])
    await rampart.tag("I am Bob.")
    assert len(counted) < 5


async def test_padding_is_masked_and_markers_are_put_around(manifest, net, words):
    session = net(lambda feed: np.zeros((*feed["input_ids"].shape, 3), np.float32), INPUTS)
    tiny = manifest(task="token-classification", labels=("O", "B-NAME", "I-NAME"))
    model = OnnxTokenClassifier(tiny, tiny.text, session, words)
    model._run([np.array([101, 5, 102]), np.array([101, 102])])
    model.close()
    [fed] = session.fed
    assert fed["input_ids"].tolist() == [[101, 5, 102], [101, 102, 0]]
    assert fed["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]
    assert not fed["token_type_ids"].any()


async def test_a_net_is_fed_the_inputs_that_it_has(manifest, net, words):
    session = net(lambda feed: np.zeros((*feed["input_ids"].shape, 2)), INPUTS[:2])
    tiny = manifest(task="token-classification", labels=("O", "B-NAME"))
    model = OnnxTokenClassifier(tiny, tiny.text, session, words)
    assert await model.tag("some words") == []
    model.close()
    assert set(session.fed[0]) == set(INPUTS[:2])
