"""What was sealed in a prompt comes back in its answer, to its owner and nobody else."""

import asyncio
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.core.check import Cost
from guardrails.core.content import Caller, Content, Stage, Surface, Text, answer, prompt
from guardrails.core.errors import ContentError
from guardrails.core.finding import Finding
from guardrails.core.verdict import Action
from guardrails.core.view import Span
from guardrails.engine.engine import Engine
from guardrails.engine.recurrence import recurring
from guardrails.hiding.terms import Scope, Terms
from guardrails.hiding.vaults import SqliteVault
from guardrails.keyring import Keyring
from guardrails.policy.terms import RedactAs

RING = Keyring.parse("k1:" + "QUFB" * 11)
ACME = Caller("acme", "customer 7")


@pytest.fixture
def hiding(plan, step, finds):
    """An engine whose one rule hides "Ada Lovelace" in a style."""

    def build(style, terms=Terms(RING), name="test"):  # noqa: B008  # frozen
        rule = step("names", finds("Ada Lovelace", category="PERSON"), Action.REDACT)
        built = replace(plan(replace(rule, redact_as=style)), terms=terms, name=name)
        return Engine({name: built})

    return build


def asked(text, caller=ACME):
    return replace(prompt(text), caller=caller)


def answered(text, sealed, caller=ACME):
    return replace(answer(text), caller=caller, sealed=sealed)


def text_of(verdict):
    return verdict.content.text


async def test_a_value_is_hidden_from_the_model_and_back_in_the_answer(hiding):
    engine = hiding(RedactAs.SEALED)

    there = await engine.evaluate(asked("I am Ada Lovelace, Ada Lovelace."), policy="test")
    back = await engine.evaluate(answered("Dear **<Person 1>**, bye", there.sealed), policy="test")

    assert text_of(there) == "I am <PERSON_1>, <PERSON_1>."
    assert there.action is Action.REDACT
    assert "Lovelace" not in there.sealed
    assert text_of(back) == "Dear **Ada Lovelace**, bye"
    assert back.action is Action.ALLOW


async def test_what_the_model_volunteers_is_hidden_even_where_values_come_back(hiding):
    engine = hiding(RedactAs.SEALED)
    there = await engine.evaluate(asked("I am Ada Lovelace."), policy="test")

    back = await engine.evaluate(
        answered("<PERSON_1>, alias Ada Lovelace", there.sealed), policy="test"
    )

    assert re.fullmatch(r"Ada Lovelace, alias <PERSON_\d>", text_of(back))


@pytest.mark.parametrize("caller", [Caller("other"), Caller()])
async def test_another_tenant_opens_nothing(hiding, caller):
    engine = hiding(RedactAs.SEALED)
    there = await engine.evaluate(asked("I am Ada Lovelace."), policy="test")

    with pytest.raises(ContentError, match="not sealed for this tenant and policy"):
        await engine.evaluate(answered("<PERSON_1>", there.sealed, caller), policy="test")


async def test_another_policy_opens_nothing(hiding):
    there = await hiding(RedactAs.SEALED).evaluate(asked("Ada Lovelace"), policy="test")

    with pytest.raises(ContentError, match="not sealed for this tenant and policy"):
        await hiding(RedactAs.SEALED, name="mail").evaluate(
            answered("<PERSON_1>", there.sealed), policy="mail"
        )


async def test_an_old_token_says_what_to_do(hiding):
    engine = hiding(RedactAs.SEALED, Terms(RING, expires=-5.0))
    there = await engine.evaluate(asked("Ada Lovelace"), policy="test")

    with pytest.raises(ContentError, match=r"expired 5 s ago, evaluate the prompt again"):
        await engine.evaluate(answered("<PERSON_1>", there.sealed), policy="test")


@pytest.mark.parametrize(
    ("content", "terms", "message"),
    [
        (asked("x"), Terms(RING), "sealed values go with an answer, leave them out of the prompt"),
        (answered("x", ""), Terms(), "policy 'test' has no keys, it cannot open sealed values"),
        (answered("x", ""), Terms(RING), "policy 'test' has no vault, hand back a sealed token"),
    ],
)
async def test_sealed_values_in_the_wrong_place_are_refused(hiding, content, terms, message):
    engine = hiding(RedactAs.LABEL, terms)

    with pytest.raises(ContentError) as refused:
        await engine.evaluate(replace(content, sealed="v1.handle"), policy="test")

    assert str(refused.value) == message


