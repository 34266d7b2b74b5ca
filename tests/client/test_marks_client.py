"""The clients of marks, sync and async: the same answers, the same errors."""

import asyncio
import base64
import inspect

import pytest

from guardrails.client.blocking import Blocking
from guardrails.client.marks import AsyncMarksClient, MarksClient
from guardrails.core.content import Text
from guardrails.core.errors import ContentError, SidecarError
from guardrails.core.mark import Decision
from guardrails.server.address import Tcp
from guardrails.server.admission import Admission
from guardrails.server.config import Limits
from guardrails.server.marks.file import read
from guardrails.server.marks.service import Service
from guardrails.server.port import Port
from guardrails.wire.marks_pb2_grpc import add_MarksServicer_to_server

TEXT = "Some lines of running text.\n" * 3
MARKS = "keys: {key}\nmarks: [{{mark: zero_width, embed: true, with: {{payload: c0ffee}}}}]\n"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A port that serves marks, without a sidecar round it."""
    file = tmp_path_factory.mktemp("marks") / "marks.yaml"
    file.write_text(MARKS.format(key=f"k1:{base64.b64encode(b'A' * 32).decode()}"))
    service, blocking = Service(read(file), Admission(Limits())), Blocking()

    async def begin():
        port = Port("guardrails.v1.Marks", Tcp("127.0.0.1", 0), None, Limits(grace_seconds=0))
        add_MarksServicer_to_server(service, port.server)
        await port.start()
        return port

    port = blocking.run(begin())
    yield port.address
    blocking.run(port.stop())
    service.close()
    blocking.close()


@pytest.fixture(params=[MarksClient, AsyncMarksClient])
async def ask(request, address):
    """Call a method of either client."""
    client = request.param(address)

    async def call(method, *given, **named):
        answer = getattr(client, method)(*given, **named)
        return await answer if inspect.isawaitable(answer) else answer

    yield call
    await call("close")


async def test_what_was_marked_is_found(ask):
    marked = await ask("embed", TEXT, "zero_width")
    found = await ask("detect", marked.subject)

    assert marked.key_id == "k1"
    assert found["zero_width"].decision is Decision.MARKED
    assert found["zero_width"].payload == "c0ffee"
    assert found["zero_width"].where is not None
    assert (await ask("detect", TEXT, ["zero_width"]))["zero_width"].decision is Decision.UNMARKED


async def test_marks_are_listed(ask):
    [known] = await ask("list")

    assert (known.name, known.inspects, known.embeds) == ("zero_width", Text, True)


async def test_what_is_wrong_is_raised(ask):
    with pytest.raises(ContentError, match="no mark 'x', there is: 'zero_width'"):
        await ask("embed", TEXT, "x")
    with pytest.raises(ContentError, match="lone surrogate at character 0"):
        await ask("detect", "\ud800")


async def test_a_client_that_was_closed_connects_again(ask):
    await ask("list")
    await ask("close")

    assert await ask("list")


def test_a_sidecar_that_is_not_there_is_told(tmp_path):
    client = MarksClient(f"unix:{tmp_path}/none", timeout=2)
    with client, pytest.raises(SidecarError, match="UNAVAILABLE"):
        client.list()


async def test_a_sidecar_that_is_not_there_is_told_async(tmp_path):
    async with AsyncMarksClient(f"unix:{tmp_path}/none", timeout=2) as client:
        with pytest.raises(SidecarError, match="UNAVAILABLE"):
            await client.list()


async def test_who_is_cancelled_is_not_told_of_a_sidecar(address):
    async with AsyncMarksClient(address) as client:
        task = asyncio.create_task(client.detect(TEXT * 2000))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_client_that_is_closed_meanwhile_is_told_so(address):
    client = AsyncMarksClient(address)
    task = asyncio.create_task(client.detect(TEXT * 2000))
    await asyncio.sleep(0)  # it has asked
    await client.close()
    with pytest.raises(SidecarError, match="the client was closed before the answer came"):
        await task
