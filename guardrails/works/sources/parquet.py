"""Works in a table of Parquet: the same columns as rows of JSON have. Needs pyarrow."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow.parquet import ParquetFile

from guardrails.works.sources.records import ALSO, CONTENT, Reader
from guardrails.works.sources.source import PLAIN, Item, SourceError, Terms

ROWS = 64
"""Rows in memory at a time: one may hold a whole book."""
_COLUMNS = frozenset(
    [*CONTENT, *ALSO, *ALSO.values(), "id", "owner", "source", "consent", "contact", "created"]
) | {"kind", "aliases"}


@dataclass(frozen=True, slots=True)
class ParquetSource:
    """A work a row, read in small batches; columns of other names are not read."""

    path: Path
    terms: Terms = PLAIN

    def count(self) -> int:
        """Tell how many rows there are."""
        with self._opened() as table:
            return int(table.metadata.num_rows)

    def read(self) -> Iterator[Item]:
        """Give a work for each row; rows are counted from one."""
        reader = Reader(self.path.parent, self.terms)
        for number, row in enumerate(self._rows(), 1):
            yield reader.work(row, f"{self.path}:{number}")

    def _rows(self) -> Iterator[Mapping[str, Any]]:
        with self._opened() as table:
            columns = [name for name in table.schema_arrow.names if name in _COLUMNS]
            try:
                for batch in table.iter_batches(ROWS, columns=columns):
                    yield from batch.to_pylist()
            except (OSError, pa.ArrowException):
                raise SourceError(f"'{self.path}' is damaged, write it again") from None

    def _opened(self) -> ParquetFile:
        try:
            return ParquetFile(self.path)
        except (OSError, pa.ArrowException):
            raise SourceError(f"'{self.path}' is no Parquet file that can be read") from None
