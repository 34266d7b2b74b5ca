"""The certificate that all ports show and the authority that they ask for, as the files have it."""

import logging
import math
import ssl
import time
from dataclasses import dataclass, field

import grpc
from cryptography import x509

from guardrails.server import tls as files
from guardrails.server.access.counted import Counted
from guardrails.server.access.watched import Watched
from guardrails.server.config import Tls

_log = logging.getLogger("guardrails.server")

DAY = 86_400
SOON = 14 * DAY
"""Seconds before a certificate's end from which on the log warns of it."""
WHAT = "certificate"


@dataclass(frozen=True, slots=True)
class Shown:
    """What was read at one time, and seen to fit."""

    certificate: bytes
    key: bytes = field(repr=False)
    client_ca: bytes | None
    context: ssl.SSLContext
    """The same, for what is served over HTTP."""
    expires: float
    """Seconds since 1970."""


class Certificates:
    """What is shown at present.

    Raises:
        OSError: a file cannot be read.
        ValueError: a file holds something else, or the key belongs to another certificate.
    """

    def __init__(self, tls: Tls, counted: Counted) -> None:
        self._tls = tls
        self.is_mutual = tls.client_ca is not None
        named = [tls.certificate, tls.key, *([tls.client_ca] if tls.client_ca else [])]
        self._watched = Watched(WHAT, lambda _: named, lambda: _read(tls), counted.read)
        self._warned = -math.inf
        counted.expiring(lambda: self.now.expires)
        self._warn()

    @property
    def now(self) -> Shown:
        """What new connections are shown."""
        return self._watched.now

    def look(self) -> None:
        """Read again what has changed, and warn of an end that is near."""
        self._watched.look()
        self._warn()

    def credentials(self) -> grpc.ServerCredentials:
        """Give what one gRPC port shows.

        gRPC asks before every handshake, in a thread of its own, so it is told at once.
        """
        given = self.now

        def changed() -> grpc.ServerCertificateConfiguration | None:
            nonlocal given
            if self.now is given:
                return None
            given = self.now
            return _configured(given)

        return grpc.dynamic_ssl_server_credentials(
            _configured(given), changed, require_client_authentication=self.is_mutual
        )

    def context(self) -> ssl.SSLContext:
        """Give what one HTTP port shows.

        A context that listens can be told to trust more authorities and not fewer, so each
        handshake is handed on to the context of the present. Sessions are not resumed, for that
        would let in whom an authority vouched for that is trusted no more.
        """
        listening = files.context(self._tls)
        listening.options |= ssl.OP_NO_TICKET
        listening.num_tickets = 0
        if self.is_mutual:
            listening.minimum_version = ssl.TLSVersion.TLSv1_3  # older ones resume without tickets
        listening.sni_callback = self._hand_on
        return listening

    def _hand_on(self, connection: ssl.SSLObject, _name: str, _listening: ssl.SSLContext) -> None:
        connection.context = self.now.context

    def _warn(self) -> None:
        left = self.now.expires - time.time()
        if left < SOON and time.monotonic() - self._warned > DAY:
            self._warned = time.monotonic()
            _log.warning("the certificate expires in %.1f days, renew it", left / DAY)


def _read(tls: Tls) -> Shown:
    certificate, key = files.pair(tls.certificate, tls.key)
    client_ca = files.authority(tls.client_ca) if tls.client_ca else None
    return Shown(certificate, key, client_ca, files.context(tls), _end(certificate))


def _end(chain: bytes) -> float:
    """Give the end of the first certificate of a chain that expires."""
    certificates = x509.load_pem_x509_certificates(chain)
    return min(one.not_valid_after_utc for one in certificates).timestamp()


def _configured(shown: Shown) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration(
        [(shown.key, shown.certificate)], root_certificates=shown.client_ca
    )
