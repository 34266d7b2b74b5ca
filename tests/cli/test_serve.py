"""`guardrails serve` as a process: it starts, answers, drains and ends."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from guardrails.client import AsyncClient
from guardrails.core.content import prompt
from guardrails.core.verdict import Action

COMMAND = (sys.executable, "-m", "guardrails.cli", "serve", "--listen", "127.0.0.1:0")


@pytest.fixture
def process(policies) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    server = subprocess.Popen(  # noqa: S603  # our own command
        [*COMMAND, "--policies", str(policies)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield server, server.stdout.readline().removeprefix("serving on ").strip()
    server.kill()
    server.communicate()


async def test_sigterm_lets_what_is_in_flight_finish(process):
    server, address = process
    heavy = prompt("word " * 30_000)
    async with AsyncClient(address) as client:
        await client.evaluate(prompt("warm"), policy="tiny")
        in_flight = [asyncio.create_task(client.evaluate(heavy, policy="tiny")) for _ in range(4)]
        await asyncio.sleep(0.02)
        server.send_signal(signal.SIGTERM)
        verdicts = await asyncio.gather(*in_flight)

    assert [one.action for one in verdicts] == [Action.ALLOW] * 4
    assert await asyncio.to_thread(server.wait, 20) == 0


async def test_what_users_write_is_not_in_its_log(process):
    server, address = process
    async with AsyncClient(address) as client:
        await client.evaluate(prompt("hunter2 zephyr forbidden"), policy="tiny")
    server.terminate()
    out, err = await asyncio.to_thread(server.communicate, None, 20)

    assert "serving" in err
    assert "hunter2" not in out + err


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--tls-cert", "x"], 2, "--tls-cert and --tls-key go together"),
        (["--client-ca", "x"], 2, "--client-ca needs --tls-cert and --tls-key"),
        (["--device", "cuda"], 3, "CUDAExecutionProvider"),
    ],
)
def test_a_bad_setup_ends_at_once(policies, options, code, message):
    ended = subprocess.run(  # noqa: S603  # our own command
        [*COMMAND, "--policies", str(policies), *options],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == code
    assert message in ended.stderr


def test_a_port_that_is_taken_is_exit_code_5(process, policies):
    _, address = process
    ended = subprocess.run(  # noqa: S603  # our own command
        [*COMMAND[:-1], address, "--policies", str(policies)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 5
    assert address in ended.stderr
