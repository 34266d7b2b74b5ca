"""Certificates that are renewed under a running sidecar, and under what is served over HTTP."""

import asyncio
import datetime as dt
import logging
import socket
import ssl
import threading
import time
from pathlib import Path

import httpx
import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from prometheus_client import CollectorRegistry

from guardrails.client import Client, Credentials
from guardrails.core.content import prompt
from guardrails.core.errors import GuardrailsError
from guardrails.core.verdict import Action
from guardrails.server.access.entry import Entry
from guardrails.server.address import Tcp
from guardrails.server.config import Config, Tls
from guardrails.server.over_http import ThreadServer, bound, settings, url_of


def wait_for(done) -> None:
    for _ in range(200):
        if done():
            return
        time.sleep(0.05)
    raise AssertionError


class Files:
    """A certificate, its key and an authority, as they are on a disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = trustme.CA()
        self.tls = Tls(folder / "cert.pem", folder / "key.pem", folder / "ca.pem")
        self.trust(self.authority)
        self.issue(self.authority)

    def issue(self, authority, **more):
        issued = authority.issue_cert("localhost", "127.0.0.1", **more)
        issued.private_key_pem.write_to_path(self.tls.key)
        issued.cert_chain_pems[0].write_to_path(self.tls.certificate)

    def trust(self, authority):
        authority.cert_pem.write_to_path(self.tls.client_ca)


@pytest.fixture
def files(tmp_path) -> Files:
    return Files(tmp_path)


def shown_by(authority, client_of=None) -> Credentials:
    mine = (client_of or authority).issue_cert("client.example")
    return Credentials(
        authority.cert_pem.bytes(), mine.cert_chain_pems[0].bytes(), mine.private_key_pem.bytes()
    )


def judged(address, credentials) -> bool:
    with Client(address.replace("127.0.0.1", "localhost"), credentials=credentials) as client:
        try:
            return client.evaluate(prompt("zephyr"), policy="tiny").action is Action.REDACT
        except GuardrailsError:
            return False


def test_a_renewed_certificate_is_shown_to_new_connections_while_old_ones_go_on(
    serve, policies, files, caplog
):
    caplog.set_level(logging.INFO, "guardrails.server")
    address = serve(Config(policies, Tcp("127.0.0.1", 0), tls=files.tls))
    where = address.replace("127.0.0.1", "localhost")
    second = trustme.CA()
    with Client(where, credentials=shown_by(files.authority)) as old:
        assert not old.evaluate(prompt("zephyr"), policy="tiny").blocked
        files.issue(second)
        wait_for(lambda: judged(address, shown_by(second, files.authority)))
        assert not old.evaluate(prompt("zephyr"), policy="tiny").blocked
    assert not judged(address, shown_by(files.authority))
    assert caplog.text.count("certificate was read again") == 1


def test_another_authority_of_clients_takes_the_place_of_the_first(serve, policies, files):
    address = serve(Config(policies, Tcp("127.0.0.1", 0), tls=files.tls))
    second = trustme.CA()
    assert judged(address, shown_by(files.authority))
    files.trust(second)
    wait_for(lambda: judged(address, shown_by(files.authority, second)))

    assert not judged(address, shown_by(files.authority))


def test_half_a_pair_changes_nothing_until_it_is_whole(serve, policies, files, caplog):
    address = serve(Config(policies, Tcp("127.0.0.1", 0), tls=files.tls))
    second = trustme.CA()
    issued = second.issue_cert("localhost")
    issued.private_key_pem.write_to_path(files.tls.key)
    wait_for(
        lambda: f"'{files.tls.key}' is not the key of '{files.tls.certificate}'" in caplog.text
    )
    assert judged(address, shown_by(files.authority))
    files.tls.certificate.write_text("-----BEGIN CERT")
    wait_for(lambda: "holds no certificate in PEM" in caplog.text)
    assert judged(address, shown_by(files.authority))
    issued.cert_chain_pems[0].write_to_path(files.tls.certificate)
    wait_for(lambda: judged(address, shown_by(second, files.authority)))

    assert caplog.text.count("the last one holds") == 2
    assert "PRIVATE KEY" not in caplog.text


def test_a_folder_that_is_swapped_by_a_link_is_followed(serve, policies, tmp_path):
    """As Kubernetes mounts secrets: names are links into a folder that another replaces."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = Files(tmp_path / "one"), Files(tmp_path / "two")
    now = tmp_path / "now"
    now.symlink_to("one")
    tls = Tls(now / "cert.pem", now / "key.pem")
    address = serve(Config(policies, Tcp("127.0.0.1", 0), tls=tls))
    assert judged(address, Credentials(one.authority.cert_pem.bytes()))
    (tmp_path / "next").symlink_to("two")
    (tmp_path / "next").rename(now)

    wait_for(lambda: judged(address, Credentials(two.authority.cert_pem.bytes())))


