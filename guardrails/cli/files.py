"""Files that arguments name: what is wrong with them is wrong with the arguments."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guardrails.cli.exits import BadArguments


@contextmanager
def named() -> Iterator[None]:
    """Read files here.

    Raises:
        BadArguments: one cannot be read, or does not hold what it should.
    """
    try:
        yield
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise BadArguments(f"'{error.filename}' cannot be read: {reason}") from None
    except ValueError as error:
        raise BadArguments(str(error)) from None


def bytes_of(path: Path) -> bytes:
    """Read a file that an argument names.

    Raises:
        BadArguments: it cannot be read.
    """
    with named():
        return path.read_bytes()
