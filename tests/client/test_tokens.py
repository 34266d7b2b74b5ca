"""Tokens go with every call of every client, and never over a network in the clear."""

import pytest

from guardrails.cli.main import main
from guardrails.client import AsyncClient, Client, Credentials
from guardrails.client.marks import AsyncMarksClient, MarksClient
from guardrails.client.operations import OperationsClient
from guardrails.client.tokens import must_stay_secret
from guardrails.client.works import WorksClient

TOKEN = "gr_" + "x" * 40
CLEAR = (
    "the token would go to '{}' in the clear: give credentials for TLS, or ask on a Unix socket or "
    "on loopback"
)


@pytest.mark.parametrize(
    ("address", "stays"),
    [
        ("unix:/run/guard.sock", True),
        ("unix-abstract:guard", True),
        ("localhost:50051", True),
        ("127.0.0.1:50051", True),
        ("127.9.9.9:1", True),
        ("[::1]:50051", True),
        ("guard:50051", False),
        ("192.0.2.1:50051", False),
        ("0.0.0.0:50051", False),
        ("[::]:1", False),
        ("localhost.example.org:50051", False),
        ("127.0.0.1.example.org:50051", False),
        ("dns:///guard:50051", False),
        ("ipv4:192.0.2.1:1", False),
        ("", False),
    ],
)
def test_a_token_leaves_the_machine_encrypted_alone(address, stays):
    must_stay_secret(TOKEN, address, encrypted=True)
    if stays:
        must_stay_secret(TOKEN, address, encrypted=False)
        return
    with pytest.raises(ValueError, match="in the clear") as refused:
        must_stay_secret(TOKEN, address, encrypted=False)

    assert str(refused.value) == CLEAR.format(address)


CLIENTS = [Client, AsyncClient, MarksClient, AsyncMarksClient, OperationsClient]


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_sees_to_it_when_it_is_made(client):
    with pytest.raises(ValueError, match="in the clear"):
        client("guard:50051", token=TOKEN)
    with pytest.raises(ValueError, match="in the clear"):
        WorksClient("guard:50051", "novels", token=TOKEN)

    client("guard:50051", token=TOKEN, credentials=Credentials(b"ca"))


@pytest.mark.parametrize("token", ["", "two words", "line\n", "é" * 40, "\ud800"])
def test_what_is_no_token_is_refused_and_not_repeated(token):
    with pytest.raises(ValueError, match="not one word of plain letters") as refused:
        Client("localhost:1", token=token)

    assert not token or token not in str(refused.value)


def test_no_secret_is_in_what_a_client_looks_like():
    shown = Credentials(b"ca", b"certificate", b"-----BEGIN PRIVATE KEY-----")

    assert "PRIVATE" not in repr(shown)
    assert TOKEN not in repr(Client("localhost:1", token=TOKEN))


@pytest.mark.parametrize(
    ("options", "environment", "code", "message"),
    [
        ([], TOKEN, 2, CLEAR.format("guard.invalid:1")),
        (["--token-file", "token"], "", 2, CLEAR.format("guard.invalid:1")),
        (["--token-file", "none"], "", 2, "'none' cannot be read: no such file or directory"),
        (["--token-file", "binary"], "", 2, "'binary' holds no token"),
        (["--token-file", "empty"], "", 2, "the token is not one word of plain letters"),
    ],
)
def test_the_command_reads_it_from_a_file_or_the_environment(
    tmp_path, monkeypatch, capsys, options, environment, code, message
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GUARDRAILS_TOKEN", environment)
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "empty").write_text("\n")

    assert main(["check", "--address", "guard.invalid:1", "x", *options]) == code
    told = capsys.readouterr().err
    assert message in told
    assert TOKEN not in told
