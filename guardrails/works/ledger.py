"""What answers owe to works: noted for each verdict, summed for each owner."""

import csv
import io
import logging
import threading
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from types import TracebackType
from typing import Self

from guardrails.core.errors import GuardrailsError
from guardrails.works.match import Match
from guardrails.works.store import Credit, Credited, Store
from guardrails.works.work import Kind

EVERY = 0.05
"""Seconds after which what has been noted is written together: one sync of the disk for all."""
MOST = 100_000
"""Credits that wait for a store that cannot be written; more are lost, and counted."""
_RETRY = 1.0
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_log = logging.getLogger(__name__)


def owed(
    verdict: str, at: datetime, policy: str, collection: str, matches: Iterable[Match]
) -> list[Credit]:
    """Tell what a verdict owes: one credit for each work, however many of its passages match."""
    credits_: dict[str, Credit] = {}
    for match in matches:
        work = match.work
        before = credits_.get(work.id)
        picture = work.kind is Kind.IMAGE
        matched = 1 if picture else match.matched + (before.matched if before else 0)
        share = min(match.share + (before.share if before else 0.0), 1.0)
        credits_[work.id] = Credit(
            verdict,
            at,
            policy,
            collection,
            work.id,
            work.kind,
            work.owner,
            work.licence,
            matched,
            share,
        )
    return list(credits_.values())


class Ledger:
    """Notes credits without waiting for the disk: a thread writes them many at a time.

    What was noted is in the store ``EVERY`` seconds later, and after ``flush`` or ``close`` at
    once; a process that is killed between loses what it noted in that time.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[Credit] = []
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._noted, self._closed = threading.Event(), threading.Event()
        self.lost = 0
        self._writer = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._writer.start()

    def note(self, credits_: Iterable[Credit]) -> None:
        """Note what is owed; returns at once."""
        with self._lock:
            self._waiting += credits_
            over = len(self._waiting) - MOST
            if over > 0:
                self.lost += over
                del self._waiting[:over]
        self._noted.set()

    def flush(self) -> None:
        """Write all that has been noted.

        Raises:
            GuardrailsError: the store cannot be written; what was noted waits on.
        """
        with self._writing:
            with self._lock:
                batch, self._waiting = self._waiting, []
            try:
                if batch:
                    self._store.credit(batch)
            except BaseException:
                self._put_back(batch)
                raise

    def _put_back(self, batch: list[Credit]) -> None:
        """Put back what could not be written."""
        with self._lock:
            self._waiting[:0] = batch

    def close(self) -> None:
        """Write what is left, and end."""
        self._closed.set()
        self._noted.set()
        self._writer.join()
        self.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._noted.wait()
            self._noted.clear()
            self._closed.wait(EVERY)
            self._write()

    def _write(self) -> None:
        try:
            self.flush()
        except GuardrailsError as error:
            _log.warning("ledger: %d credits wait: %s", len(self._waiting), error)
            self._closed.wait(_RETRY)
            self._noted.set()


def as_rows(credited: Sequence[Credited]) -> list[dict[str, str | int]]:
    """Give what each owner is owed as rows for JSON."""
    return [asdict(one) for one in credited]


def as_csv(credited: Sequence[Credited]) -> str:
    """Give what each owner is owed as CSV; an owner whose name is a formula is quoted."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(field.name for field in fields(Credited))
    for one in credited:
        owner = f"'{one.owner}" if one.owner.startswith(_FORMULA) else one.owner
        rows.writerow((owner, one.queries, one.words, one.tokens, one.pictures))
    return written.getvalue()
