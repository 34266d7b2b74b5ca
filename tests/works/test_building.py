"""Many works at once: the same fingerprints in the same order, whoever makes them."""

import importlib.util
import os
import subprocess
import sys
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest

from guardrails.core.errors import ContentError
from guardrails.works.building import AHEAD, MANY, fingerprinted
from guardrails.works.fingerprint import Fingerprint
from guardrails.works.store import WorksError
from guardrails.works.work import Kind, Work

HAVE_RAY = importlib.util.find_spec("ray") is not None


def works(number=500):
    return [(Work(str(n), Kind.TEXT), f"text {n}") for n in range(number)]


def measured(text):
    """A fingerprint that tells its text by number and length, and who made it."""
    if text == "text 7":
        raise ValueError(text)
    if text == "text 8":
        raise ContentError("works: words of its own")
    if text == "text 9":
        os._exit(1)
    made = np.array([int(text.split()[1]), len(text), os.getpid()], np.uint32)
    return Fingerprint(made, made)


def plain(text):
    return Fingerprint(*np.full((2, 3), len(text), np.uint32))


class Counting:
    """What is sent to the workers once."""

    sent = 0

    def __call__(self, text):
        return plain(text)

    def __reduce__(self):
        Counting.sent += 1
        return (Counting, ())


@pytest.mark.parametrize("workers", [1, 2])
def test_works_come_in_their_order_with_their_own_fingerprints(workers):
    some = [row for row in works() if row[1] not in {"text 7", "text 8", "text 9"}]
    made = list(fingerprinted(some, measured, workers=workers))

    assert [work for work, _ in made] == [work for work, _ in some]
    assert all(one.seeds[0] == int(work.id) for work, one in made)
    makers = {int(one.seeds[2]) for _, one in made}
    assert (os.getpid() in makers) == (workers == 1)
    assert len(makers) <= workers


@pytest.mark.parametrize("workers", [1, 2])
def test_of_works_without_end_few_are_in_memory(workers):
    read = []

    def endless():
        for number in count():
            read.append(number)
            yield Work(str(number), Kind.TEXT), "text"

    making = fingerprinted(endless(), plain, workers=workers)
    assert [work.id for work, _ in islice(making, 300)] == [str(n) for n in range(300)]
    assert len(read) <= 300 + MANY * (workers * AHEAD + 1)
    making.close()


def test_large_works_are_sent_alone():
    read = []

    def large():
        for number in range(40):
            read.append(number)
            yield Work(str(number), Kind.TEXT), "x" * 2_000_000

    making = fingerprinted(large(), plain, workers=2)
    next(making)
    assert len(read) <= 2 * AHEAD + 1
    making.close()


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("text 7", "works: '7': cannot be fingerprinted (ValueError)"),
        ("text 8", "works: '8': works: words of its own"),
    ],
)
def test_what_fails_is_named_and_not_told(workers, text, message):
    bad = [row for row in works(40) if row[1] == text or int(row[0].id) > 9]
    with pytest.raises(WorksError) as raised:
        list(fingerprinted(bad, measured, workers=workers))

    assert str(raised.value) == message
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("workers", [1, 2])
def test_the_others_go_on_when_somebody_takes_the_failures(workers):
    failed = []
    some = [row for row in works(200) if row[1] != "text 9"]
    made = list(fingerprinted(some, measured, workers=workers, failed=failed.append))

    assert len(made) == 197
    assert [str(error)[:10] for error in failed] == ["works: '7'", "works: '8'"]


def test_a_worker_that_dies_ends_the_build_with_a_hint():
    with pytest.raises(WorksError, match=r"works: '9' or one of the next 63: a worker died"):
        list(fingerprinted(works(12)[9:], measured, workers=2))


def test_what_makes_fingerprints_is_sent_to_each_worker_once():
    Counting.sent = 0
    assert len(list(fingerprinted(works(1000), Counting(), workers=2))) == 1000

    assert 1 <= Counting.sent <= 2


def test_nothing_gives_nothing():
    assert list(fingerprinted([], plain, workers=2)) == []


@pytest.mark.skipif(HAVE_RAY, reason="the cluster is there")
def test_a_build_on_ray_without_ray_says_what_to_install():
    with pytest.raises(WorksError) as raised:
        list(fingerprinted(works(1), plain, ray=True))

    assert str(raised.value) == "works: a build on Ray needs 'guardrails[ray]', install it"


ON_RAY = """
import os
from guardrails.works.building import fingerprinted
from tests.works.test_building import measured, works
failed = []
some = [row for row in works(400) if row[1] != "text 9"]
made = list(fingerprinted(some, measured, workers=2, ray=True, failed=failed.append))
print([int(one.seeds[0]) for _, one in made] == [n for n in range(400) if n not in {7, 8, 9}])
print([str(error) for error in failed])
print(os.getpid() in {int(one.seeds[2]) for _, one in made})
"""


@pytest.mark.skipif(not HAVE_RAY, reason="needs the extra 'ray'")
def test_a_build_on_ray_is_the_same_build():
    root = Path(__file__).parents[2]
    done = subprocess.run(  # noqa: S603  # the script above
        [sys.executable, "-c", ON_RAY],
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )

    assert done.stdout.splitlines() == [
        "True",
        str(
            [
                "works: '7': cannot be fingerprinted (ValueError)",
                "works: '8': works: words of its own",
            ]
        ),
        "False",
    ], done.stderr[-2000:]
