"""Near vectors and hashes are found as a search through all of them finds them."""

import numpy as np
import pytest

from guardrails.works.stores import scanning
from guardrails.works.stores.columns import read, write
from guardrails.works.stores.parts import Shape, gathered
from guardrails.works.stores.searching import alike, near
from guardrails.works.stores.segments import Label, Segment, packed
from guardrails.works.work import Kind

COUNT = 6000
WORDS = [
    "7dbe06aa577d6057",
    "d50083cae9eb904d",
    "44b27d41b954e941",
    "6d1439c2d50e1320",
]


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def spread(chance, length):
    return unit(chance.standard_normal((COUNT, length)))


def crowded(chance, length):
    """Vectors in crowds, as those of pictures of a series are."""
    middles = unit(chance.standard_normal((60, length)))
    return unit(middles[chance.integers(0, 60, COUNT)] + 0.7 * spread(chance, length))


def segments(made, vectors, parts=3):
    each = np.array_split(np.arange(len(vectors)), parts)
    for rows in each:
        works = [(int(row) + 1, made(int(row), size=1, hashed=True)) for row in rows]
        kept = gathered(Shape(0, 0, hashed=True), works)
        shape = Shape(0, vectors.shape[1], hashed=True)
        columns = packed(kept) | {
            "vectors": scanning.whole(vectors[rows]),
            "signs": scanning.signs(vectors[rows]),
        }
        yield Segment(Label("x", "art", Kind.IMAGE, shape, 0), columns)


@pytest.mark.parametrize("drawn", [spread, crowded])
@pytest.mark.parametrize("length", [48, 384, 512])
def test_copies_are_found_as_an_exact_search_finds_them(made, drawn, length):
    chance = np.random.default_rng(length)
    vectors = drawn(chance, length)
    kept = list(segments(made, vectors))
    asked = chance.integers(0, COUNT, 60)
    other = unit(chance.standard_normal((60, length)))
    for cosine in (0.95, 0.75):
        queries = unit(cosine * vectors[asked] + np.sqrt(1 - cosine**2) * other)
        exact = queries @ vectors.T
        found = [near(kept, query, 5) for query in queries]

        first = [one[0].work - 1 for one in found]
        assert np.mean(first == exact.argmax(axis=1)) >= 0.98
        best = exact[np.arange(60), first]
        assert np.allclose(best, [one[0].cosine for one in found], atol=1e-4)
        assert [len(one) for one in found] == [5] * 60


def test_all_are_found_when_all_are_asked_for(made):
    vectors = spread(np.random.default_rng(0), 16)[:50]

    found = near(list(segments(made, vectors)), vectors[7], 99)
    assert sorted(one.work for one in found) == [*range(1, 51)]
    assert found[0].work == 8


@pytest.mark.parametrize("within", [0, 31, 100, 256])
def test_hashes_are_found_as_counting_each_bit_finds_them(made, within):
    vectors = spread(np.random.default_rng(1), 16)[:400]
    kept = list(segments(made, vectors))
    hashes = [made(number, size=1, hashed=True).hash for number in range(400)]
    flipped = bytes(byte ^ 0b1 for byte in hashes[9])
    asked = [flipped, hashes[3]]
    exact = {
        number + 1: min((int.from_bytes(one) ^ int.from_bytes(mine)).bit_count() for one in asked)
        for number, mine in enumerate(hashes)
    }

    found = alike(kept, asked, within)
    assert dict(found) == {number: bits for number, bits in exact.items() if bits <= within}
    assert [bits for _, bits in found] == sorted(bits for _, bits in found)


def test_signs_of_a_vector_are_the_same_in_every_version():
    """Files are written with them: when this fails, the version of the store has to go up."""
    words = scanning.signs(np.arange(1, 9, dtype=np.float32)[None])

    assert words.shape == (4, 1)
    assert [f"{word:016x}" for word in words[:, 0].tolist()] == WORDS


def test_columns_come_back_from_their_file(tmp_path):
    columns = {
        "one": np.arange(7, dtype=np.uint16),
        "none": np.zeros((0, 5), np.float16),
        "square": np.arange(12, dtype=np.uint64).reshape(3, 4),
    }
    size = write(tmp_path / "file.works", columns)
    again = read(tmp_path / "file.works")

    assert (tmp_path / "file.works").stat().st_size == size
    for name, column in columns.items():
        assert np.array_equal(again[name], column)
        assert again[name].dtype == column.dtype
    assert not again["one"].flags.writeable
