"""Policies and models change while a sidecar serves, and nobody who asks is the worse for it."""

import asyncio
import os
import shutil
import threading
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from guardrails.client import AsyncClient
from guardrails.client.operations import OperationsClient
from guardrails.core.content import Content, Stage, prompt
from guardrails.core.errors import PolicyError, SidecarError
from guardrails.core.verdict import Action
from guardrails.models.store import SHIPPED, ModelStore
from guardrails.server.address import Tcp, Unix
from guardrails.server.app import Sidecar
from guardrails.server.config import Config, EnvoyConfig

RULE = "  - check: keywords\n    with: {{words: [{word}]}}\n    then: {then}\n"
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def policy(word: str, then: str = "block", name: str = "p") -> str:
    rule = RULE.format(word=word, then=then)
    return f"policy: {name}\ninput:\n{rule}output:\n{rule}"


@pytest.fixture
def running(tmp_path):
    """A sidecar over a folder of policies, with a port for operators; both are given."""

    @asynccontextmanager
    async def run(folder: Path, models=None, **more):
        operate = Unix(tmp_path / "operate.sock")
        config = Config(folder, Tcp("127.0.0.1", 0), operate=operate, **more)
        with ModelStore() if models is None else models as store:
            sidecar = Sidecar(config, store)
            await sidecar.start()
            try:
                async with AsyncClient(sidecar.address) as client:
                    with OperationsClient(operate.target) as operator:
                        yield sidecar, client, operator
            finally:
                await sidecar.stop()

    return run


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "policies"
    made.mkdir()
    (made / "p.yaml").write_text(policy("old"))
    return made


async def acts(client, text="old and new"):
    verdict = await client.evaluate(prompt(text), policy="p")
    return verdict.action, verdict.policy_hash


async def health_of_policies(address):
    async with grpc.aio.insecure_channel(address) as channel:
        asked = health_pb2.HealthCheckRequest(service="guardrails.v1.Guardrails/policies")
        return (await health_pb2_grpc.HealthStub(channel).Check(asked)).status


async def until(true, seconds=10.0):
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110  # it is another's event
            await asyncio.sleep(0.02)


async def test_an_operator_reloads_and_the_new_policy_judges(folder, running):
    async with running(folder) as (_, client, operator):
        before = await acts(client, "old")
        (folder / "p.yaml").write_text(policy("new"))
        unasked = await acts(client, "old")
        reloaded, status = await asyncio.to_thread(operator.reload)
        after = await acts(client, "old")

    assert before == unasked
    assert before[0] is Action.BLOCK
    assert after[0] is Action.ALLOW
    assert reloaded
    assert [(one.name, one.hash) for one in status.policies] == [("p", after[1])]
    assert (status.reloaded, status.refused, status.problems) == (1, 0, ())
    assert status.loaded_at == status.tried_at


async def test_a_broken_policy_leaves_the_last_good_one_and_is_told_everywhere(
    folder, running, caplog
):
    async with running(folder) as (sidecar, client, operator):
        before = await acts(client)
        healthy = await health_of_policies(sidecar.address)
        (folder / "p.yaml").write_text("policy: p\ninput: [{check: keywordz}]\n")
        reloaded, status = await asyncio.to_thread(operator.reload)
        after, ill = await acts(client), await health_of_policies(sidecar.address)
        (folder / "p.yaml").write_text(policy("new"))
        mended, cured = await asyncio.to_thread(operator.reload)
        well = await health_of_policies(sidecar.address)

    told = "unknown check 'keywordz', did you mean 'keywords'?"
    assert (reloaded, before) == (False, after)
    assert [str(one) for one in status.problems] == [f"{folder}/p.yaml:2:17: {told}"]
    assert (healthy, ill, well) == (SERVING, NOT_SERVING, SERVING)
    assert told in caplog.text
    assert (mended, cured.problems, cured.refused) == (True, (), 1)


@pytest.mark.parametrize("wrong", ["gone", "empty", "not YAML"])
async def test_whatever_becomes_of_the_folder_the_last_good_policy_serves(folder, running, wrong):
    async with running(folder) as (_, client, operator):
        before = await acts(client)
        match wrong:
            case "gone":
                shutil.rmtree(folder)
            case "empty":
                (folder / "p.yaml").unlink()
            case _:
                (folder / "p.yaml").write_bytes(b"\xff\x00{")
        reloaded, status = await asyncio.to_thread(operator.reload)

        assert not reloaded
        assert status.problems
        assert await acts(client) == before


