"""Takes a port for several processes: theirs and nobody else's, though this one never listens."""

import socket

from guardrails.server.address import Tcp


class Held:
    """An address that workers bind with SO_REUSEPORT, for as long as it is held.

    It is bound as any server binds it, so it is refused where another server listens; only then it
    is opened to sockets that share it, which the kernel grants to processes of the same user alone.

    Raises:
        OSError: it is taken, or cannot be.
    """

    def __init__(self, address: Tcp) -> None:
        self._sockets: list[socket.socket] = []
        port = address.port
        try:
            for family, where in _places(address):
                taken = socket.socket(family, socket.SOCK_STREAM)
                self._sockets.append(taken)
                _bind(taken, where, port)
                port = taken.getsockname()[1]
        except OSError as error:
            self.close()
            reason = (error.strerror or "not an address").lower()
            raise OSError(f"cannot listen on '{address}': {reason}") from error
        self.address = Tcp(address.host, port)

    def close(self) -> None:
        """Let it go."""
        for taken in self._sockets:
            taken.close()


def _places(address: Tcp) -> list[tuple[socket.AddressFamily, str]]:
    """Give every address that a name stands for: a server listens on all of them."""
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys((family, str(where[0])) for family, _, _, _, where in found))


def _bind(taken: socket.socket, host: str, port: int) -> None:
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # past connections that linger
    if taken.family == socket.AF_INET6:
        taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    taken.bind((host, port))
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
