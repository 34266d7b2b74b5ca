"""Fingerprints of code: small, and the same for a renamed copy."""

import numpy as np
import pytest

from guardrails.works.code.fingerprints import SEED, WINDOW, fingerprint, stretches, winnowed
from guardrails.works.code.lexing import tokenise

HEAP = '''\
"""A heap."""


def sift(heap, start, pos):
    item = heap[pos]
    while pos > start:
        parent = (pos - 1) >> 1
        if item < heap[parent]:
            heap[pos] = heap[parent]
            pos = parent
            continue
        break
    heap[pos] = item
'''
RENAMED = HEAP.replace("heap", "queue").replace("item", "new").replace("parent", "up")


def test_renaming_changes_no_seed():
    one, other = fingerprint(HEAP, name="heap.py"), fingerprint(RENAMED, name="queue.py")
    assert len(one.seeds) > 5
    assert one.seeds.tolist() == other.seeds.tolist()
    assert one.detail.tolist() != other.detail.tolist()  # names are kept beside


def test_names_that_are_confused_change_seeds():
    confused = HEAP.replace("heap[pos] = heap[parent]", "heap[parent] = heap[pos]")
    one, other = fingerprint(HEAP, name="a.py"), fingerprint(confused, name="a.py")
    assert len(one.detail) == len(other.detail)
    assert one.seeds.tolist() != other.seeds.tolist()


def test_places_and_lines_point_at_tokens():
    kept = fingerprint(HEAP, name="heap.py")
    assert len(kept.lines) == HEAP.count("\n") + 1
    assert kept.lines[:5].tolist() == [0, 0, 0, 0, 10]  # the docstring has none
    assert kept.places.max() <= len(kept.detail) - SEED
    assert (np.diff(kept.places.astype(int)) > 0).all()


def test_every_long_run_has_a_kept_seed():
    every = stretches(tokenise(HEAP))
    gaps = np.diff(winnowed(every).places.astype(int))
    told = np.diff(every.places.astype(int)).max()
    assert gaps.max() <= WINDOW * told


@pytest.mark.parametrize("source", ["", "x", "the quick brown fox jumps over the lazy dog " * 9])
def test_what_is_no_code_has_no_seeds(source):
    kept = fingerprint(source)
    assert not len(kept.seeds)
    assert len(kept.seeds) == len(kept.places)
