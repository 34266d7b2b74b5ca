"""One engine that tells every verdict, and every door in front of it."""

import json
import socket
import threading

import grpc
import httpx
import pytest
import uvicorn

from guardrails.client.blocking import Blocking
from guardrails.engine.engine import Engine
from guardrails.policy.loader import load
from guardrails.server.admission import Admission
from guardrails.server.config import Limits
from guardrails.server.envoy.door import EnvoyDoor
from guardrails.server.interceptors import Errors
from guardrails.server.openai import routing
from guardrails.server.openai.judging import Judge
from guardrails.server.openai.proxy import Proxy
from guardrails.server.openai.upstream import Upstream
from guardrails.server.service import Service
from guardrails.wire.guardrails_pb2_grpc import add_GuardrailsServicer_to_server
from tests.doors.doors import MODES
from tests.doors.shapes import SHAPES
from tests.doors.table import POLICIES, ROUTES, Case
from tests.doors.ways import Doors
from tests.server.envoy.conftest import Envoy, set_modes


class Heard:
    """Keeps the verdicts of an engine, and so what no door tells."""

    def __init__(self):
        self.verdicts = []

    def record(self, verdict):
        self.verdicts.append(verdict)

    def refuse(self, status):
        """Nothing was judged."""


class Model:
    """A model's server that says a case, in the shape of whatever route it is asked on."""

    def __init__(self):
        self.case, self.raw, self.asked = Case(), None, []

    async def __call__(self, scope, receive, send):
        body = b""
        while (event := await receive())["type"] == "http.request":
            body += event["body"]
            if not event.get("more_body"):
                break
        asked, shape = json.loads(body), SHAPES[scope["path"]]
        self.asked.append(asked)
        kind, said = self._said(shape, asked)
        headers = [(b"content-type", kind)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for at in range(0, len(said), 997):
            piece = said[at : at + 997]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})

    def _said(self, shape, asked):
        if self.raw is not None:
            return self.raw
        text = self.case.heard(shape.got(asked))
        if asked.get("stream"):
            return b"text/event-stream", shape.stream(text, self.case)
        return b"application/json", json.dumps(shape.say(text, self.case.call)).encode()


@pytest.fixture(scope="session")
def plans(tmp_path_factory, models):
    folder = tmp_path_factory.mktemp("doors")
    for name, text in POLICIES.items():
        (folder / f"{name}.yaml").write_text(text)
    return load(folder, models)


@pytest.fixture(scope="session")
def routes_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("routes") / "routes.yaml"
    path.write_text(ROUTES)
    return path


@pytest.fixture(scope="session")
def heard():
    return Heard()


@pytest.fixture(scope="session")
def one_engine(plans, heard):
    return Engine(plans, recorders=[heard])


@pytest.fixture(scope="session")
def loop():
    made = Blocking()
    yield made
    made.close()


@pytest.fixture(scope="session")
def model():
    made = Model()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = uvicorn.Config(made, log_config=None, lifespan="off", ws="none", http="h11")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        made.port = taken.getsockname()[1]
        yield made
        server.should_exit = server.force_exit = True
        thread.join(10)


@pytest.fixture(scope="session")
def address(loop, behind, one_engine, routes_file):
    """Where a sidecar's services listen, Envoy's included, in front of the engine."""
    backend = behind(one_engine)

    async def start():
        server = grpc.aio.server(interceptors=[Errors(backend.metrics)])
        add_GuardrailsServicer_to_server(Service(backend, backend.limits.idle_seconds), server)
        envoy = EnvoyDoor(routes_file, backend)
        envoy.add_to(server)
        envoy.open()
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, f"127.0.0.1:{port}"

    server, address = loop.run(start())
    yield address
    loop.run(server.stop(1))


@pytest.fixture(scope="session")
def proxied(loop, one_engine, plans, routes_file, model):
    """A client of the proxy."""
    limits = Limits()
    upstream = Upstream(f"http://127.0.0.1:{model.port}", 30)
    rules = routing.load(routes_file, tuple(plans))
    judge = Judge(one_engine, Admission(limits))
    proxy = Proxy(judge, rules, upstream, plans, limits.message_bytes, 30)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(proxy), base_url="http://proxy")
    yield client
    loop.run(client.aclose())
    loop.run(upstream.aclose())


@pytest.fixture(scope="session")
def gateways(loop, address, model, tmp_path_factory):
    """Clients of Envoys: as it is shipped, and in its other modes."""
    port, made, clients = int(address.rpartition(":")[2]), [], {}
    try:
        for name, (asked, answered) in MODES.items():

            def change(told, asked=asked, answered=answered):
                set_modes(told, asked, answered)

            envoy = Envoy(tmp_path_factory.mktemp("envoy"), port, model.port, change)
            made.append(envoy)
            clients[name] = httpx.AsyncClient(base_url=envoy.url, timeout=30)
        yield clients
    finally:
        for client in clients.values():
            loop.run(client.aclose())
        for envoy in made:
            envoy.close()


@pytest.fixture(scope="session")
def doors(loop, one_engine, heard, model, address, proxied, gateways):
    return Doors(loop, one_engine, heard, model, address, {"proxy": proxied, **gateways})
