"""The entry of one process: what all its ports show, and whom they let in."""

import logging
import ssl
from pathlib import Path
from typing import Self

import grpc
from prometheus_client import CollectorRegistry

from guardrails.server.access.attempts import Attempts
from guardrails.server.access.callers import Callers
from guardrails.server.access.calls import Listed, Unlisted
from guardrails.server.access.certificates import Certificates
from guardrails.server.access.counted import Counted
from guardrails.server.access.file import read
from guardrails.server.access.watched import Watch, Watched
from guardrails.server.address import Abstract, Address, Tcp, Unix
from guardrails.server.config import ServingConfig, Tls

OWNER_ALONE = 0o077
"""The permissions that a private socket does not give."""

_log = logging.getLogger("guardrails.server")


class Entry:
    """One for each process; files are read when it is made, and again when they change.

    Args:
        tls: the files of what is shown; None is plain.
        access: the file of callers; without one everybody may ask, and nobody manage.
        open_management: everybody on this machine may manage as well.
        registry: of the process's metrics.

    Raises:
        OSError: a file of the certificate cannot be read.
        ValueError: it holds something else.
        PolicyError: the file of callers is wrong.
    """

    def __init__(
        self,
        tls: Tls | None = None,
        access: Path | None = None,
        *,
        open_management: bool = False,
        registry: CollectorRegistry | None = None,
    ) -> None:
        counted = Counted(registry or CollectorRegistry())
        self._open_management = open_management
        self.attempts = Attempts(counted)
        self._certificates = None if tls is None else Certificates(tls, counted)
        self._callers = (
            None
            if access is None
            else Watched(
                "access", lambda now: [access, *now.files], lambda: read(access), counted.read
            )
        )
        looking = (self._certificates, self._callers)
        self._watch = Watch([one for one in looking if one is not None])

    @classmethod
    def of(cls, config: ServingConfig, registry: CollectorRegistry) -> Self:
        """Make the one that a configuration describes; raises what the constructor raises."""
        return cls(
            config.tls,
            config.access,
            open_management=config.open_management,
            registry=registry,
        )

    @property
    def callers(self) -> Callers | None:
        """Those that are known at present; None where nobody said who may ask."""
        return None if self._callers is None else self._callers.now

    @property
    def is_secure(self) -> bool:
        """Whether what is sent is encrypted."""
        return self._certificates is not None

    @property
    def asks_who(self) -> bool:
        """Whether callers have to be known, by a certificate or by the file."""
        return self._callers is not None or self._is_mutual

    def start(self) -> None:
        """Look at the files from now on."""
        if self._callers is not None and self._callers.now.certificates and not self._is_mutual:
            _log.warning(
                "callers that are known by a certificate are never let in here: "
                "nobody is asked for one without --client-ca"
            )
        self._watch.start()

    def close(self) -> None:
        """Look no more."""
        self._watch.close()

    def credentials(self) -> grpc.ServerCredentials | None:
        """Give what a gRPC port shows."""
        return None if self._certificates is None else self._certificates.credentials()

    def context(self) -> ssl.SSLContext | None:
        """Give what an HTTP port shows."""
        return None if self._certificates is None else self._certificates.context()

    def interceptor(self, address: Address, mode: int | None) -> grpc.aio.ServerInterceptor:
        """Give what lets callers in on a gRPC port."""
        watched = self._callers
        if watched is not None:
            return Listed(lambda: watched.now, self.attempts)
        return Unlisted(self.attempts, is_private=self._is_private(address, mode))

    @property
    def _is_mutual(self) -> bool:
        return self._certificates is not None and self._certificates.is_mutual

    def _is_private(self, address: Address, mode: int | None) -> bool:
        """Whether whoever reaches a port is let in by its operator."""
        own = isinstance(address, Unix) and mode is not None and not mode & OWNER_ALONE
        return own or self._is_mutual or (self._open_management and not is_open(address))


def is_open(address: Address) -> bool:
    """Whether other machines can reach an address."""
    match address:
        case Tcp(host):
            return host not in {"localhost", "::1"} and not host.startswith("127.")
        case Unix() | Abstract():
            return False
