"""A port that is held for workers: theirs, and nobody else's."""

import socket

import pytest

from guardrails.server.address import Tcp
from guardrails.server.workers.held import Held


@pytest.fixture
def held():
    taken = Held(Tcp("127.0.0.1", 0))
    yield taken
    taken.close()


def bind(address: Tcp, *, shares: bool) -> socket.socket:
    mine = socket.socket()
    mine.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
    mine.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, int(shares))
    try:
        mine.bind((address.host, address.port))
        mine.listen()
    except OSError:
        mine.close()
        raise
    return mine


def test_port_0_becomes_one_that_is_free(held):
    assert held.address.port > 0


def test_workers_share_it_and_others_do_not_get_it_before_or_after_they_listen(held):
    with pytest.raises(OSError, match="in use"):
        bind(held.address, shares=False)
    with bind(held.address, shares=True), bind(held.address, shares=True):
        with pytest.raises(OSError, match="in use"):
            bind(held.address, shares=False)
        with pytest.raises(OSError, match=r"cannot listen on '127.0.0.1:.*in use"):
            Held(held.address)


def test_two_cannot_hold_it(held):
    with pytest.raises(OSError, match=f"^cannot listen on '{held.address}': address already in"):
        Held(held.address)


def test_it_is_free_again_when_it_is_let_go_though_connections_linger(held):
    where = held.address.host, held.address.port
    with bind(held.address, shares=True) as server, socket.create_connection(where):
        server.accept()[0].close()  # the side that closes first lingers
    held.close()
    Held(held.address).close()


def test_a_name_is_held_on_every_address_that_it_stands_for():
    held = Held(Tcp("localhost", 0))
    with pytest.raises(OSError, match="in use"):
        bind(Tcp("127.0.0.1", held.address.port), shares=False)
    held.close()


@pytest.mark.parametrize("host", ["no.invalid", "203.0.113.1"])
def test_where_it_cannot_be_is_told(host):
    with pytest.raises(OSError, match=f"^cannot listen on '{host}:1': "):
        Held(Tcp(host, 1))
