"""Files of labelled rows, one JSON object a line, plain or compressed by gzip."""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from guardrails.core.errors import GuardrailsError
from guardrails.evaluation.rows import BadRow, Row, parse

SHOWN = 10
"""The most mistakes that are told."""
SLICES = 200
"""More values of a field than these tell nothing apart."""

_GZIP = b"\x1f\x8b"


class DatasetError(GuardrailsError):
    """A file of rows cannot be used; the message has a line for each of the first mistakes."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file holds: so many rows, and which labels, types of span and slices there are."""

    rows: int
    labels: tuple[str, ...]
    types: tuple[str, ...]
    slices: tuple[str, ...]


def survey(path: Path, field: str | None = None) -> Survey:
    """Read a file once, to know that every row can be used before the work begins.

    Raises:
        DatasetError: it cannot be read, holds no rows, or a row is wrong.
    """
    count, mistakes = 0, _Mistakes(path)
    labels: dict[str, None] = {}
    types: dict[str, None] = {}
    slices: dict[str, None] = {}
    for number, line in _lines(path):
        count += 1
        try:
            row = parse(line, number, field)
        except BadRow as error:
            mistakes.add(number, str(error))
            continue
        labels |= dict.fromkeys(row.labels)
        types |= dict.fromkeys(span.type for span in row.spans or ())
        slices |= dict.fromkeys(row.slices)
        if len(slices) > SLICES:
            raise DatasetError(f"{path}: '{field}' has more than {SLICES} values, slice by another")
    mistakes.raise_any()
    if not count:
        raise DatasetError(f"{path}: no rows")
    return Survey(count, tuple(labels), tuple(types), tuple(sorted(slices)))


def rows(path: Path, field: str | None = None) -> Iterator[Row]:
    """Give the rows of a file that was surveyed, one at a time."""
    return (parse(line, number, field) for number, line in _lines(path))


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers."""
    if not path.is_file():
        raise DatasetError(f"{path}: there is no such file")
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise DatasetError(f"{path}: the compressed file is damaged or cut short") from None
    except OSError as error:
        raise DatasetError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None


@contextmanager
def _opened(path: Path) -> Iterator[Iterable[bytes]]:
    with path.open("rb") as file:
        compressed = file.read(len(_GZIP)) == _GZIP
    if compressed:
        with gzip.open(path) as unpacked:
            yield unpacked
    else:
        with path.open("rb") as plain:
            yield plain


class _Mistakes:
    """Keeps the first mistakes, and counts the others."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: list[str] = []
        self._count = 0

    def add(self, number: int, message: str) -> None:
        self._count += 1
        if self._count <= SHOWN:
            self._lines.append(f"{self._path}:{number}: {message}")

    def raise_any(self) -> None:
        if self._count > SHOWN:
            self._lines.append(f"and {self._count - SHOWN} more")
        if self._lines:
            raise DatasetError("\n".join(self._lines))