@pytest.fixture
def site(files):
    """Something that is served over HTTP, and how to ask it."""
    entry = Entry(files.tls)

    async def app(scope, _, send):
        if scope["type"] == "http":
            head = {"type": "http.response.start", "status": 200, "headers": []}
            await send(head)
            await send({"type": "http.response.body", "body": b"hello"})

    entry.start()
    taken = bound("a site", Tcp("127.0.0.1", 0), 16)
    context = entry.context()
    server = ThreadServer(settings(app, context, at_once=16, grace=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
    thread.start()
    yield url_of(Tcp("127.0.0.1", 0), taken, context)
    server.should_exit = True
    thread.join(10)
    taken.close()
    entry.close()


def trusting(authority, client_of) -> ssl.SSLContext:
    made = ssl.create_default_context()
    authority.configure_trust(made)
    client_of.issue_cert("client.example").configure_cert(made)
    return made


def reached(url, context) -> bool:
    try:
        return httpx.get(url, verify=context, trust_env=False).text == "hello"
    except httpx.TransportError:
        return False


def test_over_http_new_connections_see_what_is_new_and_old_ones_go_on(site, files):
    first, second = files.authority, trustme.CA()
    with httpx.Client(verify=trusting(first, first), trust_env=False) as old:
        assert old.get(site).text == "hello"
        files.issue(second)
        files.trust(second)
        wait_for(lambda: reached(site, trusting(second, second)))
        assert old.get(site).text == "hello"

    assert not reached(site, trusting(second, first))
    assert not reached(site, trusting(first, second))


def test_over_http_nobody_comes_in_again_by_an_earlier_session(site, files):
    first, second = files.authority, trustme.CA()
    both = trusting(first, first)
    second.configure_trust(both)
    host, port = site.removeprefix("https://").split(":")

    def talk(session=None):
        made = socket.create_connection((host, int(port)))
        with both.wrap_socket(made, server_hostname="localhost", session=session) as connected:
            connected.sendall(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            return connected.recv(100), connected.session

    answer, session = talk()
    assert answer.startswith(b"HTTP/1.1 200")
    files.trust(second)
    wait_for(lambda: reached(site, trusting(first, second)))

    try:
        again, _ = talk(session)
    except (OSError, ValueError):  # as the server's refusal meets what is being sent
        again = b""
    assert again == b""


def test_where_clients_show_certificates_older_tls_is_refused(site, files):
    old = trusting(files.authority, files.authority)
    old.maximum_version = ssl.TLSVersion.TLSv1_2

    assert not reached(site, old)


@pytest.mark.parametrize(
    ("days", "warned"), [(30, ""), (5, "the certificate expires in 5.0 days"), (-1, "in -1.0 days")]
)
def test_the_end_of_a_certificate_is_counted_down_and_warned_of(files, caplog, days, warned):
    end = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    files.issue(files.authority, not_after=end, not_before=end - dt.timedelta(days=90))
    registry = CollectorRegistry()
    with caplog.at_level(logging.WARNING, "guardrails.server"):
        Entry(files.tls, registry=registry)
        left = registry.get_sample_value("guardrails_certificate_expires_seconds")

    assert left == pytest.approx(days * 86_400, abs=60)
    assert warned in caplog.text
    assert bool(warned) is ("expires" in caplog.text)


async def test_what_was_read_again_is_counted(files):
    registry = CollectorRegistry()
    entry = Entry(files.tls, registry=registry)
    entry.start()

    def counted(outcome):
        labels = {"what": "certificate", "outcome": outcome}
        return registry.get_sample_value("guardrails_access_readings_total", labels) == 1

    files.tls.key.write_text("none")
    await asyncio.to_thread(wait_for, lambda: counted("broken"))
    files.issue(files.authority)
    await asyncio.to_thread(wait_for, lambda: counted("read"))
    await asyncio.to_thread(entry.close)


CERTIFICATES = """
callers:
  - name: app
    certificate: {uri: "spiffe://example.org/app"}
    tenant: acme
    policies: [tiny]
    scopes: [evaluate]
  - name: other
    certificate: {dns: other.example}
    tenant: globex
    policies: [covers]
    scopes: [evaluate]
  - name: named
    certificate: {common_name: "The Operator"}
    scopes: [reload]
"""


@pytest.mark.parametrize(
    ("certificate", "told"),
    [
        ({"uri": "spiffe://example.org/app"}, "judged"),
        ({"uri": "spiffe://example.org/app/more"}, "UnknownCallerError"),
        ({"dns": "spiffe.example.org"}, "UnknownCallerError"),
        ({"dns": "other.example"}, "ForbiddenError"),
        ({"common_name": "The Operator"}, "ForbiddenError"),
        ({"common_name": "spiffe://example.org/app"}, "UnknownCallerError"),
        ({"uri": "spiffe://example.org/app", "dns": "other.example"}, "UnknownCallerError"),
    ],
)
@pytest.mark.parametrize("token", [None, "w" * 40])
def test_callers_are_known_by_their_certificates_where_they_show_no_token(
    serve, policies, files, tmp_path, issued, certificate, told, token
):
    (tmp_path / "access.yaml").write_text(CERTIFICATES)
    config = Config(policies, Tcp("127.0.0.1", 0), tls=files.tls, access=tmp_path / "access.yaml")
    address = serve(config).replace("127.0.0.1", "localhost")
    key, chain = issued(files.authority, **certificate)
    shown = Credentials(files.authority.cert_pem.bytes(), chain, key)
    with Client(address, credentials=shown, token=token) as client:
        try:
            client.evaluate(prompt("zephyr"), policy="tiny")
            answer = "judged"
        except GuardrailsError as error:
            answer = type(error).__name__

    assert answer == (told if token is None else "UnknownCallerError")


@pytest.fixture(scope="module")
def issued():
    """Issue certificates of clients with whatever names."""

    def issue(authority, *, uri=None, dns=None, common_name=None):
        key = ec.generate_private_key(ec.SECP256R1())
        parent = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
        attribute = x509.NameAttribute(NameOID.COMMON_NAME, common_name or "client")
        names = [x509.UniformResourceIdentifier(uri)] if uri else []
        names += [x509.DNSName(dns)] if dns else []
        now = dt.datetime.now(dt.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([attribute]))
            .issuer_name(parent.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
        )
        if names:
            made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        certificate = made.sign(authority._private_key, hashes.SHA256())
        pem = serialization.Encoding.PEM
        private = key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return private, certificate.public_bytes(pem)

    return issue
