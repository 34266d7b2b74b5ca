"""What a line of data may hold, and what its writer reads when it holds something else."""

import json

import pytest

from guardrails.evaluation.rows import MISSING, BadRow, Labelled, parse


def line(**row):
    return json.dumps({"id": "a", "text": "some words"} | row).encode()


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (b"{", "not JSON: expecting property name enclosed in double quotes at column 2"),
        (b'{"text": "\xff"}', "not UTF-8 at byte 10"),
        (b"[" * 100_000, "not JSON that could be a row"),
        (b'["text"]', 'a row is an object: {"id": …, "text": …, "labels": {…}}'),
        (b'{"id": "a"}', "'text' is missing"),
        (line(text=3), "'text' should be text"),
        (line(text="ab\ud800"), "'text' holds a lone surrogate at character 2"),
        (line(prompt=["a"]), "'prompt' should be text"),
        (line(id=1.5), "'id' should be text or a whole number"),
        (line(labels=["toxicity"]), "'labels' should be an object of numbers from 0 to 1"),
        (line(labels={"toxicity": 2}), "label 'toxicity' should be a number from 0 to 1"),
        (line(labels={"toxicity": "yes"}), "label 'toxicity' should be a number from 0 to 1"),
        (line(labels={"obscene": float("nan")}), "label 'obscene' should be a number from 0 to 1"),
        (line(spans={}), "'spans' should be a list of [start, end, type]"),
        (line(spans=[[0, 4, "A"], [0, 4]]), "span 2 should be [start, end, type]"),
        (line(spans=[[0, 4, ""]]), "span 1 should be [start, end, type]"),
        (line(spans=[[4, 11, "A"]]), "span 1 lies outside the text, which has 10 characters"),
        (line(spans=[[4, 4, "A"]]), "span 1 lies outside the text, which has 10 characters"),
        (line(group={"a": 1}), "'group' should be text, a number, or a list of them"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(written, message):
    with pytest.raises(BadRow) as refused:
        parse(written, 1, "group")

    assert str(refused.value) == message


def test_a_label_that_is_absent_or_null_is_unknown():
    row = parse(line(labels={"insult": 1, "threat": 0.4, "obscene": None, "sexual": False}), 1)

    assert row.labels == {"insult": 1.0, "threat": 0.4, "sexual": 0.0}


def test_spans_that_nobody_marked_differ_from_none_to_mark():
    assert parse(line(), 1).spans is None
    assert parse(line(spans=[]), 1).spans == ()
    assert parse(line(spans=[[0, 4, "PERSON"]]), 1).spans == (Labelled(0, 4, "PERSON"),)


def test_offsets_count_code_points():
    assert parse(line(text="😀😀", spans=[[1, 2, "A"]]), 1).spans == (Labelled(1, 2, "A"),)


@pytest.mark.parametrize(("written", "read"), [("a", "a"), (7, "7"), (None, "12")])
def test_an_id_is_text_and_the_line_where_there_is_none(written, read):
    assert parse(line(id=written), 12).id == read


@pytest.mark.parametrize(
    ("row", "field", "slices"),
    [
        ({"group": "women"}, "group", ("women",)),
        ({"meta": {"group": "men"}}, "group", ("men",)),
        ({"meta": {"group": "men"}}, "meta.group", ("men",)),
        ({"year": 2020}, "year", ("2020",)),
        ({"groups": ["a", "b", "a"]}, "groups", ("a", "b")),
        ({"groups": []}, "groups", (MISSING,)),
        ({"meta": "none"}, "group", (MISSING,)),
        ({}, "a.b", (MISSING,)),
        ({"group": "women"}, None, ()),
    ],
)
def test_slices_come_from_a_field_of_the_row_or_of_its_meta(row, field, slices):
    assert parse(line(**row), 1, field).slices == slices


def test_the_repr_of_a_row_holds_none_of_its_text():
    assert repr(parse(line(), 1)) == "Row(id='a', characters=10)"
