"""The page that Prometheus reads: there before policies load, gone at the end."""

import asyncio
import socket
import urllib.error
import urllib.request

import pytest
from prometheus_client import CollectorRegistry, Counter

from guardrails.server.address import Tcp
from guardrails.server.app import Sidecar
from guardrails.server.config import Config
from guardrails.server.scraping import Page

ANY_PORT = Tcp("127.0.0.1", 0)


def read(address: Tcp) -> str:
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as page:
        return page.read().decode()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_it_is_served_until_it_is_closed(host):
    registry = CollectorRegistry()
    page = Page(Tcp(host, 0), registry)
    Counter("verdicts", "of a test", registry=registry).inc()

    assert "verdicts_total 1.0" in read(page.address)
    page.close()
    with pytest.raises(urllib.error.URLError):
        read(page.address)


@pytest.mark.parametrize(
    ("host", "reason"), [("127.0.0.1", "address already in use"), ("no.invalid", "")]
)
def test_where_it_cannot_be_is_told(host, reason):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = Tcp(host, taken.getsockname()[1])
        with pytest.raises(OSError, match=f"^cannot serve metrics on '{address}': .*{reason}"):
            Page(address, CollectorRegistry())


async def test_a_port_that_is_taken_is_told_before_any_policy(tmp_path, models):
    (tmp_path / "bad.yaml").write_text("this: would be told later")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        metrics = Tcp("127.0.0.1", taken.getsockname()[1])
        sidecar = Sidecar(Config(tmp_path, ANY_PORT, metrics=metrics), models)
        with pytest.raises(OSError, match="cannot serve metrics on"):
            await sidecar.start()
    await sidecar.stop()


async def test_it_ends_with_the_sidecar(policies, models):
    with socket.create_server(("127.0.0.1", 0)) as free:
        metrics = Tcp("127.0.0.1", free.getsockname()[1])
    sidecar = Sidecar(Config(policies, ANY_PORT, metrics=metrics), models)
    await sidecar.start()
    assert await asyncio.to_thread(read, metrics)

    await sidecar.stop()
    with pytest.raises(urllib.error.URLError):
        await asyncio.to_thread(read, metrics)
