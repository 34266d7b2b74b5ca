"""`guardrails serve` as a process: it starts, answers, drains and ends."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from guardrails.cli.main import main
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
        (["--socket-mode", "0600"], 2, "--socket-mode goes with --listen unix:PATH"),
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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_told_to_stop_before_it_is_warm_it_ends_well(tmp_path, number):
    os.mkfifo(tmp_path / "slow.yaml")  # loading waits until somebody writes
    server = await asyncio.create_subprocess_exec(
        *COMMAND, "--policies", tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert b"loading policies" in await server.stderr.readline()
    writing = await when_read(tmp_path / "slow.yaml")
    server.send_signal(number)
    assert b"draining" in await server.stderr.readline()
    os.write(writing, b"policy: slow\n")
    os.close(writing)
    out, _ = await server.communicate()

    assert (server.returncode, out) == (0, b"")


async def when_read(pipe):
    """Open a pipe for writing as soon as somebody reads it."""
    async with asyncio.timeout(30):
        while True:
            with suppress(OSError):
                return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
            await asyncio.sleep(0.01)


@contextmanager
def serving(*arguments: object) -> Iterator["subprocess.Popen[str]"]:
    """A process that has said that it serves."""
    with (
        subprocess.Popen(  # noqa: S603  # our own command
            [*COMMAND[:-2], *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as server
    ):
        try:
            line = server.stdout.readline()
            assert line.startswith("serving on "), server.stderr.read()
            yield server
        finally:
            server.kill()


def ask(address: str) -> int:
    return main(["check", "--address", address, "--policy", "tiny", "forbidden"])


def test_a_second_server_cannot_steal_a_socket(policies, tmp_path):
    path = tmp_path / "guard.sock"
    arguments = ["--policies", policies, "--listen", f"unix:{path}", "--socket-mode", "0600"]
    with serving(*arguments) as first:
        second = subprocess.run(  # noqa: S603  # our own command
            [*COMMAND[:-2], *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert second.returncode == 5
        assert f"guardrails: somebody listens on 'unix:{path}' already\n" in second.stderr
        assert path.stat().st_mode & 0o777 == 0o600
        assert ask(f"unix:{path}") == 1

        first.terminate()
        assert first.wait(20) == 0
    assert not path.exists()


def test_the_socket_of_a_server_that_was_killed_is_replaced(policies, tmp_path):
    arguments = ("--policies", policies, "--listen", f"unix:{tmp_path}/guard.sock")
    with serving(*arguments) as first:
        first.kill()
        first.wait(20)
    assert (tmp_path / "guard.sock").exists()

    with serving(*arguments):
        assert ask(f"unix:{tmp_path}/guard.sock") == 1


def test_a_port_of_metrics_that_is_taken_is_exit_code_5(process, policies):
    _, address = process
    ended = subprocess.run(  # noqa: S603  # our own command
        [*COMMAND, "--policies", str(policies), "--metrics", address],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 5
    message = f"guardrails: cannot serve metrics on '{address}': address already in use\n"
    assert ended.stderr.endswith(message)
    assert "loading" not in ended.stderr


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
