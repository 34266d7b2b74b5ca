"""A process that is forked from one that has asked: it can ask as well, or is told why not."""

import subprocess
import sys

import pytest

SYNC = """
import os, sys
from guardrails.client import Client, guard
from guardrails.core.content import prompt

address, used = sys.argv[1:]
client = Client(address)
generate = guard(policy="tiny", address=address)(lambda prompt: prompt)

def ask():
    judged = client.evaluate(prompt("zephyr"), policy="tiny").content.text
    print(judged, generate("zephyr"), flush=True)

if used == "used":
    ask()
if os.fork() == 0:
    ask()
    os._exit(0)
print("child:", os.wait()[1])
ask()
"""

POOL = """
import multiprocessing, sys
from guardrails.client import Blocked, guard

@guard(policy="tiny", address=sys.argv[1])
def generate(prompt):
    return prompt

def ask(text):
    try:
        return generate(text)
    except Blocked as blocked:
        return str(blocked.verdict.action)

print(ask("zephyr"))
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(*pool.map(ask, ["zephyr", "forbidden"]))
try:
    with multiprocessing.get_context("fork").Pool(1) as pool:
        pool.map(generate, ["forbidden"])
except Blocked as blocked:
    print("raised in a child:", blocked)
"""

ASYNC = """
import asyncio, os, sys
from guardrails.client import AsyncClient
from guardrails.core.content import prompt

client = AsyncClient(sys.argv[1])

def ask():
    return asyncio.run(client.evaluate(prompt("zephyr"), policy="tiny")).content.text

if sys.argv[2] == "used":
    print(ask(), flush=True)
if os.fork() == 0:
    try:
        print(ask(), flush=True)
    except Exception as error:
        print(f"{type(error).__name__}: {error}", flush=True)
    os._exit(0)
print("child:", os.wait()[1])
"""

BLOCKING = """
import asyncio, os
from guardrails.client.blocking import Blocking

async def process():
    await asyncio.sleep(0)
    return os.getpid()

blocking = Blocking()
print(blocking.run(process()) == os.getpid(), flush=True)
if os.fork() == 0:
    print(blocking.run(process()) == os.getpid(), flush=True)
    blocking.close()
    os._exit(0)
print("child:", os.wait()[1])
print(blocking.run(process()) == os.getpid())
blocking.close()
"""

FORKED = (
    "SidecarError: this process was forked after the client had asked, which asyncio's gRPC does "
    "not outlive: fork first, start processes by 'spawn', or ask through `Client`"
)
BOTH = "<CONFIDENTIAL> <CONFIDENTIAL>"


@pytest.mark.parametrize(
    ("script", "options", "printed"),
    [
        (SYNC, ["fresh"], [BOTH, "child: 0", BOTH]),
        (SYNC, ["used"], [BOTH, BOTH, "child: 0", BOTH]),
        (
            POOL,
            [],
            [
                "<CONFIDENTIAL>",
                "<CONFIDENTIAL> 3",
                "raised in a child: policy 'tiny' blocked the input: forbidden",
            ],
        ),
        (ASYNC, ["fresh"], ["<CONFIDENTIAL>", "child: 0"]),
        (ASYNC, ["used"], ["<CONFIDENTIAL>", FORKED, "child: 0"]),
        (BLOCKING, [], ["True", "True", "child: 0", "True"]),
    ],
    ids=["sync, first used by the child", "sync", "pool", "async, not used", "async", "loop"],
)
def test_a_forked_process(address, script, options, printed):
    ran = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, "-c", script, address, *options],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert ran.stdout.splitlines() == printed
