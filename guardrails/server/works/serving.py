"""The door to uvicorn: serves the page from a thread, so that no verdict waits for it."""

import socket
import ssl
from collections.abc import Iterable
from threading import Thread
from typing import Any

import uvicorn

from guardrails.server.address import Tcp
from guardrails.server.config import Tls
from guardrails.server.works.finding import Finders
from guardrails.server.works.site import web
from guardrails.server.works.site.lookup import Lookup
from guardrails.works.store import Store

CONNECTIONS = 64
"""At a time; more are refused."""
IDLE_SECONDS = 5
GRACE_SECONDS = 5


class Site:
    """The page on an address of its own, until it is closed.

    Raises:
        OSError: the address is taken, or cannot be.
    """

    def __init__(
        self, store: Store, address: Tcp, tls: Tls | None, collections: Iterable[str]
    ) -> None:
        self._socket = _bound(address)
        self._site = web.Site(Lookup(Finders(store, collections)))
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._site.app(),
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                http="h11",
                server_header=False,
                proxy_headers=False,
                limit_concurrency=CONNECTIONS,
                timeout_keep_alive=IDLE_SECONDS,
                timeout_graceful_shutdown=GRACE_SECONDS,
                **_secured(tls),
            )
        )
        self._thread = Thread(
            target=self._server.run,
            kwargs={"sockets": [self._socket]},
            name="guardrails-page",
            daemon=True,
        )
        self._thread.start()
        shown = Tcp(address.host, self._socket.getsockname()[1])
        self.url = f"{'http' if tls is None else 'https'}://{shown}/"

    def close(self) -> None:
        """Let what is under way finish, within seconds, and serve no more."""
        self._server.should_exit = True
        self._thread.join()
        self._site.close()
        self._socket.close()


def _bound(address: Tcp) -> socket.socket:
    """Listen from now on, so that who comes early waits."""
    try:
        family, _, _, _, where = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM
        )[0]
        return socket.create_server(where[:2], family=family, backlog=CONNECTIONS)
    except OSError as error:
        reason = (error.strerror or "not an address").lower()
        raise OSError(f"cannot serve the lookup page on '{address}': {reason}") from error


def _secured(tls: Tls | None) -> dict[str, Any]:
    if tls is None:
        return {}
    shown = {"ssl_certfile": tls.certificate, "ssl_keyfile": tls.key}
    if tls.client_ca is None:
        return shown
    return {**shown, "ssl_ca_certs": str(tls.client_ca), "ssl_cert_reqs": ssl.CERT_REQUIRED}
