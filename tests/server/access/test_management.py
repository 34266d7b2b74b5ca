"""Where nobody has said who may manage, nobody may, unless the port itself is private."""

import os
from pathlib import Path

import grpc
import pytest

from guardrails.cli.main import main
from guardrails.client import Client
from guardrails.client.blocking import Blocking
from guardrails.client.operations import OperationsClient
from guardrails.core.content import prompt
from guardrails.core.errors import ForbiddenError, GuardrailsError, UnknownCallerError
from guardrails.server.access.entry import Entry
from guardrails.server.address import Abstract, Tcp, Unix
from guardrails.server.app import Sidecar
from guardrails.server.config import Config

CLOSED = (
    "this is closed here: start the server with --access FILE or --client-ca FILE, ask on a Unix "
    "socket for its owner alone, or start it with --open-management"
)


@pytest.mark.parametrize(
    ("address", "more", "is_open"),
    [
        (Tcp("127.0.0.1", 0), {}, False),
        (Tcp("127.0.0.1", 0), {"open_management": True}, True),
        (Tcp("0.0.0.0", 0), {"open_management": True}, False),  # noqa: S104
        (Unix(Path("operate.sock")), {}, True),
        (Abstract("guardrails-test-operate-{pid}"), {}, False),
        (Abstract("guardrails-test-operate-{pid}"), {"open_management": True}, True),
    ],
)
def test_operators_are_let_in_where_the_port_is_private(
    models, policies, tmp_path, monkeypatch, address, more, is_open
):
    monkeypatch.chdir(tmp_path)
    if isinstance(address, Abstract):
        address = Abstract(address.name.format(pid=os.getpid()))
    run = Blocking()

    async def started() -> Sidecar:
        made = Sidecar(Config(policies, Tcp("127.0.0.1", 0), operate=address, **more), models)
        await made.start()
        return made

    sidecar = run.run(started())
    where = sidecar._backend._operations.address.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
    with OperationsClient(where) as client:
        if is_open:
            assert client.status().policies
        else:
            with pytest.raises(ForbiddenError) as closed:
                client.status()
            assert str(closed.value) == CLOSED
    with Client(sidecar.address) as client:
        assert not client.evaluate(prompt("zephyr"), policy="tiny").blocked
    run.run(sidecar.stop())
    run.close()


def test_with_a_file_of_callers_no_port_is_open_by_itself(
    serve, policies, access, tokens, tmp_path
):
    socket = Unix(tmp_path / "operate.sock")
    serve(Config(policies, Tcp("127.0.0.1", 0), access=access, operate=socket))
    for token, error in ((None, UnknownCallerError), (tokens["acme"], ForbiddenError)):
        with OperationsClient(str(socket), token=token) as client, pytest.raises(error):
            client.status()
    with OperationsClient(str(socket), token=tokens["operator"]) as client:
        assert client.status().policies


def test_a_socket_that_others_may_use_is_not_private(tmp_path):
    """As ``--listen unix:PATH --socket-mode 0660`` makes it, or the umask may."""
    entry = Entry()
    path = Unix(tmp_path / "s")

    assert [entry._is_private(path, mode) for mode in (0o600, 0o700, 0o660, 0o606, None)] == [
        *(True, True, False, False, False)
    ]


async def test_a_service_that_is_in_no_table_is_closed_too(tmp_path):
    async def once(_, __):
        return b"once"

    server = grpc.aio.server(interceptors=[Entry().interceptor(Unix(tmp_path / "s"), 0o600)])
    handlers = {"M": grpc.unary_unary_rpc_method_handler(once)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("x.Y", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        with pytest.raises(grpc.aio.AioRpcError):
            await channel.unary_unary("/x.Y/M")(b"")
        with pytest.raises(grpc.aio.AioRpcError) as nowhere:
            await channel.unary_unary("/x.Y/N")(b"")
    await server.stop(0)

    assert nowhere.value.code() is grpc.StatusCode.UNIMPLEMENTED


OPEN = (
    "would be for everybody who reaches it: give it unix:PATH, say who may with --access FILE, ask "
    "for certificates with --client-ca FILE, or write --open-management"
)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--operate", "127.0.0.1:1"], f"--operate 127.0.0.1:1 {OPEN}"),
        (["--operate", "unix-abstract:x"], f"--operate unix-abstract:x {OPEN}"),
        (["--works", "w", "--manage", "127.0.0.1:1"], f"--manage 127.0.0.1:1 {OPEN}"),
        (
            ["--operate", "0.0.0.0:1", "--open-management"],
            (
                "--open-management is for this machine alone, and --operate 0.0.0.0:1 is not: "
                "say who may with --access FILE"
            ),
        ),
        (
            ["--access", "f", "--open-management"],
            "--open-management goes without --access, which says who may manage",
        ),
    ],
)
def test_what_would_be_open_by_accident_is_told_with_the_way_out(
    policies, capsys, options, message
):
    assert main(["serve", "--policies", str(policies), *options]) == 2
    assert capsys.readouterr().err == f"guardrails: {message}\n"


def test_a_file_of_callers_that_is_wrong_ends_the_start(serve, policies, tmp_path):
    (tmp_path / "access.yaml").write_text("callers: []")

    with pytest.raises(GuardrailsError, match="'callers' should not be empty"):
        serve(Config(policies, Tcp("127.0.0.1", 0), access=tmp_path / "access.yaml"))


def test_that_a_certificate_is_asked_of_nobody_is_told_at_the_start(tmp_path, caplog):
    file = tmp_path / "access.yaml"
    file.write_text(
        "callers:\n- {name: a, certificate: {uri: 'spiffe://a/b'}, tenant: t, "
        "policies: [p], scopes: [evaluate]}\n"
    )
    entry = Entry(access=file)
    entry.start()
    entry.close()

    assert "nobody is asked for one without --client-ca" in caplog.text
