"""Files rotate, are packed and healed, and belong to their owner alone."""

import gzip
import json
from itertools import pairwise

import pytest

from guardrails.core.errors import DecisionsError
from guardrails.telemetry.decisions.appending import Rotation, Sync
from guardrails.telemetry.decisions.erasing import erase
from guardrails.telemetry.decisions.files import Files
from guardrails.telemetry.decisions.log import DecisionLog, Terms
from guardrails.telemetry.decisions.store import Query
from guardrails.telemetry.decisions.verifying import verified


@pytest.fixture
def fill(tmp_path, verdict, key):
    """Writes verdicts one after another into files that hold a few."""

    def write(count=12, first=0, **changes):
        store = Files(tmp_path / "log", rotation=Rotation(size=4000, **changes))
        for number in range(first, first + count):
            log = DecisionLog(store, Terms(0, key))
            log.record(verdict(number))
            log.close()
        return Files(tmp_path / "log")

    return write


def names(store):
    return sorted(path.name for path in store._folder.glob("*.jsonl*"))


def ids(store):
    return [one["id"] for one in store.search(Query())]


def test_a_full_file_is_followed_by_another_that_names_it(fill, keys):
    store = fill()

    files = names(store)
    assert len(files) > 3
    for before, name in pairwise(files):
        first = json.loads((store._folder / name).read_text().splitlines()[0])
        assert (first["kind"], first["after"]) == ("segment", before)
    assert verified(0, store.lines(0), verifiers=keys.verifiers).broken is None
    assert ids(store) == [f"{number:032x}" for number in reversed(range(12))]


def test_an_old_file_is_followed_by_another(fill):
    assert len(names(fill(3, seconds=0.0))) >= 3


def test_a_file_that_is_removed_shows(fill):
    store = fill()
    (store._folder / names(store)[1]).unlink()

    assert "missing" in verified(0, store.lines(0)).broken.why


def test_the_first_file_removed_shows(fill):
    store = fill()
    (store._folder / names(store)[0]).unlink()

    assert "no note of retention" in verified(0, store.lines(0)).broken.why


def test_full_files_are_packed_and_read_all_the_same(fill, keys):
    store = fill(packed=True)

    assert [name.endswith(".gz") for name in names(store)[:-1]].count(True) >= 2
    assert len(ids(store)) == 12
    assert verified(0, store.lines(0), verifiers=keys.verifiers).broken is None


def test_a_packed_file_that_is_also_there_unpacked_is_read_once(fill):
    """As a crash between the two leaves it."""
    store = fill(packed=True)
    [packed, *_] = store._folder.glob("*.gz")
    before = ids(store)
    packed.with_suffix("").write_bytes(b"".join(b"%b\n" % one for one in _unpacked(packed)))

    assert ids(store) == before
    assert verified(0, store.lines(0)).broken is None


def _unpacked(path):
    return gzip.decompress(path.read_bytes()).splitlines()


@pytest.mark.parametrize("torn", [1, 5, 100, 10_000])
def test_a_line_that_was_torn_is_healed_and_the_log_says_so(tmp_path, verdict, torn):
    store = Files(tmp_path / "log")
    for number in range(2):
        log = DecisionLog(store, Terms())
        log.record(verdict(number))
        log.close()
    [file] = (tmp_path / "log").glob("*.jsonl")
    whole = file.read_bytes()
    file.write_bytes(whole[: max(len(whole) - torn, 20)])

    log = DecisionLog(Files(tmp_path / "log"), Terms())
    log.record(verdict(9))
    log.close()

    lines = list(store.lines(0))
    assert verified(0, lines).broken is None
    assert "healed" in [json.loads(line)["kind"] for line in lines]
    assert ids(store)[0] == f"{9:032x}"


def test_an_end_that_was_spoiled_does_not_stop_the_log_and_shows(fill):
    store = fill(1)
    [file] = store._folder.glob("*.jsonl")
    lines = file.read_bytes().splitlines()
    file.write_bytes(b"\n".join([*lines[:-1], b"spoiled"]) + b"\n")

    fill(1, first=5)

    assert ids(store)[0] == f"{5:032x}"
    assert verified(0, store.lines(0)).broken is not None


def test_only_the_owner_can_read(fill):
    store = fill()

    assert store._folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o077 for path in store._folder.iterdir()} == {0}


@pytest.mark.parametrize("policy", list(Sync))
def test_every_policy_of_the_disk_keeps_what_is_written(tmp_path, verdict, policy):
    log = DecisionLog(Files(tmp_path / "log", policy=policy), Terms())
    log.record(verdict(1))
    log.close()

    assert ids(Files(tmp_path / "log")) == [f"{1:032x}"]


def test_a_folder_that_is_a_file_is_said(tmp_path):
    (tmp_path / "log").write_text("")

    with pytest.raises(DecisionsError, match=r"decisions: .*log.: "):
        Files(tmp_path / "log")


def test_a_folder_that_is_not_there_is_not_made_by_who_reads(tmp_path):
    with pytest.raises(DecisionsError, match="No such file"):
        Files(tmp_path / "log", made=False)
    assert not (tmp_path / "log").exists()


@pytest.mark.parametrize(
    ("behind", "torn"), [(b"garbage\n", False), (b"garbage", True), (b'{"kind":"verd', True)]
)
def test_only_a_line_without_its_end_is_torn(fill, behind, torn):
    store = fill(2)
    with (store._folder / names(store)[-1]).open("ab") as file:
        file.write(behind)

    proof = verified(0, store.lines(0))
    assert (proof.torn, proof.broken is None) == (torn, torn)


def test_an_erasure_keeps_a_foreign_line_so_that_it_shows(fill):
    store = fill(2)
    with (store._folder / names(store)[-1]).open("ab") as file:
        file.write(b"garbage\n")
    erase(store, lambda record: record["id"] == f"{0:032x}", {})

    assert "it is no record" in verified(0, store.lines(0)).broken.why
