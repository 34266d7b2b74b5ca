"""Server-sent events, read as they come and written. Pure.

As https://html.spec.whatwg.org/multipage/server-sent-events.html has them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

EVENT_BYTES = 8 << 20
"""A longer event is refused."""
KEEP_ALIVE = b":\n\n"
DONE = "[DONE]"

_END = re.compile(rb"\r\n|\n|\r")
_NAME = re.compile(r"[\w.-]*", re.ASCII)


class Malformed(ValueError):  # noqa: N818  # says what the stream is
    """What comes is no stream of events."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event; ``raw`` is how it came, or empty where it holds more than a name and data.

    One without data only keeps the line alive.
    """

    name: str
    data: str
    raw: bytes = b""

    def __repr__(self) -> str:
        return f"Event(name={self.name!r}, characters={len(self.data)})"

    @property
    def written(self) -> bytes:
        """The event in bytes."""
        return self.raw or write(self.data, self.name)


def write(data: str, name: str = "") -> bytes:
    """Write one event."""
    head = f"event: {name}\n" if name else ""
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"{head}{lines}\n".encode()


class Parser:
    """Reads events from bytes that are cut anywhere; one of more than ``most`` bytes is refused."""

    def __init__(self, most: int = EVENT_BYTES) -> None:
        self._most = most
        self._buffer = bytearray()
        self._sought = 0
        self._raw = bytearray()
        self._name, self._data = "", list[str]()
        self._plain, self._begun = True, False
        self._size = 0
        self._alike = True

    def feed(self, piece: bytes) -> Iterator[Event]:
        """Take bytes; give the events that are complete.

        Raises:
            Malformed: an event is too long, or not UTF-8.
        """
        self._buffer += piece
        self._alike = self._alike and b"\r" not in piece
        yield from self._whole(len(piece)) if self._alike else self._events(last=False)
        if len(self._buffer) + self._size > self._most:
            raise Malformed(f"an event is longer than {self._most:,} bytes")

    def finish(self) -> Iterator[Event]:
        """Give the last event, though the empty line after it is missing.

        Raises:
            Malformed: it is not UTF-8.
        """
        yield from self._events(last=True)
        if self._buffer:
            self._line(bytes(self._buffer))
            self._buffer.clear()
        if self._data or self._raw:
            self._plain = False
            yield self._event()

    def _whole(self, new: int) -> Iterator[Event]:
        """Give the events that have come as a whole, of a stream whose lines all end alike."""
        end = self._buffer.rfind(b"\n\n", max(len(self._buffer) - new - 1, 0))
        if end < 0:
            return
        blocks = bytes(self._buffer[:end]).split(b"\n\n")
        del self._buffer[: end + 2]
        for block in blocks:
            if block.startswith(b"data: ") and b"\n" not in block:
                self._begun = True
                yield Event("", _text(block[6:]), block + b"\n\n")
            elif lines := block.lstrip(b"\n"):
                self._raw += lines + b"\n\n"
                for line in lines.split(b"\n"):
                    self._line(line)
                yield self._event()

    def _events(self, *, last: bool) -> Iterator[Event]:
        start = 0
        while end := _END.search(self._buffer, max(start, self._sought)):
            if end[0] == b"\r" and end.end() == len(self._buffer) and not last:
                break  # half of \r\n, perhaps
            line = bytes(self._buffer[start : end.start()])
            self._raw += self._buffer[start : end.end()]
            start = self._sought = end.end()
            if line:
                self._line(line)
            elif self._data or self._size:
                yield self._event()
            else:
                self._raw.clear()
        del self._buffer[:start]
        self._sought = max(len(self._buffer) - 1, 0)

    def _line(self, line: bytes) -> None:
        if not self._begun:
            line = line.removeprefix(b"\xef\xbb\xbf")
            self._begun = True
        self._size += len(line) + 1
        field, _, value = _text(line).partition(":")
        value = value.removeprefix(" ")
        match field:
            case "data":
                self._data.append(value)
            case "event" if _NAME.fullmatch(value):
                self._name = value
            case _:
                self._plain = False

    def _event(self) -> Event:
        raw = bytes(self._raw) if self._plain else b""
        event = Event(self._name, "\n".join(self._data), raw)
        self._raw.clear()
        self._name, self._data, self._plain, self._size = "", [], True, 0
        return event


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise Malformed("an event is not UTF-8") from None
