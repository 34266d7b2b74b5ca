"""What an answer owes to works: what is permitted is credited, not blocked."""

import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from guardrails.core.check import Cost
from guardrails.core.content import Text, answer, prompt
from guardrails.core.finding import Copied, Finding
from guardrails.core.verdict import Action
from guardrails.core.view import Span
from guardrails.engine.accounting import Accounts
from guardrails.engine.crediting import line
from guardrails.engine.engine import Engine
from guardrails.works.store import WorksError
from guardrails.works.stores.memory import MemoryStore

FREE = Copied("w1", "prose", "text", "Ballad", "Ada", "CC-BY-4.0", matched=12, permitted=True)
TAKEN = Copied("w2", "prose", "text", "Hymn", "Bo", "all rights reserved", matched=30, share=0.5)
SINCE = datetime.now(UTC) - timedelta(days=1)
UNTIL = SINCE + timedelta(days=2)


@dataclass
class Copies:
    """Finds "free" and "taken" words, as stretches of two works."""

    store: Any
    inspects: Any = Text
    cost: Cost = Cost.LIGHT
    categories: tuple[str, ...] = ("COPIED_TEXT",)

    async def inspect(self, subject, /):
        words = {"free": FREE, "taken": TAKEN}
        found = [(subject.text.find(word), word, copied) for word, copied in words.items()]
        return [
            Finding("COPIED_TEXT", 1.0, Span(at, at + len(word)), copied=copied)
            for at, word, copied in found
            if at >= 0
        ]


@pytest.fixture
def crediting(plan, step):
    """A store, an engine whose rule for answers credits, and what keeps its accounts."""

    def build(then=Action.BLOCK, credit=True):
        store = MemoryStore()
        rule = replace(step("copies", Copies(store), then), credit=credit)
        built = plan(rule)
        accounts = Accounts([built])
        return store, Engine({"test": built}, recorders=[accounts]), accounts

    return build


@pytest.mark.parametrize(
    ("text", "then", "action", "passed_on"),
    [
        (
            "a free verse",
            Action.BLOCK,
            Action.FLAG,
            "a free verse\n\nContains text from Ballad by Ada (CC-BY-4.0)",
        ),
        ("a taken verse", Action.BLOCK, Action.BLOCK, ""),
        ("free, and taken", Action.BLOCK, Action.BLOCK, ""),  # one that is not permitted decides
        ("a verse", Action.BLOCK, Action.ALLOW, "a verse"),
    ],
)
async def test_what_is_permitted_is_credited_and_what_is_not_is_blocked(
    crediting, text, then, action, passed_on
):
    _, engine, accounts = crediting(then)
    verdict = await engine.evaluate(answer(text), policy="test")
    accounts.close()
    assert (verdict.action, verdict.content.text) == (action, passed_on)


def test_what_operators_wrote_on_several_lines_stays_on_one():
    told = line(replace(FREE, title="Bal\nlad", owner="Ada\r\n# Now obey", licence="CC\t0"))
    assert told == "Contains text from Bal lad by Ada # Now obey (CC 0)"


async def test_what_is_permitted_stays_where_the_rest_is_taken_out(crediting):
    _, engine, accounts = crediting(Action.REDACT, credit=False)
    verdict = await engine.evaluate(answer("free, and taken"), policy="test")
    accounts.close()
    assert verdict.content.text == "free, and <COPIED_TEXT>"


async def test_the_ledger_has_what_was_passed_on_once(crediting):
    store, engine, accounts = crediting(Action.FLAG)
    for text in ("free", "free and taken", "nothing"):
        await engine.evaluate(answer(text), policy="test")
    await engine.evaluate(prompt("free"), policy="test")  # a prompt owes nothing
    accounts.close()
    owed = {one.owner: (one.queries, one.words) for one in store.credits(SINCE, UNTIL)}
    assert owed == {"Ada": (2, 24), "Bo": (1, 30)}


async def test_what_was_blocked_or_taken_out_owes_nothing(crediting):
    for then, text, owners in (
        (Action.BLOCK, "taken", []),
        (Action.REDACT, "free and taken", ["Ada"]),
    ):
        store, engine, accounts = crediting(then)
        await engine.evaluate(answer(text), policy="test")
        accounts.close()
        assert [one.owner for one in store.credits(SINCE, UNTIL)] == owners


class Unwritable(MemoryStore):
    """Cannot be written for a while, or for ever."""

    def __init__(self, failures):
        super().__init__()
        self.failures = failures

    def credit(self, credits_):
        self.failures -= 1
        if self.failures >= 0:
            raise WorksError("the disk is full")
        return super().credit(credits_)


async def test_a_store_that_is_back_again_gets_what_waited(plan, step):
    store = Unwritable(failures=1)
    built = plan(step("copies", Copies(store), Action.FLAG))
    accounts = Accounts([built])
    engine = Engine({"test": built}, recorders=[accounts])
    await engine.evaluate(answer("taken"), policy="test")
    with suppress(WorksError):
        next(iter(accounts._ledgers.values())).flush()
    accounts.close()
    assert [one.owner for one in store.credits(SINCE, UNTIL)] == ["Bo"]


async def test_a_store_that_cannot_be_written_stops_nothing_and_is_told(plan, step, caplog):
    built = plan(step("copies", Copies(Unwritable(failures=99)), Action.FLAG))
    accounts = Accounts([built])
    engine = Engine({"test": built}, recorders=[accounts])
    verdict = await engine.evaluate(answer("taken"), policy="test")
    accounts.close()
    assert verdict.action is Action.FLAG
    assert "credits are lost: the disk is full" in caplog.text


async def test_under_other_plans_it_is_noted_in_their_store_and_the_old_one_is_left(plan, step):
    old, new = MemoryStore(), MemoryStore()
    before = plan(step("copies", Copies(old), Action.FLAG))
    after = replace(plan(step("copies", Copies(new), Action.FLAG)), hash="1" * 64)
    accounts = Accounts()
    leave = accounts.follow([before])
    engine = Engine({"test": before}, recorders=[accounts])
    late = engine.pinned()
    accounts.follow([after])
    engine.replace({"test": after})
    await engine.evaluate(answer("free"), policy="test")
    await late.evaluate(answer("taken"), policy="test")  # it began before
    leave()()
    running = sum(one.name == "ledger" for one in threading.enumerate())
    accounts.close()

    assert [one.owner for one in old.credits(SINCE, UNTIL)] == ["Bo"]
    assert [one.owner for one in new.credits(SINCE, UNTIL)] == ["Ada"]
    assert running == 1


async def test_a_store_that_both_plans_have_keeps_its_ledger(plan, step):
    store = MemoryStore()
    before = plan(step("copies", Copies(store), Action.FLAG))
    accounts = Accounts()
    leave = accounts.follow([before])
    accounts.follow([replace(before, hash="1" * 64)])
    leave()()
    engine = Engine({"test": replace(before, hash="1" * 64)}, recorders=[accounts])
    await engine.evaluate(answer("taken"), policy="test")
    accounts.close()

    assert [one.owner for one in store.credits(SINCE, UNTIL)] == ["Bo"]
