"""The manifest's own language."""

import tomllib

from hypothesis import given
from hypothesis import strategies as some

from guardrails.compiling.writing import toml

WORDS = some.text(some.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = some.recursive(
    WORDS | some.integers(-(2**63), 2**63 - 1) | some.floats(allow_nan=False, allow_infinity=False),
    lambda inner: some.lists(inner, max_size=3),
    max_leaves=5,
)
TABLES = some.recursive(
    some.dictionaries(WORDS, VALUES, max_size=4),
    lambda inner: some.dictionaries(WORDS, VALUES | inner, max_size=4),
    max_leaves=8,
)


@given(TABLES)
def test_what_is_written_is_read(table):
    assert tomllib.loads(toml(table)) == without_empty(table)


def without_empty(table):
    """A heading without a line under it is left out, and says nothing."""
    return {
        key: without_empty(value) if isinstance(value, dict) else value
        for key, value in table.items()
        if not (isinstance(value, dict) and not without_empty(value))
    }
