"""Files that are read again when they change; a broken one leaves what was read before."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread
from typing import Generic, Protocol, TypeVar

from guardrails.core.errors import GuardrailsError

_log = logging.getLogger("guardrails.server")

T = TypeVar("T")

EVERY_SECONDS = 1.0
"""Between two looks."""
Seen = tuple[tuple[int, ...], ...]


class Looking(Protocol):
    """Told now and then to see whether something has changed."""

    def look(self) -> None:
        """See."""


class Watched(Generic[T]):
    """What some files hold together: ``now`` is the last that was right.

    Args:
        what: its name, for the log.
        files: gives those in which it is, by what was read last.
        read: reads them all.
        counted: is told of each reading but the first, and whether it went well.

    Raises:
        Exception: whatever ``read`` raises, the first time.
    """

    def __init__(
        self,
        what: str,
        files: Callable[[T], Sequence[Path]],
        read: Callable[[], T],
        counted: Callable[[str, bool], None],
    ) -> None:
        self._what, self._files, self._read, self._counted = what, files, read, counted
        self._wrong = ""
        self._seen = _looks(files(read()))
        self.now = read()  # behind the look, so that no change in between is missed

    def look(self) -> None:
        """Read again what has changed, and what was wrong, until it is right."""
        before = _looks(self._files(self.now))
        if before == self._seen and not self._wrong:
            return
        try:
            read = self._read()
        except (OSError, ValueError, GuardrailsError) as error:
            self._say(str(error))
        else:
            self._take(read, before)

    def _take(self, read: T, before: Seen) -> None:
        """Keep what was read, unless a file was being written: the next look then reads again."""
        if before == _looks(self._files(self.now)):
            self.now, self._wrong = read, ""
            self._seen = _looks(self._files(read))
            self._counted(self._what, True)  # noqa: FBT003  # it went well
            _log.info("%s was read again", self._what)

    def _say(self, wrong: str) -> None:
        if wrong != self._wrong:
            self._wrong = wrong
            self._counted(self._what, False)  # noqa: FBT003  # it did not
            _log.error("%s cannot be read, the last one holds: %s", self._what, wrong)


def _looks(files: Sequence[Path]) -> Seen:
    """Tell what files are like from outside; links are followed, as secrets are mounted by them."""
    return tuple(map(_look, files))


def _look(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


class Watch:
    """Has all of them look, from a thread of its own, until it is closed."""

    def __init__(self, looking: Sequence[Looking]) -> None:
        self._looking = looking
        self._over = Event()
        self._thread = Thread(target=self._run, name="guardrails-watch", daemon=True)

    def start(self) -> None:
        """Begin, where there is anything to look at."""
        if self._looking:
            self._thread.start()

    def close(self) -> None:
        """End."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(EVERY_SECONDS):
            for one in self._looking:
                one.look()