async def test_files_that_change_are_seen_and_a_half_written_one_is_waited_for(folder, running):
    async with running(folder, watch_seconds=0.05) as (_, client, operator):
        before = await acts(client)
        (folder / "p.yaml").write_text(policy("new"))
        await until(lambda: _differs(client, before))
        await asyncio.sleep(0.5)
        status = await asyncio.to_thread(operator.status)

    assert status.reloaded == 1  # what did not change again is left alone


async def _differs(client, before):
    return (await acts(client))[1] != before[1]


async def test_links_that_are_switched_as_kubernetes_does_are_seen(tmp_path, running):
    mounted = tmp_path / "mounted"
    for name, word in (("..1", "old"), ("..2", "new")):
        (mounted / name).mkdir(parents=True)
        (mounted / name / "p.yaml").write_text(policy(word))
        os.utime(mounted / name / "p.yaml", (1, 1))
    (mounted / "..data").symlink_to("..1")
    (mounted / "p.yaml").symlink_to("..data/p.yaml")
    async with running(mounted, watch_seconds=0.05) as (_, client, _operator):
        before = await acts(client)
        (mounted / "..next").symlink_to("..2")
        (mounted / "..next").rename(mounted / "..data")
        await until(lambda: _differs(client, before))


async def test_a_file_that_a_policy_names_is_watched_too(folder, running):
    recognisers = "recognizers: [{name: n, supported_entity: BADGE, deny_list: [%s]}]"
    (folder / "own.yml.txt").write_text(recognisers % "alpha")
    (folder / "p.yaml").write_text(
        "policy: p\ninput:\n- check: pii\n"
        "  with: {entities: [EMAIL_ADDRESS], recognisers: own.yml.txt}\n  then: block\n"
    )
    async with running(folder, watch_seconds=0.05) as (_, client, _operator):
        before = await acts(client, "alpha")
        (folder / "own.yml.txt").write_text(recognisers % "omega")
        await until(lambda: _differs(client, before))

        assert before[0] is Action.BLOCK
        assert (await acts(client, "alpha"))[0] is Action.ALLOW


async def test_a_stream_ends_by_the_policy_that_it_began_with(folder, running):
    async with running(folder) as (_, client, operator):
        stream = client.stream(Content((), Stage.OUTPUT), policy="p")
        await stream.feed("it was so ")
        (folder / "p.yaml").write_text(policy("new"))
        assert (await asyncio.to_thread(operator.reload))[0]
        await stream.feed("old")
        await stream.finish()
        asked, begun = await acts(client), stream.verdict

    assert begun.action is Action.BLOCK
    assert begun.policy_hash != asked[1]


async def test_a_model_that_changed_is_opened_beside_the_old_and_that_is_closed(
    tmp_path, folder, running
):
    root = tmp_path / "models"
    shutil.copytree(SHIPPED / "rampart", root / "rampart")
    (folder / "p.yaml").write_text(
        "policy: p\ninput:\n- check: pii\n  with: {model: rampart, entities: [PERSON]}\n"
    )
    manifest = root / "rampart" / "manifest.toml"
    written = manifest.read_text()
    async with running(folder, ModelStore([root])) as (_, client, operator):
        first = await client.evaluate(prompt("Jane Doe"), policy="p")
        same, hashes = await asyncio.to_thread(operator.reload), set()
        for number in range(5):
            manifest.write_text(written.replace('summary = "', f'summary = "{number}: '))
            assert (await asyncio.to_thread(operator.reload))[0]
            verdict = await client.evaluate(prompt("Jane Doe"), policy="p")
            hashes |= set(verdict.models.values())
            assert verdict.action is Action.BLOCK
        await until(lambda: _threads("model-rampart", 1))

    assert same[1].policies[0].models == dict(first.models)
    assert len(hashes | set(first.models.values())) == 6
    assert threads("model-rampart") == 0


BEFORE: set[threading.Thread] = set()
"""Threads of models that other tests have open."""


@pytest.fixture(autouse=True)
def others():
    BEFORE.clear()
    BEFORE.update(threading.enumerate())


def threads(name: str) -> int:
    return sum(one.name.startswith(name) for one in set(threading.enumerate()) - BEFORE)


async def _threads(name, number):
    return threads(name) == number


