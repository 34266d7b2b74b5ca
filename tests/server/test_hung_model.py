"""A sidecar whose model hangs: its steps fail, the others judge, and it comes back by itself."""

import asyncio
import threading

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from guardrails.client import AsyncClient
from guardrails.core.content import prompt
from guardrails.core.verdict import Action, Outcome
from guardrails.models import recovery
from guardrails.models.session import Hardware
from guardrails.models.store import ModelStore
from guardrails.server.address import Tcp
from guardrails.server.app import Sidecar
from guardrails.server.config import Config

POLICY = """
policy: names
input:
  - check: keywords
    with: {words: [forbidden]}
    then: block
  - rule: names
    check: pii
    with: {entities: [PERSON], model: rampart}
    then: redact
    on_error: ACTION
    timeout: 30s
"""
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
MODELS = "guardrails.v1.Guardrails/models"


class Wedged:
    """A net that never ends, until it is let."""

    def __init__(self, net) -> None:
        self.inputs, self.outputs = net.inputs, net.outputs
        self.let = threading.Event()

    def run(self, _feed):
        self.let.wait(60)


async def health(address: str, service: str = "") -> int | str:
    async with grpc.aio.insecure_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        try:
            return (await stub.Check(health_pb2.HealthCheckRequest(service=service))).status
        except grpc.RpcError as error:
            return error.code().name


@pytest.mark.parametrize(("on_error", "action"), [("block", Action.BLOCK), ("flag", Action.FLAG)])
async def test_its_steps_fail_and_later_requests_are_judged_again(
    tmp_path, monkeypatch, on_error, action
):
    monkeypatch.setattr(recovery, "HUNG", 0)
    (tmp_path / "names.yaml").write_text(POLICY.replace("ACTION", on_error))
    with ModelStore(hardware=Hardware(patience=0.8)) as models:
        sidecar = Sidecar(Config(tmp_path, Tcp("127.0.0.1", 0)), models)
        await sidecar.start()
        session = models.open("rampart")._session
        wedged = session._net = Wedged(session._net)
        monkeypatch.setattr(session, "_load", _none(session._load))
        async with AsyncClient(sidecar.address) as client:

            async def ask(text="I am Jane Doe"):
                return await client.evaluate(prompt(text), policy="names")

            at_once = await asyncio.gather(ask(), ask(), ask())
            ill = [await health(sidecar.address, each) for each in _services()]
            while_ill = await ask()
            light = await ask("forbidden")
            monkeypatch.undo()
            monkeypatch.setattr(recovery, "HUNG", 0)
            await asyncio.wait_for(_until_well(sidecar.address), 30)
            after = await ask()
        counted = sidecar._backend.metrics.registry.get_sample_value
        replaced = counted("guardrails_model_replacements_total", {"model": "rampart"})
        wedged.let.set()
        await sidecar.stop()

    assert [one.action for one in (*at_once, while_ill)] == [action] * 4
    reports = [one.reports[-1] for one in (*at_once, while_ill)]
    assert {one.outcome for one in reports} == {Outcome.FAILED}
    assert light.action is Action.BLOCK
    assert light.reports[0].outcome is Outcome.FOUND
    assert ill == [SERVING, NOT_SERVING, NOT_SERVING, "NOT_FOUND"]
    assert (after.action, after.content.text) == (Action.REDACT, "I am <PERSON>")
    assert replaced == 1


async def _until_well(address: str) -> None:
    for _ in range(600):
        if await health(address, MODELS) == SERVING:
            return
        await asyncio.sleep(0.05)


def _services() -> tuple[str, ...]:
    return "", MODELS, f"{MODELS}/rampart", f"{MODELS}/other"


def _none(_load):
    def load():
        raise OSError("not now")

    return load
