"""1,000 reloads under load, in a process of its own: no error, no leak, and no mixture."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from guardrails.client import AsyncClient
from guardrails.client.operations import OperationsClient
from guardrails.core.content import Content, Stage, prompt

RELOADS = 1_000
EARLY = 200
"""After which a leak would be as large again four times over by the end."""

POLICY = """
policy: p
hiding: {{keys_file: keys, vault: vault.db}}
input:
  - check: keywords
    with: {{words: [{word}]}}
    then: redact
    redact: {{as: sealed}}
  - check: prompt_injection
output:
  - check: keywords
    with: {{words: [{word}]}}
  - check: copied_text
    with: {{store: works, collection: c}}
"""


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "policies"
    made.mkdir()
    (made / "keys").write_text("k1:" + "A" * 43 + "=")
    (tmp_path / "song.txt").write_text("la " * 100)
    works = ("works", "import", "--store", str(made / "works"), "--collection", "c")
    subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-m", "guardrails.cli", *works, "--kind", "text", str(tmp_path)],
        check=True,
        capture_output=True,
        timeout=60,
    )
    write(made, "first")
    return made


def write(folder: Path, word: str) -> None:
    (folder / "next").write_text(POLICY.format(word=word))
    (folder / "next").rename(folder / "p.yaml")


@pytest.fixture
def process(tmp_path, folder):
    operate = tmp_path / "operate.sock"
    options = ("--policies", folder, "--operate", f"unix:{operate}", "--watch", "0")
    server = subprocess.Popen(  # noqa: S603  # our own command
        [*(sys.executable, "-m", "guardrails.cli", "serve", "--listen", "127.0.0.1:0"), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with server:
        yield server.pid, server.stdout.readline().removeprefix("serving on ").strip(), operate
        server.terminate()
        assert server.wait(20) == 0


def taken(pid: int) -> tuple[int, int, int]:
    """Threads, open files, and memory in MiB."""
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    files = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208  # the names matter to nobody
    return int(status["Threads"]), files, int(status["VmRSS"].split()[0]) // 1024


async def asking(client: AsyncClient, seen: set[str], ended: asyncio.Event) -> int:
    number = 0
    while not ended.is_set():
        verdict = await client.evaluate(prompt(f"first and second {number}"), policy="p")
        seen.add(verdict.policy_hash)
        assert verdict.models.keys() == {"text_guard"}
        number += 1
    return number


async def streaming(client: AsyncClient, seen: set[str], ended: asyncio.Event) -> int:
    number = 0
    while not ended.is_set():
        stream = client.stream(Content((), Stage.OUTPUT), policy="p")
        for piece in ("this is ", "said ", "slowly. ") * 3:
            await stream.feed(piece)
            await asyncio.sleep(0)
        await stream.finish()
        seen.add(stream.verdict.policy_hash)
        number += 1
    return number


async def test_1000_reloads_under_load_leave_no_error_and_no_leak(process, folder):
    pid, address, operate = process
    seen, known, ended = set(), set(), asyncio.Event()
    async with AsyncClient(address) as client:
        with OperationsClient(f"unix:{operate}") as operator:
            load = [asyncio.create_task(asking(client, seen, ended)) for _ in range(3)]
            load.append(asyncio.create_task(streaming(client, seen, ended)))
            for number in range(1, RELOADS + 1):
                write(folder, ("first", "second")[number % 2])
                reloaded, status = await asyncio.to_thread(operator.reload)
                assert reloaded, status.problems
                known.add(status.policies[0].hash)
                if number == EARLY:
                    early = taken(pid)
            ended.set()
            answered = await asyncio.gather(*load)
            late = taken(pid)

    assert all(answered)
    assert seen <= known
    assert len(known) == 2
    threads, files, memory = (after - before for before, after in zip(early, late, strict=True))
    assert threads <= 4, (early, late)
    assert files <= 8, (early, late)
    assert memory <= 32, (early, late)
