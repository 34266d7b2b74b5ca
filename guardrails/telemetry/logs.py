"""The door to structlog: what goes to stderr, as text or as JSON; never content."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from contextlib import suppress
from enum import StrEnum
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

from guardrails.telemetry.spans import trace_id

Event = MutableMapping[str, Any]


class Format(StrEnum):
    """How lines look."""

    TEXT = "text"
    JSON = "json"


class Lines(logging.StreamHandler[TextIO]):
    """Writes to stderr; a record that cannot be written is named, and not shown."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the library's name
        """Say whose line it was: the library would print its arguments."""
        told = f"a line from {record.pathname}:{record.lineno} cannot be written"
        with suppress(OSError, ValueError):  # nobody reads any more
            told_of = logging.LogRecord("guardrails", logging.ERROR, "", 0, told, None, None)
            self.stream.write(self.format(told_of) + self.terminator)


def set_up(format_: Format, *, verbose: bool) -> None:
    """Log to stderr. Other libraries only warn: what they tell in detail may hold content.

    Whoever has set logging up already, as tests do, keeps it.
    """
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, Lines)]:
        root.removeHandler(old)
    if not root.handlers:
        handler = Lines(sys.stderr)
        handler.setFormatter(formatter(format_))
        root.addHandler(handler)
        root.setLevel(logging.WARNING)
    logging.getLogger("guardrails").setLevel(logging.DEBUG if verbose else logging.INFO)


def formatter(format_: Format) -> logging.Formatter:
    """Give what writes records, of our loggers and of others, in one way."""
    before: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _add_trace,
        _name_error,
        _shorten,
    ]
    if format_ is Format.TEXT:
        return structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before, processors=[_text], keep_exc_info=False
        )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            *before,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _in_order,
            structlog.processors.JSONRenderer(),
        ],
        keep_exc_info=False,
    )


def _add_trace(_logger: Any, _name: str, event: Event) -> Event:
    """Tell in which trace it happened, where there is one."""
    trace = trace_id()
    if trace:
        event["trace_id"] = trace
    return event


def _name_error(_logger: Any, _name: str, event: Event) -> Event:
    """Put the kind of an error and its place for its message, which may hold what a user wrote."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, BaseException):
        error = (type(error), error, error.__traceback__)
    if isinstance(error, tuple) and error[0] is not None:
        event["error"] = _named(error[0], error[2])
    event.pop("stack_info", None)
    return event


def _shorten(_logger: Any, _name: str, event: Event) -> Event:
    """Keep the first line of what others tell: asyncio's next ones hold the messages of errors."""
    if not event["logger"].startswith("guardrails"):
        event["event"] = str(event["event"]).partition("\n")[0]
    return event


def _named(kind: type[BaseException], trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)
    place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{kind.__name__}{place}"


def _text(_logger: Any, _name: str, event: Event) -> str:
    """Write a line as it always was, and what went wrong behind it."""
    error = f" ({event['error']})" if "error" in event else ""
    return f"{event['level'].upper()} {event['logger']} {event['event']}{error}"


def _in_order(_logger: Any, _name: str, event: Event) -> Event:
    first = ("time", "level", "logger", "event")
    rest = {key: value for key, value in event.items() if key not in first}
    return {**{key: event[key] for key in first if key in event}, **rest}
