"""Serves what was counted to Prometheus."""

import prometheus_client

from guardrails.server.address import Tcp


class Page:
    """The page of a registry, served from a thread until it is closed.

    Raises:
        OSError: the address is taken, or cannot be.
    """

    def __init__(self, address: Tcp, registry: prometheus_client.CollectorRegistry) -> None:
        try:
            self._server, self._thread = prometheus_client.start_http_server(
                address.port, address.host, registry
            )
        except OSError as error:
            reason = (error.strerror or "not an address").lower()
            raise OSError(f"cannot serve metrics on '{address}': {reason}") from error
        self.address = Tcp(address.host, self._server.server_port)

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
