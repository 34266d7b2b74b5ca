"""The standard streams as scripts need them: UTF-8 whatever the locale, quiet when nobody reads."""

import io
import os
import sys


def prepare() -> None:
    """Make stdout and stderr UTF-8; one that the caller closed swallows what is written to it."""
    sys.stdout = sys.stdout or _swallowing()
    sys.stderr = sys.stderr or _swallowing()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def settle() -> None:
    """Leave nothing for the interpreter to write at its end, where a failure changes the code."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _swallowing() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.FileIO(os.devnull, "w"))
