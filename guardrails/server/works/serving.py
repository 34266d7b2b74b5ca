"""Serves the page from a thread, so that no verdict waits for it."""

from collections.abc import Iterable
from ssl import SSLContext
from threading import Thread

from guardrails.server.address import Tcp
from guardrails.server.over_http import ThreadServer, bound, settings, url_of
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
        self,
        store: Store,
        address: Tcp,
        shown: SSLContext | None,
        collections: Iterable[str],
    ) -> None:
        self._socket = bound("the lookup page", address, CONNECTIONS)
        self._site = web.Site(Lookup(Finders(store, collections)))
        self._server = ThreadServer(
            settings(
                self._site.app(),
                shown,
                at_once=CONNECTIONS,
                grace=GRACE_SECONDS,
                timeout_keep_alive=IDLE_SECONDS,
            )
        )
        self._thread = Thread(
            target=self._server.run,
            kwargs={"sockets": [self._socket]},
            name="guardrails-page",
            daemon=True,
        )
        self._thread.start()
        self.url = f"{url_of(address, self._socket, shown)}/"

    def close(self) -> None:
        """Let what is under way finish, within seconds, and serve no more."""
        self._server.should_exit = True
        self._thread.join()
        self._site.close()
        self._socket.close()
