"""Registered secrets are found however they come back, and the register tells none of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from guardrails.checks.memorised.check import Memorised
from guardrails.checks.memorised.register import Letters, Register, RegisterError, register
from guardrails.checks.normalise import views
from guardrails.core.content import Text

CANARY = "Canary 7f3a-99, do not repeat"


@pytest.fixture
def build(tmp_path):
    def check(*values, **settings):
        (tmp_path / "r.txt").write_text(register(values))
        written = {"register_file": "r.txt", **settings}
        return Memorised(
            Memorised.Settings.model_validate(written, context={"directory": tmp_path})
        )

    return check


async def found(check, text):
    subject = Text(text, derived=views(text))
    return [text[one.where.start : one.where.end] for one in await check.inspect(subject)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"well: {CANARY}!", CANARY),
        ("CANARY_7F3A 99 DO NOT REPEAT", "CANARY_7F3A 99 DO NOT REPEAT"),
        ("it was canary7f3a99donotrepeat.", "canary7f3a99donotrepeat"),
        ("c-a-n-a-r-y 7f3a99\ndo *not*\nrepeat", "c-a-n-a-r-y 7f3a99\ndo *not*\nrepeat"),
        ("ｃａｎａｒｙ 7f3a99 do not repeat", "ｃａｎａｒｙ 7f3a99 do not repeat"),
    ],
)
async def test_a_canary_is_found_in_any_dress(build, text, expected):
    assert await found(build(CANARY, "something else"), text) == [expected]


@pytest.mark.parametrize("text", ["", "canary", "canary 7f3a-98 do not repeat", "x" * 5_000])
async def test_near_misses_are_not(build, text):
    assert await found(build(CANARY), text) == []


@given(
    values=st.lists(st.text("abcdefgh123", min_size=8, max_size=30), min_size=1, max_size=6),
    around=st.lists(st.text("abcdefgh123 .-", max_size=30), min_size=7, max_size=7),
)
def test_all_values_are_found_wherever_they_stand_and_nothing_else(values, around):
    text = "".join(f"{before}{value}" for before, value in zip(around, values, strict=False))
    letters = Letters.of(text)
    expected = {
        (at, at + len(value))
        for value in values
        for at in range(len(letters.text))
        if letters.text.startswith(value, at)
    }

    assert set(Register.parse(register(values)).found(letters)) == expected


def test_the_register_tells_no_value_and_two_registers_share_nothing():
    one, other = register([CANARY, "hunter2hunter2"]), register([CANARY, "hunter2hunter2"])

    assert "hunter2" not in one
    assert "anary" not in one
    assert not set(one.splitlines()) & set(other.splitlines())


def test_a_short_value_is_refused_by_its_line():
    with pytest.raises(RegisterError, match=r"^line 2: 6 letters and digits, 8 are needed$"):
        register(["long enough", "abc-123"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: not a register, make one with 'guardrails memorise'"),
        ("secret\n", "line 1: not a register, make one with 'guardrails memorise'"),
        ("# guardrails memorised 1 QUFB\n12 x\n", "line 2: damaged, make the register anew"),
    ],
)
def test_what_is_no_register_does_not_load(build, tmp_path, text, message):
    (tmp_path / "bad.txt").write_text(text)

    with pytest.raises(ValidationError, match=message):
        build(CANARY, register_file="bad.txt")


async def test_the_category_is_the_policys(build):
    (one,) = await build(CANARY, category="leak").inspect(Text(CANARY))

    assert (one.category, one.score, one.evidence) == ("leak", 1.0, "is in the register")
