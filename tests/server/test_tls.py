"""Encrypted, and with both sides known."""

from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from guardrails.cli.main import main
from guardrails.client import AsyncClient, Credentials
from guardrails.core.content import prompt
from guardrails.core.errors import SidecarError
from guardrails.core.verdict import Action
from guardrails.server.address import Tcp
from guardrails.server.config import Config, Tls


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def secure(authority, serve, policies, tmp_path_factory):
    """Start a sidecar with a certificate, and give its address as its certificate has it."""
    folder = tmp_path_factory.mktemp("tls")
    server = authority.issue_cert("localhost")
    server.private_key_pem.write_to_path(folder / "key.pem")
    server.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")

    def start(client_ca: Path | None) -> str:
        tls = Tls(folder / "cert.pem", folder / "key.pem", client_ca and folder / client_ca)
        address = serve(Config(policies, Tcp("127.0.0.1", 0), tls=tls))
        return address.replace("127.0.0.1", "localhost")

    return start


async def ask(address: str, credentials: Credentials | None) -> Action:
    async with AsyncClient(address, credentials=credentials, timeout=5) as client:
        return (await client.evaluate(prompt("zephyr"), policy="tiny")).action


async def test_tls(secure, authority):
    address = secure(None)

    assert await ask(address, Credentials(authority.cert_pem.bytes())) is Action.REDACT


async def test_plain_callers_and_strangers_get_nothing_from_tls(secure):
    address = secure(None)
    for credentials in (None, Credentials(trustme.CA().cert_pem.bytes())):
        with pytest.raises(SidecarError):
            await ask(address, credentials)


async def test_mutual_tls(secure, authority):
    address = secure(Path("ca.pem"))
    client = authority.issue_cert("client.example")
    known = Credentials(
        authority.cert_pem.bytes(),
        client.cert_chain_pems[0].bytes(),
        client.private_key_pem.bytes(),
    )

    assert await ask(address, known) is Action.REDACT
    with pytest.raises(SidecarError):
        await ask(address, Credentials(authority.cert_pem.bytes()))


def test_the_command_line_speaks_mutual_tls(secure, authority, tmp_path, capsys):
    client = authority.issue_cert("client.example")
    client.private_key_pem.write_to_path(tmp_path / "key.pem")
    client.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    ask = ["check", "--address", secure(Path("ca.pem")), "--policy", "tiny", "zephyr"]
    files = [f"--tls-{name}={tmp_path / name}.pem" for name in ("ca", "cert", "key")]

    assert main([*ask, *files]) == 0
    assert "passes on: <CONFIDENTIAL>" in capsys.readouterr().out
    assert main([*ask, files[0]]) == 5
    assert main([*ask, *files[1:]]) == 2
    assert main([*ask, *files[:2]]) == 2


def test_a_certificate_that_cannot_be_read_ends_the_start(serve, policies, tmp_path):
    tls = Tls(tmp_path / "none.pem", tmp_path / "none.pem")

    with pytest.raises(FileNotFoundError):
        serve(Config(policies, Tcp("127.0.0.1", 0), tls=tls))


@pytest.fixture
def files(authority, tmp_path, monkeypatch):
    """The working directory: two certificates, their keys, and files that are neither."""
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        issued = authority.issue_cert(f"{name}.example")
        issued.private_key_pem.write_to_path(f"{name}.key")
        issued.cert_chain_pems[0].write_to_path(f"{name}.pem")
    authority.cert_pem.write_to_path("ca.pem")
    Path("text").write_text("policy: none of them")
    Path("broken").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    Path("sealed.key").write_bytes(
        serialization.load_pem_private_key(Path("one.key").read_bytes(), None).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"password"),
        )
    )


MISFITS = pytest.mark.parametrize(
    ("certificate", "key", "ca", "message"),
    [
        ("one.pem", "two.key", "ca.pem", "'two.key' is not the key of 'one.pem'"),
        ("text", "one.key", "ca.pem", "'text' holds no certificate in PEM"),
        ("broken", "one.key", "ca.pem", "'broken' holds no certificate in PEM"),
        ("one.key", "one.pem", "ca.pem", "'one.key' holds no certificate in PEM"),
        ("one.pem", "text", "ca.pem", "'text' holds no key in PEM, or one behind a password"),
        ("one.pem", "sealed.key", "ca.pem", "'sealed.key' holds no key in PEM, or one behind"),
        ("one.pem", "one.key", "text", "'text' holds no certificate in PEM"),
        ("one.pem", "one.key", "none", "'none' cannot be read: no such file or directory"),
        ("one.pem", "none", "ca.pem", "'none' cannot be read: no such file or directory"),
        ("none", "one.key", "ca.pem", "'none' cannot be read: no such file or directory"),
    ],
)


@MISFITS
@pytest.mark.usefixtures("files")
def test_a_sidecar_tells_which_file_does_not_fit(policies, capsys, certificate, key, ca, message):
    serve = ["serve", "--policies", str(policies), "--listen", "127.0.0.1:0"]

    assert main([*serve, "--tls-cert", certificate, "--tls-key", key, "--client-ca", ca]) == 2
    assert capsys.readouterr().err.startswith(f"guardrails: {message}")


@MISFITS
@pytest.mark.usefixtures("files")
def test_a_client_tells_which_file_does_not_fit(capsys, certificate, key, ca, message):
    ask = ["check", "x", "--address", "127.0.0.1:1"]

    assert main([*ask, "--tls-cert", certificate, "--tls-key", key, "--tls-ca", ca]) == 2
    assert capsys.readouterr().err.startswith(f"guardrails: {message}")
