import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.core.problem import Place
from guardrails.policy.problems import Problems
from guardrails.policy.source import BYTES, DEPTH, parse


def parsed(text):
    problems = Problems()
    node = parse(text, "p.yaml", problems)
    problems.raise_any()
    return node


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("200_000", 200_000),
        ("-3", -3),
        ("0o17", 15),
        ("0x1F", 31),
        ("012", 12),  # YAML 1.2 has no octals of this form
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e-3", 0.001),
        (".inf", math.inf),
        ("true", True),
        ("False", False),
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("~", None),
        ("", None),
        ("'5'", "5"),
        ('"true"', "true"),
        ("2024-01-01", "2024-01-01"),
        ("1:30", "1:30"),
        ("1.2.3", "1.2.3"),
        ("4111111111111111111111", "4111111111111111111111"),  # nobody counts so far
        ("50ms", "50ms"),
    ],
)
def test_scalars_mean_what_yaml_1_2_says(written, value):
    found = parsed(f"key: {written}").members["key"].value
    assert found == value
    assert type(found) is type(value)


def test_every_key_and_value_has_its_place():
    root = parsed("a: 1\nlist:\n- x: {y: z}\n- 'é': [p,  q]\nempty:\nlast: 1\n")
    first, second = root.members["list"].items
    assert root.members["a"].key == Place("p.yaml", 1, 1)
    assert root.members["a"].place == Place("p.yaml", 1, 4)
    assert first.place == Place("p.yaml", 3, 3)
    assert first.members["x"].members["y"].place == Place("p.yaml", 3, 10)
    assert second.members["é"].items[1].place == Place("p.yaml", 4, 13)
    assert root.members["empty"].place == Place("p.yaml", 5, 1)  # where there is nothing, its key


def test_windows_line_ends_and_a_byte_order_mark_do_not_move_places(refusing):
    text = b"\xef\xbb\xbfpolicy: p\r\nmode: enforce\r\nmod: x\r\n"
    assert refusing({"p.yaml": text}) == [
        "p.yaml:3:1: unknown key 'mod', did you mean 'mode'?",
    ]


LAUGHS = "policy: p\na: &a [x, x]\n" + "".join(
    f"{name}: &{name} [*{before}, *{before}, *{before}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1:1: the file is empty, start with 'policy: NAME'"),
        ("# nothing\n", "1:1: the file is empty, start with 'policy: NAME'"),
        ("---\n", "2:1: a policy should be a mapping"),
        ("- policy: p\n", "1:1: a policy should be a mapping"),
        ("just text", "1:1: a policy should be a mapping"),
        (LAUGHS, "2:4: anchors and aliases are not allowed, write the value out"),
        ("policy: *p\n", "1:9: anchors and aliases are not allowed, write the value out"),
        ("<<: &x {a: 1}\n", "1:5: anchors and aliases are not allowed, write the value out"),
        ("policy: !!python/object:os.system x\n", "1:9: tags are not allowed, remove it"),
        (
            "policy: p\n---\npolicy: q\n",
            "2:1: a second document starts here, give it a file of its own",
        ),
        ("? [a, b]\n: c\n", "1:3: a key must be text"),
        (
            "policy: p\ninput:\n\t- check: words\n",
            (
                "3:1: not valid YAML: found character '\\t' that cannot start any token, "
                "indent with spaces"
            ),
        ),
        ("policy: [p\n", "2:1: not valid YAML: expected ',' or ']', but got '<stream end>'"),
        ("policy: 'p\n", "2:1: not valid YAML: found unexpected end of stream"),
        ("policy: a: b\n", "1:10: not valid YAML: mapping values are not allowed here"),
        ("policy: p\nreplies: \x00\n", "2:10: character U+0000 cannot stand in YAML"),
        (b"policy: p\nreplies: \xff\n", "2:10: byte 0xff is not UTF-8, save the file as UTF-8"),
        ("policy: p\n".encode("utf-16"), "1:1: byte 0xff is not UTF-8, save the file as UTF-8"),
        (b"#" * (BYTES + 1), "1:1: larger than 1,048,576 bytes, split the policy"),
        ("policy: " + "[" * 100_000, f"1:{9 + DEPTH}: nested more than {DEPTH} deep"),
        ("policy: " + "{a: " * 50_000, f"1:{9 + 4 * DEPTH}: nested more than {DEPTH} deep"),
    ],
)
def test_what_is_no_policy_at_all_is_refused_with_one_problem(refusing, text, problem):
    assert refusing({"p.yaml": text}) == [f"p.yaml:{problem}"]


def test_doubtful_keys_are_told_beside_other_problems(refusing):
    text = "policy: p\nmode: enforce\nmode: observe\nreplies: {1: x}\n"
    assert refusing({"p.yaml": text}) == [
        "p.yaml:3:1: key 'mode' is already on line 2, keep one",
        "p.yaml:4:11: a key must be text, quote it: '1'",
        "p.yaml:4:11: unknown key '1', known are 'block'",
    ]


@given(st.text(max_size=200) | st.text("ab:-[]{}&*!|>'\"#%@`?, \n\t", max_size=80))
def test_any_text_is_a_tree_or_a_problem(text):
    problems = Problems()
    node = parse(text, "p.yaml", problems)
    assert node is not None or list(problems.within({"p.yaml"}))


values = st.recursive(
    st.integers(-(10**9), 10**9) | st.booleans() | st.none() | st.text("abc: #-'\"", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner),
    max_leaves=10,
)


@given(values)
def test_what_json_writes_comes_back(value):
    assert parsed(f"key: {json.dumps(value)}").members["key"].plain == value
