"""Files of rows, as they are and as they should not be."""

import gzip

import pytest

from guardrails.evaluation.dataset import DatasetError, rows, survey

GOOD = b"""\
{"id": "a", "text": "one", "labels": {"toxicity": 1}, "source": "x"}

{"id": "b", "text": "two", "labels": {"insult": 0}, "spans": [[0, 3, "PERSON"]], "source": "y"}
"""


@pytest.fixture
def file(tmp_path):
    def write(content, name="data.jsonl"):
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


@pytest.mark.parametrize("pack", [bytes, gzip.compress, b"\xef\xbb\xbf".__add__])
def test_a_file_may_be_plain_or_compressed_whatever_its_name(pack, file):
    path = file(pack(GOOD))

    seen = survey(path, "source")

    assert (seen.rows, seen.labels, seen.types, seen.slices) == (
        2,
        ("toxicity", "insult"),
        ("PERSON",),
        ("x", "y"),
    )
    assert [row.id for row in rows(path)] == ["a", "b"]


def test_rows_are_read_one_at_a_time(file):
    path = file(GOOD + b"{broken\n")

    assert next(iter(rows(path))).id == "a"


def test_the_first_mistakes_are_told_with_file_and_line_and_the_others_counted(file):
    path = file(GOOD + b'{"text": 1}\n' * 12)

    with pytest.raises(DatasetError) as refused:
        survey(path)

    lines = str(refused.value).splitlines()
    assert lines[0] == f"{path}:4: 'text' should be text"
    assert lines[9] == f"{path}:13: 'text' should be text"
    assert lines[10:] == ["and 2 more"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\n\n", "no rows"),
        (gzip.compress(GOOD)[:-12], "the compressed file is damaged or cut short"),
        (gzip.compress(GOOD)[:20] + b"damaged here", "the compressed file is damaged or cut short"),
    ],
)
def test_a_file_that_holds_no_rows_is_refused(content, message, file):
    path = file(content)

    with pytest.raises(DatasetError) as refused:
        survey(path)

    assert str(refused.value) == f"{path}: {message}"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="there is no such file"):
        survey(tmp_path / "absent.jsonl")


def test_a_field_that_is_different_in_every_row_is_no_slice(file):
    path = file(b"".join(b'{"id": %d, "text": "a"}\n' % number for number in range(300)))

    with pytest.raises(DatasetError, match="'id' has more than 200 values, slice by another"):
        survey(path, "id")
