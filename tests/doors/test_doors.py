"""The same verdict through every door: that of ``Engine.evaluate``."""

import json

import pytest

from guardrails.core.verdict import Action
from tests.doors.doors import DOORS
from tests.doors.table import CASES, DOES, NICKNAME, POLICIES, REPLY, TELLING
from tests.doors.ways import texts


def outline(verdict):
    """All of a verdict but its id, its times and its content."""
    if verdict is None:
        return None
    reports = sorted(
        (
            one.rule,
            one.check,
            one.outcome.value,
            one.action.word,
            one.parts,
            one.reason,
            sorted((f.category, f.part, f.where.start, f.where.end, f.score) for f in one.findings),
        )
        for one in verdict.reports
    )
    policy = (verdict.policy, verdict.policy_hash, verdict.stage.value)
    return verdict.action, reports, policy, verdict.reply, bool(verdict.sealed)


def _row(door, name, policy):
    row = f"{door.name}-{name}-{policy}"
    return pytest.param(door, CASES[name], policy, id=row)


def _matters(door, name, policy):
    """Whether a row can differ from another: ``needs`` is for streams alone."""
    return policy == "windows" or (name in TELLING and (door.streams or policy != "whole"))


ROWS = [
    _row(door, name, policy)
    for door in DOORS
    for name, case in CASES.items()
    for policy in POLICIES
    if door.carries(case) and _matters(door, name, policy)
]


@pytest.mark.parametrize("name", CASES)
def test_the_engine_does_what_the_case_is_called(doors, name):
    prompt, answer = doors.expected(DOORS[0], CASES[name], "windows")

    done = (prompt.action.word, None if answer is None else answer.action.word)

    assert done == DOES.get(name, ("allow", "allow"))


@pytest.mark.parametrize(("door", "case", "policy"), ROWS)
def test_the_verdict_is_the_engines(doors, door, case, policy):
    prompt, answer = doors.expected(door, case, policy)

    told = doors.go(door, case, policy)

    assert outline(told.prompt) == outline(prompt)
    assert outline(told.answer) == outline(answer)
    assert told.got == (None if prompt.blocked else texts(prompt))
    _must_be_shown(told, answer, case, door)
    if told.decisions is not None:
        assert told.decisions == [one.id for one in (told.prompt, told.answer) if one is not None]


def _must_be_shown(told, answer, case, door):
    if answer is None:
        assert told.shown == ([REPLY] if told.prompt.blocked else [])
    elif answer.action is not Action.BLOCK:
        assert "\0".join(told.shown) == "\0".join(texts(answer))
    elif not door.streams:
        assert told.shown == [REPLY]
    else:
        _must_end_in_the_reply(told.shown, case)


def _must_end_in_the_reply(shown, case):
    """What was judged before a block is said already; none of what is blocked is."""
    text, *arguments = shown
    said = text.removesuffix(REPLY).removesuffix("\n\n")
    assert text.endswith(REPLY)
    assert case.says.startswith(said)
    assert "forbidden" not in said
    assert not any(arguments)


CALLING = [
    pytest.param(one, id=one.name)
    for one in DOORS
    if one.shape.calls and (one.name.startswith("chunks") or "/v1" in one.name)
]


@pytest.mark.parametrize("door", CALLING)
def test_a_value_that_is_put_back_leaves_arguments_that_can_be_read(doors, door):
    told = doors.go(door, NICKNAME, "windows")

    *_, arguments = told.shown
    plain = door.shape.path == "/v1/messages" and not door.streams
    assert (arguments if plain else json.loads(arguments)["q"]) == 'Ada "Cat" Love'
