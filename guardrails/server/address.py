"""Where something listens: parsed once, printed as it was written."""

import os
import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote

PORTS = range(65_536)
SOCKET_NAME_BYTES = 107
"""The longest name that a Unix socket can have: ``sun_path`` of unix(7), less its closing zero."""

TCP_FORMS = "HOST:PORT, with an IPv6 host in brackets"
FORMS = f"{TCP_FORMS}; unix:PATH; or unix-abstract:NAME"


@dataclass(frozen=True, slots=True)
class Tcp:
    """A host, without brackets, and a port; port 0 is any that is free."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def target(self) -> str:
        """As gRPC takes it."""
        return str(self)


@dataclass(frozen=True, slots=True)
class Unix:
    """A socket in the file system."""

    path: Path

    def __str__(self) -> str:
        return f"unix:{self.path}"

    @property
    def target(self) -> str:
        """As gRPC takes it: a URI, in which odd letters are escaped."""
        return f"unix:{quote(os.fsencode(self.path))}"


@dataclass(frozen=True, slots=True)
class Abstract:
    """A socket that has a name but no file; Linux alone has these."""

    name: str

    def __str__(self) -> str:
        return f"unix-abstract:{self.name}"

    @property
    def target(self) -> str:
        """As gRPC takes it: a URI, in which odd letters are escaped."""
        return f"unix-abstract:{quote(os.fsencode(self.name))}"


Address: TypeAlias = Tcp | Unix | Abstract


def parse(text: str) -> Address:
    """Read an address of any form.

    Raises:
        ValueError: it is none; the message says which forms there are.
    """
    scheme, _, rest = text.partition(":")
    match scheme:
        case "unix":
            return Unix(Path(_socket_name(text, rest)))
        case "unix-abstract":
            return Abstract(_socket_name(text, rest))
        case _:
            return _tcp(text, FORMS)


def parse_tcp(text: str) -> Tcp:
    """Read ``HOST:PORT``.

    Raises:
        ValueError: it is none, or of another form.
    """
    return _tcp(text, TCP_FORMS)


def _tcp(text: str, forms: str) -> Tcp:
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        raise ValueError(f"{_shown(text)} has no port, give {forms}")
    if not re.fullmatch("[0-9]{1,5}", port) or int(port) not in PORTS:
        raise ValueError(f"{_shown(text)} has no port from 0 to {PORTS[-1]}, give {forms}")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else None
    if not (_is_name(host) if bare is None else _is_ipv6(bare)):
        raise ValueError(f"{_shown(text)} has no host, give {forms}")
    return Tcp(host if bare is None else bare, int(port))


def _shown(text: str) -> str:
    """Quote an address for a message; before an ``@`` there may be a password."""
    _, at, shown = text.rpartition("@")
    return f"'…@{shown}'" if at else f"'{shown}'"


def _is_name(host: str) -> bool:
    return re.fullmatch("[A-Za-z0-9_.-]+", host) is not None


def _is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True


def _socket_name(text: str, name: str) -> str:
    if not name or "\0" in name or re.match("//[^/]", name):
        raise ValueError(f"'{text}' names no socket, give {FORMS}")
    if len(os.fsencode(name)) > SOCKET_NAME_BYTES:
        raise ValueError(f"'{text}' is too long for a socket, at most {SOCKET_NAME_BYTES} bytes")
    return name
