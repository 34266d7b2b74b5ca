"""The log holds up no request, loses nothing in silence, and finds itself again."""

import json
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from guardrails.core.errors import DecisionsError
from guardrails.telemetry.decisions import log as logs
from guardrails.telemetry.decisions import queue as queues
from guardrails.telemetry.decisions.counting import Counts
from guardrails.telemetry.decisions.files import Files
from guardrails.telemetry.decisions.log import DecisionLog, Terms
from guardrails.telemetry.decisions.sqlite import Sqlite
from guardrails.telemetry.decisions.store import Query
from guardrails.telemetry.decisions.verifying import verified


class Moody(Files):
    """A folder that can be made to hang, or to fail."""

    def __init__(self, folder):
        super().__init__(folder)
        self.free, self.fails = threading.Event(), False
        self.free.set()

    def append(self, worker, make):
        self.free.wait()
        if self.fails:
            raise DecisionsError("decisions: no space left on device")
        return super().append(worker, make)


@pytest.fixture
def quick(monkeypatch):
    """Tries again soon, and spools what more than ten records is."""
    monkeypatch.setattr(logs, "RETRY", (0.01, 0.05))
    monkeypatch.setattr(queues, "HIGH", 10)
    monkeypatch.setattr(queues, "PIECE", 5)
    monkeypatch.setattr(queues, "PAUSE", 0.02)


def kinds(store, worker=0):
    found = []
    for line in store.lines(worker):
        with suppress(json.JSONDecodeError):  # the last one may just be being written
            found.append(json.loads(line)["kind"])
    return found


def ids(store):
    return [one["id"] for one in reversed(list(store.search(Query())))]


def value(counter):
    return counter._value.get()


def waiting(counts):
    [metric] = counts.waiting.collect()
    return metric.samples[0].value


def test_what_is_recorded_is_there_soon_and_in_order(opened, verdict, until):
    log = DecisionLog(opened(), Terms())
    for number in range(20):
        log.record(verdict(number))

    until(lambda: "verdict" in kinds(opened()))
    log.close()
    assert ids(opened()) == [f"{number:032x}" for number in range(20)]
    assert kinds(opened())[-1] == "closed"


def test_a_log_goes_on_where_the_last_process_ended(written, verdict, keys):
    written(verdict(1))
    store = written(verdict(2))

    assert ids(store) == [f"{1:032x}", f"{2:032x}"]
    assert kinds(store).count("opened") == 2
    assert verified(0, store.lines(0), verifiers=keys.verifiers).broken is None


def test_every_worker_has_a_chain_of_its_own(written, verdict, keys):
    written(verdict(1), worker=1)
    store = written(verdict(2), worker=2)

    assert list(store.workers()) == [1, 2]
    for worker in (1, 2):
        assert verified(worker, store.lines(worker), verifiers=keys.verifiers).broken is None
    assert len(list(store.search(Query()))) == 2


def test_two_processes_of_one_number_do_not_break_the_chain(opened, verdict, key, keys):
    one, other = (DecisionLog(opened(), Terms(0, key)) for _ in range(2))
    for number in range(0, 200, 2):
        one.record(verdict(number))
        other.record(verdict(number + 1))
    one.close()
    other.close()

    assert len(ids(opened())) == 200
    assert verified(0, opened().lines(0), verifiers=keys.verifiers).broken is None


@pytest.mark.usefixtures("quick")
def test_a_place_that_hangs_holds_up_nobody_and_loses_nothing(tmp_path, verdict, until):
    store, counts = Moody(tmp_path / "log"), Counts()
    log = DecisionLog(store, Terms(spool=tmp_path / "spool"), counts)
    until(lambda: kinds(store) == ["segment", "opened"])
    store.free.clear()

    started = time.monotonic()
    for number in range(300):
        log.record(verdict(number))
    took = time.monotonic() - started
    until(lambda: value(counts.spooled) > 0)
    store.free.set()
    log.close()

    assert took < 1
    assert ids(store) == [f"{number:032x}" for number in range(300)]
    assert value(counts.lost) == 0
    assert list((tmp_path / "spool").iterdir()) == []


def test_what_the_writer_has_in_hand_still_waits(tmp_path, verdict, until):
    store, counts = Moody(tmp_path / "log"), Counts()
    log = DecisionLog(store, Terms(), counts)
    until(lambda: kinds(store) == ["segment", "opened"])
    store.free.clear()
    for number in range(3):
        log.record(verdict(number))
    until(lambda: log._queue._in_hand > 0)

    assert waiting(counts) == 3
    store.free.set()
    until(lambda: waiting(counts) == 0)
    log.close()


@pytest.mark.usefixtures("quick")
def test_a_place_that_fails_and_comes_back_has_all(tmp_path, verdict, until, caplog):
    store, counts = Moody(tmp_path / "log"), Counts()
    store.fails = True
    log = DecisionLog(store, Terms(spool=tmp_path / "spool"), counts)
    for number in range(100):
        log.record(verdict(number))
    until(lambda: list((tmp_path / "spool").iterdir()) and value(counts.failures) > 1)
    store.fails = False
    until(lambda: len(ids(store)) == 100)
    log.close()

    assert ids(store) == [f"{number:032x}" for number in range(100)]
    assert verified(0, store.lines(0)).broken is None
    told = [one.getMessage() for one in caplog.records]
    assert sum("no space left on device; records wait" in one for one in told) == 1


