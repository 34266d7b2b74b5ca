"""Sockets are bound for real; their files are taken from nobody."""

import os
import socket
from collections.abc import Callable

import grpc
import pytest

from guardrails.client import AsyncClient
from guardrails.core.content import prompt
from guardrails.core.verdict import Action
from guardrails.server.address import Abstract, Tcp, Unix
from guardrails.server.app import options
from guardrails.server.config import Config, Limits
from guardrails.server.listening import Bound, bind


@pytest.fixture
async def listen():
    """Bind and start servers for the time of one test."""
    servers = []

    async def start(address, mode=None) -> tuple[Bound, Callable]:
        server = grpc.aio.server(options=options(Limits()))
        bound = bind(server, address, None, mode)
        await server.start()
        servers.append(server)
        return bound, server.stop

    yield start
    for server in servers:
        await server.stop(0)


def connects(path) -> bool:
    with socket.socket(socket.AF_UNIX) as caller:
        return caller.connect_ex(str(path)) == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
async def test_a_free_port_is_chosen_and_told(listen, host):
    bound, _ = await listen(Tcp(host, 0))

    assert bound.address.host == host
    with socket.create_connection((host, bound.address.port)):
        pass


@pytest.mark.parametrize("address", [Tcp("127.0.0.1", 0), Abstract(f"guardrails-{os.getpid()}")])
async def test_what_is_taken_is_refused(listen, address):
    bound, _ = await listen(address)

    with pytest.raises(OSError, match="it is taken, not of this machine, or not allowed") as told:
        await listen(bound.address)
    assert str(told.value).startswith(f"cannot listen on '{bound.address}': ")


async def test_a_socket_that_answers_is_refused_and_lives_on(listen, tmp_path):
    path = tmp_path / "s"
    await listen(Unix(path))

    with pytest.raises(OSError, match=f"^somebody listens on 'unix:{path}' already$"):
        await listen(Unix(path))
    assert connects(path)


async def test_a_socket_whose_server_died_is_replaced(listen, tmp_path):
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))

    await listen(Unix(path))
    assert connects(path)


@pytest.mark.parametrize("make", ["file", "directory", "link"])
async def test_what_is_no_socket_is_left_alone(listen, tmp_path, make):
    path = tmp_path / "s"
    match make:
        case "file":
            path.write_text("precious")
        case "directory":
            path.mkdir()
        case "link":
            path.symlink_to(tmp_path / "nowhere")
    before = path.lstat()

    with pytest.raises(OSError, match=r"the file is there and is no socket$"):
        await listen(Unix(path))
    assert path.lstat() == before


async def test_a_socket_needs_its_directory(listen, tmp_path):
    with pytest.raises(OSError, match=f"there is no directory '{tmp_path}/absent'$"):
        await listen(Unix(tmp_path / "absent/s"))


@pytest.mark.parametrize("mode", [0o600, 0o660, 0o777])
async def test_a_socket_has_the_mode_that_was_asked_for(listen, tmp_path, mode):
    await listen(Unix(tmp_path / "s"), mode)

    assert (tmp_path / "s").stat().st_mode & 0o777 == mode


async def test_a_socket_has_the_mode_that_the_umask_gives(listen, tmp_path):
    before = os.umask(0o027)
    try:
        await listen(Unix(tmp_path / "s"))
    finally:
        os.umask(before)

    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o750


async def test_our_socket_is_removed_and_nothing_else_was_left(listen, tmp_path):
    bound, stop = await listen(Unix(tmp_path / "s"))
    assert [path.name for path in tmp_path.iterdir()] == ["s"]

    bound.release()
    await stop(0)
    assert list(tmp_path.iterdir()) == []


async def test_a_socket_that_took_our_name_is_not_removed(listen, tmp_path):
    path = tmp_path / "s"
    first, stop_first = await listen(Unix(path))
    path.unlink()
    await listen(Unix(path))

    first.release()
    await stop_first(0)
    assert connects(path)


@pytest.mark.parametrize("name", ["two words.sock", "100%.sock", "a#b?c.sock", "é\u202e.sock"])
async def test_names_with_odd_letters_are_names(serve, policies, tmp_path, name):
    address = Unix(tmp_path / name)
    assert serve(Config(policies, address)) == f"unix:{tmp_path / name}"

    async with AsyncClient(address.target) as client:
        assert (await client.evaluate(prompt("forbidden"), policy="tiny")).action is Action.BLOCK
