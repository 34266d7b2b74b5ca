"""Encrypted, and with both sides known."""

from pathlib import Path

import pytest
import trustme

from guardrails.cli.main import main
from guardrails.client import AsyncClient, Credentials
from guardrails.core.content import prompt
from guardrails.core.errors import SidecarError
from guardrails.core.verdict import Action
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
        address = serve(Config(policies, "127.0.0.1:0", tls=tls))
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
        serve(Config(policies, "127.0.0.1:0", tls=tls))
