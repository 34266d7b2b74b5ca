"""Works and fingerprints as rows of PostgreSQL, in bulk in its binary form. Pure.

https://www.postgresql.org/docs/current/sql-copy.html: each row has the count of its columns, and
before each column the length of it, all big-endian.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guardrails.works.fingerprint import Fingerprint
from guardrails.works.store import Credit, Record
from guardrails.works.stores.fitting import searched
from guardrails.works.work import Consent, Kind, Work

PARTS: Mapping[Kind, int] = {kind: number for number, kind in enumerate(Kind)}
KINDS = 8
"""Room for kinds in the number of a part, which is that of a collection times this and a kind."""
FIELDS = tuple(field.name for field in fields(Work))
CREDIT = tuple(field.name for field in fields(Credit))
RECORD = tuple(field.name for field in fields(Record))
_START = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"


def part(collection: int, kind: Kind) -> int:
    """Number the seeds of one kind in a collection."""
    return collection * KINDS + PARTS[kind]


def signed(seeds: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Give seeds as PostgreSQL's ``int`` has them, the upper half below zero."""
    return np.ascontiguousarray(seeds, np.uint32).view(np.int32)


def rows(columns: Sequence[NDArray[Any]]) -> memoryview:
    """Give rows for a copy from columns, one value or one stretch of bytes (n, width) each."""
    kinds: list[Any] = [("columns", ">i2")]
    for number, column in enumerate(columns):
        kind = (">i4",) if column.ndim == 1 else ("u1", column.shape[1])
        kinds += [(f"size{number}", ">i4"), (f"value{number}", *kind)]
    table = np.empty(len(columns[0]), np.dtype(kinds))
    table["columns"] = len(columns)
    for number, column in enumerate(columns):
        table[f"size{number}"] = 4 if column.ndim == 1 else column.shape[1]
        table[f"value{number}"] = column
    return memoryview(_START + table.tobytes() + _END)


def seed_rows(collection: int, put: Sequence[tuple[int, Work, Fingerprint]]) -> memoryview:
    """Give the rows of all seeds, in the order of the index, which then fills page by page."""
    counts = [len(print_.seeds) for _, _, print_ in put]
    numbers = np.repeat([number for number, _, _ in put], counts).astype(np.int32)
    parts = np.repeat([part(collection, work.kind) for _, work, _ in put], counts)
    seeds = signed(np.concatenate([print_.seeds for _, _, print_ in put]))
    places = signed(np.concatenate([print_.places for _, _, print_ in put]))
    order = np.lexsort((seeds, parts))
    return rows([column[order] for column in (parts, seeds, numbers, places)])


def vector_rows(numbers: Sequence[int], vectors: Sequence[NDArray[np.float32]]) -> memoryview:
    """Give rows of vectors of one length, as pgvector sends them: length, nothing, numbers."""
    many = np.stack(vectors)
    head = np.array([many.shape[1], 0], ">i2").view("u1")
    values = np.ascontiguousarray(many, ">f4").view("u1")
    bytes_ = np.concatenate([np.tile(head, (len(many), 1)), values], axis=1)
    return rows([np.array(numbers), bytes_])


def hash_rows(collection: int, numbers: Sequence[int], hashes: Sequence[bytes]) -> memoryview:
    """Give rows of perceptual hashes as bit strings: how many bits, and they."""
    head = np.array([len(hashes[0]) * 8], ">i4").view("u1")
    bits = np.frombuffer(b"".join(hashes), "u1").reshape(len(hashes), -1)
    bytes_ = np.concatenate([np.tile(head, (len(hashes), 1)), bits], axis=1)
    return rows([np.full(len(numbers), collection), np.array(numbers), bytes_])


def fingerprint_row(collection: int, number: int, work: Work, kept: Fingerprint) -> tuple[Any, ...]:
    """Give the row of what of a fingerprint is not searched."""
    detail = np.ascontiguousarray(kept.detail, "<u2")
    return (
        number,
        part(collection, work.kind),
        signed(kept.seeds).astype("<i4").tobytes(),
        detail.tobytes(),
        detail.shape[1] if detail.ndim > 1 else 0,
        np.ascontiguousarray(kept.lines, "<u4").tobytes(),
    )


def work_row(collection: int, number: int, work: Work) -> tuple[Any, ...]:
    """Give the row of what is known of a work."""
    known = tuple(getattr(work, name) for name in FIELDS)
    return (number, collection, *known, searched(work))


def work_of(row: Mapping[str, Any]) -> Work:
    """Read what is known of a work."""
    known = {name: row[name] for name in FIELDS}
    return Work(
        **known
        | {
            "kind": Kind(known["kind"]),
            "consent": Consent(known["consent"]),
            "aliases": tuple(known["aliases"]),
        }
    )


def record_of(row: Mapping[str, Any]) -> Record:
    """Read a record of the journal."""
    return Record(**{name: row[name] for name in RECORD})