@pytest.mark.usefixtures("quick")
def test_what_waits_when_the_process_ends_is_written_by_the_next(tmp_path, verdict):
    store = Moody(tmp_path / "log")
    store.fails = True
    log = DecisionLog(store, Terms(spool=tmp_path / "spool"))
    for number in range(50):
        log.record(verdict(number))
    log.close()
    store.fails = False

    DecisionLog(store, Terms(spool=tmp_path / "spool")).close()

    assert ids(store) == [f"{number:032x}" for number in range(50)]


@pytest.mark.usefixtures("quick")
def test_what_finds_no_room_is_counted_and_the_chain_says_so(tmp_path, verdict, until, monkeypatch):
    monkeypatch.setattr(queues, "MOST", 20)
    store, counts = Moody(tmp_path / "log"), Counts()
    store.fails = True
    log = DecisionLog(store, Terms(spool=tmp_path / "spool", spool_bytes=0), counts)
    until(lambda: value(counts.failures) > 0)
    for number in range(500):
        log.record(verdict(number))
    lost = value(counts.lost)
    store.fails = False
    log.close()

    assert lost >= 470
    proof = verified(0, store.lines(0))
    assert proof.broken is None
    assert proof.lost == lost
    assert len(ids(store)) == 500 - lost


def test_a_storm_of_refusals_is_one_record(opened):
    log = DecisionLog(opened(), Terms())
    for _ in range(1000):
        log.refuse("RESOURCE_EXHAUSTED")
    log.close()

    refused = [one for one in opened().search(Query()) if one["kind"] == "refused"]
    assert sum(one["count"] for one in refused) == 1000
    assert len(refused) < 50


@pytest.mark.usefixtures("quick")
def test_a_folder_that_is_taken_away_shows_afterwards(tmp_path, verdict, until):
    """The chain goes on from what this process knows: what is missing is missed."""
    store = Files(tmp_path / "log")
    log = DecisionLog(store, Terms())
    log.record(verdict(1))
    until(lambda: ids(Files(tmp_path / "log")))
    (tmp_path / "log").rename(tmp_path / "stolen")
    (tmp_path / "log").mkdir()
    log.record(verdict(2))
    log.close()

    assert "are gone" in verified(0, Files(tmp_path / "log").lines(0)).broken.why


def test_records_that_are_cut_off_while_the_log_is_written_show(tmp_path, verdict, until):
    log = DecisionLog(Files(tmp_path / "log"), Terms())
    log.record(verdict(1))
    until(lambda: ids(Files(tmp_path / "log")))
    [file] = (tmp_path / "log").glob("*.jsonl")
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))
    log.record(verdict(2))
    log.close()

    assert verified(0, Files(tmp_path / "log").lines(0)).broken is not None


KILLED = """
import sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from conftest import made_verdict
from guardrails.telemetry.decisions.files import Files
from guardrails.telemetry.decisions.sqlite import Sqlite
from guardrails.telemetry.decisions.log import DecisionLog, Terms
kind, place = sys.argv[1:]
store = Files(Path(place)) if kind == "files" else Sqlite(Path(place))
log = DecisionLog(store, Terms())
number = 0
while True:
    log.record(made_verdict(number))
    number += 1
    if number % 50 == 0:
        print(number, flush=True)
        time.sleep(0.01)
"""


@pytest.mark.parametrize("kind", ["files", "sqlite"])
def test_a_process_that_is_killed_leaves_a_chain_that_goes_on(tmp_path, kind, verdict):
    place = tmp_path / "log"
    code = KILLED.format(tests=str(Path(__file__).parent))
    with subprocess.Popen(  # noqa: S603  # ours
        [sys.executable, "-c", code, kind, str(place)], stdout=subprocess.PIPE
    ) as process:
        for _ in range(30):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    opened = Files if kind == "files" else Sqlite
    before = ids(opened(place))
    log = DecisionLog(opened(place), Terms())
    log.record(verdict(10**6))
    log.close()

    assert before == [f"{number:032x}" for number in range(len(before))]
    assert len(before) > 500
    assert ids(opened(place)) == [*before, f"{10**6:032x}"]
    assert verified(0, opened(place).lines(0)).broken is None


FULL = """
import resource, sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from conftest import made_verdict
from guardrails.telemetry.decisions.files import Files
from guardrails.telemetry.decisions.log import DecisionLog, Terms
import guardrails.telemetry.decisions.log as logs
logs.RETRY = (0.01, 0.05)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
log = DecisionLog(Files(Path(sys.argv[1])), Terms(spool=Path(sys.argv[1]) / "spool"))
for number in range(200):
    log.record(made_verdict(number))
time.sleep(1)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.close()
"""


def test_a_disk_that_is_full_leaves_no_half_records(tmp_path):
    """A file that may not grow is refused by the system just as a full disk is."""
    code = FULL.format(tests=str(Path(__file__).parent))
    done = subprocess.run(  # noqa: S603  # ours
        [sys.executable, "-c", code, str(tmp_path / "log")],
        check=True,
        capture_output=True,
        timeout=60,
    )

    store = Files(tmp_path / "log")
    assert b"records wait" in done.stderr
    proof = verified(0, store.lines(0))
    assert (proof.broken, proof.lost) == (None, 0)
    assert len(ids(store)) == 200