async def test_a_vault_keeps_what_a_caller_cannot_carry_and_forgets_it(hiding, tmp_path):
    vault = SqliteVault(tmp_path / "vault.db", RING)
    engine = hiding(RedactAs.SEALED, Terms(RING, vault=vault))
    there = await engine.evaluate(asked("I am Ada Lovelace."), policy="test")
    back = await engine.evaluate(answered("<PERSON_1>", there.sealed), policy="test")

    assert text_of(back) == "Ada Lovelace"
    assert vault.forget("customer 7", tenant="acme") == 1
    with pytest.raises(ContentError, match="forgotten"):
        await engine.evaluate(answered("<PERSON_1>", there.sealed), policy="test")


async def test_requests_at_once_never_see_each_others_values(plan, step):
    class NamesPeople:
        """Finds every "someone N"."""

        cost, inspects, categories = Cost.LIGHT, Text, ("PERSON",)

        async def inspect(self, subject, /):
            found = re.finditer(r"someone \d+", subject.text)
            return [Finding("PERSON", 1.0, Span(*one.span())) for one in found]

    rule = replace(step("names", NamesPeople(), Action.REDACT), redact_as=RedactAs.SEALED)
    engine = Engine({"test": replace(plan(rule), terms=Terms(RING), name="test")})

    async def there_and_back(number):
        caller = Caller(f"tenant {number % 5}")
        there = await engine.evaluate(asked(f"I am someone {number}", caller), policy="test")
        await asyncio.sleep(0)
        return text_of(
            await engine.evaluate(answered("<PERSON_1>", there.sealed, caller), policy="test")
        )

    told = await asyncio.gather(*map(there_and_back, range(300)))

    assert told == [f"someone {number}" for number in range(300)]


@pytest.mark.parametrize(
    ("scope", "same_tenant", "other_tenant"),
    [(Scope.REQUEST, False, False), (Scope.POLICY, True, False), (Scope.TENANT, True, False)],
)
async def test_a_pseudonym_reaches_as_far_as_its_scope(hiding, scope, same_tenant, other_tenant):
    engine = hiding(RedactAs.PSEUDONYM, Terms(RING, scope))

    async def token(caller):
        return text_of(await engine.evaluate(asked("Ada Lovelace", caller), policy="test"))

    first = await token(ACME)

    assert re.fullmatch(r"<PERSON_k1_[A-Z2-7]{16}>", first)
    assert (await token(ACME) == first) is same_tenant
    assert (await token(Caller("other")) == first) is other_tenant


async def test_a_surrogate_is_one_all_through_a_request(hiding):
    engine = hiding(RedactAs.SURROGATE)
    content = Content((Text("Ada Lovelace"), Text("so Ada Lovelace", Surface.DOCUMENT)))

    told = (await engine.evaluate(content, policy="test")).content.parts

    assert told[1].text == f"so {told[0].text}"
    assert "Ada" not in told[0].text


words = st.text("abAB .,-", min_size=1, max_size=12)


@given(values=st.lists(words, max_size=4), text=st.lists(words, max_size=20).map(" ".join))
def test_a_value_is_seen_wherever_it_stands_as_whole_words(values, text):
    kept = {value for value in values if re.search(r"\w", value) and len(value) >= 3}
    expected = {
        (value, at)
        for value in kept
        for at in range(len(text))
        if text.startswith(value, at)
        and not (re.match(r"\w", value) and re.search(r"\w$", text[:at]))
        and not (re.search(r"\w$", value) and re.match(r"\w", text[at + len(value) :]))
    }

    found = {(value, span.start) for value, span in recurring(values, text)}

    assert found == expected


async def test_a_value_found_once_is_hidden_everywhere(plan, step, finds):
    class FindsTheFirst(type(finds("Ada Lovelace"))):
        async def inspect(self, subject, /):
            return (await super().inspect(subject))[:1]

    rule = step("names", FindsTheFirst("Ada Lovelace", category="PERSON"), Action.REDACT)
    engine = Engine({"test": plan(rule)})

    told = await engine.evaluate(
        prompt("Ada Lovelace met AdaLovelace, Ada Lovelace!"), policy="test"
    )

    assert text_of(told) == "<PERSON> met AdaLovelace, <PERSON>!"
    assert told.content.stage is Stage.INPUT


def test_many_values_that_begin_alike_are_all_seen():
    """Each against each, they would take minutes."""
    text = " ".join(f"ann@b{number}.example" for number in range(20_000))

    assert len(list(recurring(text.split(), text))) == 20_000