async def test_a_broken_model_leaves_the_old_one(tmp_path, folder, running):
    root = tmp_path / "models"
    shutil.copytree(SHIPPED / "rampart", root / "rampart")
    (folder / "p.yaml").write_text(
        "policy: p\ninput:\n- check: pii\n  with: {model: rampart, entities: [PERSON]}\n"
    )
    manifest = root / "rampart" / "manifest.toml"
    async with running(folder, ModelStore([root])) as (_, client, operator):
        before = await acts(client, "Jane Doe")
        manifest.write_text(manifest.read_text() + "\n# changed\n")
        (root / "rampart" / "model.onnx").write_bytes(b"no model")
        reloaded, status = await asyncio.to_thread(operator.reload)

        assert not reloaded
        assert "model.onnx was altered, put the original back" in str(status.problems[0])
        assert await acts(client, "Jane Doe") == before
        assert threads("model-rampart") == 1


async def test_a_set_that_breaks_the_routing_is_refused_as_a_whole(tmp_path, folder, running):
    routes = tmp_path / "routes.yaml"
    routes.write_text("policy: p\n")
    async with running(folder, envoy=EnvoyConfig(routes)) as (_, client, operator):
        before = await acts(client)
        (folder / "p.yaml").write_text(policy("new", name="q"))
        reloaded, status = await asyncio.to_thread(operator.reload)
        after = await acts(client)
        routes.write_text("policy: q\n")
        both, _ = await asyncio.to_thread(operator.reload)

    assert (reloaded, before) == (False, after)
    assert [str(one) for one in status.problems] == [
        f"{routes}:1:9: unknown policy 'p', known are 'q'"
    ]
    assert both


async def test_an_operator_who_goes_away_leaves_the_reload_to_end(folder, running):
    async with running(folder) as (sidecar, client, operator):
        before = await acts(client)
        (folder / "p.yaml").write_text(policy("new"))
        asked = asyncio.create_task(sidecar._backend.reloading.reload())
        await asyncio.sleep(0)
        asked.cancel()
        await until(lambda: _differs(client, before))

        assert (await asyncio.to_thread(operator.reload))[0]


async def test_before_anything_is_loaded_there_is_nothing_to_reload(tmp_path, folder):
    opened, loop = asyncio.Event(), asyncio.get_running_loop()

    class SlowModels:
        def open(self, name):
            asyncio.run_coroutine_threadsafe(opened.wait(), loop).result()
            raise LookupError(name)

    (folder / "p.yaml").write_text("policy: p\ninput: [{check: pii}]\n")
    operate = Unix(tmp_path / "operate.sock")
    sidecar = Sidecar(Config(folder, Tcp("127.0.0.1", 0), operate=operate), SlowModels())
    starting = asyncio.create_task(sidecar.start())
    with OperationsClient(operate.target) as operator:
        await until(partial(_exists, operate.path))
        status = await asyncio.to_thread(operator.status)
        with pytest.raises(SidecarError, match="still being loaded, try again shortly"):
            await asyncio.to_thread(operator.reload)
    opened.set()
    with pytest.raises(LookupError):
        await starting
    await sidecar.stop()

    assert (status.policies, status.reloaded) == ((), 0)


async def _exists(path):
    return path.exists()


async def test_at_the_start_a_broken_policy_is_an_error(folder):
    (folder / "p.yaml").write_text("policy: p\nnonsense: 1\n")
    with ModelStore() as models:
        sidecar = Sidecar(Config(folder, Tcp("127.0.0.1", 0)), models)
        with pytest.raises(PolicyError):
            await sidecar.start()
        await sidecar.stop()


async def test_a_shadow_and_a_canary_come_and_go_with_a_reload(folder, running):
    async with running(folder) as (sidecar, client, operator):
        before = await acts(client, "new")
        (folder / "next.yaml").write_text(policy("new"))
        (folder / "p.yaml").write_text(policy("old") + "shadow: next.yaml\n")
        assert (await asyncio.to_thread(operator.reload))[0]
        beside = await acts(client, "new")
        registry = sidecar._backend.metrics.registry
        labels = {"policy": "p", "stage": "input", "old": "allow", "new": "block"}
        counted = partial(registry.get_sample_value, "guardrails_shadow_verdicts_total", labels)
        await until(lambda: _is(counted, 1))
        (folder / "p.yaml").write_text(policy("old") + "shadow: next.yaml\ncanary: 100%\n")
        _, status = await asyncio.to_thread(operator.reload)
        instead = await acts(client, "new")

    assert before == beside
    assert (before[0], instead[0]) == (Action.ALLOW, Action.BLOCK)
    [loaded] = status.policies
    assert (loaded.shadow_hash, loaded.canary_share) == (instead[1], 1.0)


async def _is(counted, number):
    return counted() == number
