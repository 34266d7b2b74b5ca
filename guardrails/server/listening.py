"""Binds a server to its address; a socket file is taken from nobody, and removed only if ours."""

import socket
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import grpc

from guardrails.server.address import Abstract, Address, Tcp, Unix
from guardrails.server.config import Limits


@dataclass(frozen=True, slots=True)
class Bound:
    """An address that is ours, and the device and number of its socket file, if it has one."""

    address: Address
    file: tuple[int, int] | None = None

    def release(self) -> None:
        """Remove the socket file, before its socket closes: until then its number is not reused."""
        if isinstance(self.address, Unix) and _identity(self.address.path) == self.file:
            self.address.path.unlink(missing_ok=True)


def options(limits: Limits, *, shares_port: bool = False) -> list[tuple[str, int]]:
    """Give the settings of a gRPC server within these limits, alone on its port or not."""
    return [
        ("grpc.max_receive_message_length", limits.message_bytes),
        ("grpc.max_send_message_length", limits.message_bytes),
        ("grpc.so_reuseport", int(shares_port)),
    ]


def bind(
    server: grpc.aio.Server,
    address: Address,
    credentials: grpc.ServerCredentials | None,
    mode: int | None,
) -> Bound:
    """Bind; a port 0 becomes the one that was chosen, a socket file gets ``mode``.

    Raises:
        OSError: the address is taken, or cannot be bound.
    """
    match address:
        case Tcp():
            return Bound(replace(address, port=_add(server, address, credentials)))
        case Abstract():
            _add(server, address, credentials)
            return Bound(address)
        case Unix(path):
            _make_room(address)
            return Bound(address, _put(server, path, credentials, mode))


def _put(
    server: grpc.aio.Server,
    path: Path,
    credentials: grpc.ServerCredentials | None,
    mode: int | None,
) -> tuple[int, int] | None:
    """Bind in a directory of our own, and show the socket under its name when it is ready.

    A link never replaces what is there. And gRPC, which removes what it bound by name and not by
    what it is, finds nothing under the name that it knows.
    """
    with TemporaryDirectory(prefix=".", dir=path.parent) as private:
        made = Path(private, "s")
        _add(server, Unix(made), credentials)
        if mode is not None:
            made.chmod(mode)
        try:
            path.hardlink_to(made)
        except FileExistsError:
            raise _taken(Unix(path)) from None
        return _identity(made)


def _make_room(address: Unix) -> None:
    """Remove a socket that its server left behind."""
    path = address.path
    if not path.parent.is_dir():
        raise OSError(f"cannot listen on '{address}': there is no directory '{path.parent}'")
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(kind):
        raise OSError(f"cannot listen on '{address}': the file is there and is no socket")
    if _answers(path):
        raise _taken(address)
    path.unlink(missing_ok=True)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(0)
        try:
            probe.connect(str(path))
        except BlockingIOError:
            return True  # so many are waiting that it takes no more
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        return True


def _add(
    server: grpc.aio.Server, address: Address, credentials: grpc.ServerCredentials | None
) -> int:
    try:
        if credentials is None:
            return int(server.add_insecure_port(address.target))
        return int(server.add_secure_port(address.target, credentials))
    except RuntimeError:
        reason = "it is taken, not of this machine, or not allowed"
        raise OSError(f"cannot listen on '{address}': {reason}") from None


def _taken(address: Address) -> OSError:
    return OSError(f"somebody listens on '{address}' already")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
