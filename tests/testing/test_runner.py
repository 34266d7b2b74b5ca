"""Cases run with stubs, with real models, or against a sidecar; nothing passes by mistake."""

from pathlib import Path

import pytest

from guardrails.core.errors import SidecarError, UnknownPolicyError
from guardrails.engine.engine import Engine
from guardrails.testing.results import Broken
from guardrails.testing.runner import run as run_suite
from guardrails.testing.runner import suites_in

SUITE = """\
policy: chat
models:
  pii_ner: {Ada Lovelace: PERSON}
  opennsfw: {nsfw: 0.9}
cases:
  - {name: from the suite, input: Ada Lovelace, expect: redact, by: [pii.PERSON]}
  - name: another model in the case
    input: [Ada Lovelace, {image: dot.png}]
    models: {opennsfw: {nsfw: 0.1}}
    expect: redact
  - name: the same model in the case
    input: Ada Lovelace and Grace Hopper
    models: {pii_ner: {Grace Hopper: PERSON}}
    expect: redact
    passes_on: Ada Lovelace and <PERSON>
  - {name: from the suite again, input: [{image: dot.png}], expect: block}
"""

TWO_WORLDS = """\
policy: chat
cases:
  - {name: stubbed, input: [{image: dot.png}], models: {opennsfw: {nsfw: 1}}, expect: block, only: stubbed}
  - {name: live, input: I am Ada Lovelace, expect: redact, by: [pii.PERSON], only: live}
  - {name: both, input: zephyr, expect: redact, models: {pii_ner: {zephyr: PERSON}}}
"""  # noqa: E501  # a case a line


def engine(plan):
    return Engine({plan.name: plan})


async def test_a_model_named_in_a_case_says_nothing_else(trying):
    result = await trying(SUITE)

    assert [(trial.outcome, trial.mismatches) for trial in result.trials] == [("passed", ())] * 4


async def test_cases_for_real_models_are_skipped_with_stubs_and_say_so(trying):
    result = await trying(TWO_WORLDS)

    assert [(trial.outcome, trial.skipped) for trial in result.trials] == [
        ("passed", ""),
        ("skipped", "needs real models"),
        ("passed", ""),
    ]
    assert not result.failed


async def test_cases_for_stubs_are_skipped_with_real_models_and_say_so(writing, models):
    result = await run_suite(writing(TWO_WORLDS), models, engine)

    assert [(trial.outcome, trial.skipped) for trial in result.trials] == [
        ("skipped", "needs stubbed models"),
        ("passed", ""),
        ("passed", ""),
    ]


async def test_real_models_do_not_say_what_stubs_say(writing, models):
    result = await run_suite(writing(SUITE), models, engine)

    assert [trial.outcome for trial in result.trials] == ["passed", "passed", "failed", "failed"]
    assert result.trials[3].mismatches[0].message.startswith("expected block, got allow")


async def test_a_plan_has_the_same_hash_with_stubs_as_in_service(trying, models):
    stubbed = await trying(SUITE)
    live = await run_suite(Path("chat_test.yaml"), models, engine)

    assert stubbed.plan.hash == live.plan.hash


class Refuses:
    def __init__(self, error):
        self._error = error

    async def evaluate(self, *_, **__):
        raise self._error


async def test_a_sidecar_without_the_policy_fails_every_case(writing, stubs):
    refuses = Refuses(UnknownPolicyError("no policy 'chat' is loaded, there is: none"))

    result = await run_suite(writing(TWO_WORLDS), stubs, lambda _: refuses)

    assert [trial.outcome for trial in result.trials] == ["skipped", "failed", "failed"]
    [mismatch] = result.trials[1].mismatches
    assert mismatch.message == "not judged: no policy 'chat' is loaded, there is: none"


async def test_a_sidecar_out_of_reach_is_no_verdict_on_the_policy(writing, stubs):
    with pytest.raises(SidecarError):
        await run_suite(writing(SUITE), stubs, lambda _: Refuses(SidecarError("gone")))


@pytest.mark.parametrize(
    ("files", "text", "broken"),
    [
        ({}, SUITE.replace("expect: block", "expcet: block"), Broken.SUITE),
        ({}, SUITE.replace("policy: chat", "policy: cat"), Broken.SUITE),
        ({"chat.yaml": "policy: chat\ninput: [{check: pi}]"}, SUITE, Broken.POLICY),
    ],
)
async def test_of_a_broken_file_no_case_is_tried(writing, trying, files, text, broken):
    for name, content in files.items():
        writing(content, name)

    result = await trying(text)

    assert result.broken is broken
    assert result.failed
    assert result.trials == ()


def test_suites_are_found_below_a_directory_but_not_in_hidden_ones(folder):
    for name in ("b_test.yaml", "a/c_test.yml", ".git/d_test.yaml", "a/test.yaml", "a/e.yaml"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()

    assert [str(path) for path in suites_in(Path())] == ["a/c_test.yml", "b_test.yaml"]
