"""Works in a file of JSON lines, plain or compressed by gzip."""

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from guardrails.works.sources.records import Reader
from guardrails.works.sources.source import PLAIN, Broken, Item, SourceError, Terms

_GZIP = b"\x1f\x8b"
_MARK = b"\xef\xbb\xbf"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class RowSource:
    """A JSON object a line; paths in them start at the file's folder."""

    path: Path
    terms: Terms = PLAIN

    def count(self) -> int:
        """Tell how many lines there are; of a damaged file, those that can be read."""
        lines = 0
        try:
            with _opened(self.path) as file:
                while block := file.read(_BLOCK):
                    lines += block.count(b"\n")
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return lines + 1
        return lines

    def read(self) -> Iterator[Item]:
        """Give a work for each line that is not blank."""
        reader = Reader(self.path.parent, self.terms)
        number = 0
        with _opened(self.path) as file:
            try:
                for number, line in enumerate(file, 1):
                    if line.strip():
                        yield _work(line, f"{self.path}:{number}", reader)
            except (EOFError, gzip.BadGzipFile, zlib.error):
                why = "the compressed file is damaged or cut short, all behind it is lost"
                yield Broken(f"{self.path}:{number + 1}", why)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            compressed = file.read(len(_GZIP)) == _GZIP
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise SourceError(f"'{path}' cannot be read: {reason}") from None
    with gzip.open(path) if compressed else path.open("rb") as opened:
        yield cast("BinaryIO", opened)


def _work(line: bytes, place: str, reader: Reader) -> Item:
    try:
        row = json.loads(line.removeprefix(_MARK))
    except json.JSONDecodeError as error:
        return Broken(place, f"is no JSON, column {error.colno}: {error.msg.lower()}")
    except UnicodeDecodeError:
        return Broken(place, "is not UTF-8, convert the file")
    except ValueError:
        return Broken(place, "holds a number that is too long, write it as text")
    except RecursionError:
        return Broken(place, "is nested too deep, give one flat object a line")
    if not isinstance(row, dict):
        return Broken(place, "is no JSON object, give one a line")
    return reader.work(row, place)
