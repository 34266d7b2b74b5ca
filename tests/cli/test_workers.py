"""`--workers N` as a process: one port, one page of metrics, and one end for all."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from guardrails.core.content import prompt
from guardrails.core.verdict import Action
from guardrails.wire import convert
from guardrails.wire.guardrails_pb2_grpc import GuardrailsStub

COMMAND = (sys.executable, "-m", "guardrails.cli")
LIGHT = "policy: light\ninput: [{check: keywords, with: {words: [zephyr]}, then: block}]\n"
OTHER = LIGHT.replace("zephyr", "mistral")


class Workers:
    """A server with two workers, and what can be seen of it."""

    def __init__(self, folder: Path, *options: str, command: str = "serve") -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.metrics = f"127.0.0.1:{free.getsockname()[1]}"
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(  # noqa: S603  # our own command
                [
                    *(*COMMAND, command, "--policies", str(folder), "--metrics", self.metrics),
                    *("--listen", "127.0.0.1:0", "--workers", "2", *options),
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.address = self.process.stdout.readline().removeprefix("serving on ").strip()

    @property
    def pids(self) -> list[int]:
        """The workers that serve now, by their numbers."""
        said = re.findall(r"worker (\d) serves, process (\d+)", self.log.read_text())
        return list({number: int(pid) for number, pid in said}.values())

    def page(self) -> str:
        with urllib.request.urlopen(f"http://{self.metrics}/metrics", timeout=20) as page:
            return page.read().decode()

    def counted(self, sample: str) -> float:
        found = re.findall(rf"(?m)^{sample}(?:{{.*}})? (\S+)$", self.page())
        return sum(map(float, found))

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@contextlib.contextmanager
def workers(folder: Path, *options: str, command: str = "serve") -> Iterator[Workers]:
    running = Workers(folder, *options, command=command)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.communicate()
        until(lambda: not any(map(lives, running.pids)))


def lives(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def until(holds, seconds: float = 45.0) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it never came to be"
        time.sleep(0.1)


async def ask(address: str, text: str, times: int) -> list[Action | str]:
    """Ask over a connection of its own each time, so that the kernel spreads them."""
    message = convert.request(prompt(text), "light")

    async def one() -> Action | str:
        alone = [("grpc.use_local_subchannel_pool", 1)]
        try:
            async with grpc.aio.insecure_channel(address, alone) as channel:
                answer = await GuardrailsStub(channel).Evaluate(message, timeout=20)
        except grpc.RpcError as error:
            return str(error)
        return Action(answer.verdict.action - 1)

    return list(await asyncio.gather(*(one() for _ in range(times))))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("workers")
    (made / "light.yaml").write_text(LIGHT)
    return made


@pytest.fixture(scope="module")
def server(folder) -> Iterator[Workers]:
    with workers(folder, "--watch", "0") as running:
        yield running
        assert running.end() == 0
        assert not any(map(lives, running.pids))


async def test_two_processes_judge_on_one_port_and_are_counted_as_one(server):
    before = server.counted("guardrails_verdicts_total")
    seen = server.counted("guardrails_verdict_seconds_count")
    assert await ask(server.address, "zephyr", 40) == [Action.BLOCK] * 40

    assert server.counted("guardrails_verdicts_total") == before + 40
    assert server.counted("guardrails_verdict_seconds_count") == seen + 40
    assert server.counted("guardrails_workers") == 2
    page = server.page()
    assert re.findall(r'process_start_time_seconds{worker="(\d)"}', page) == ["1", "2"]
    assert "_created" not in page


async def test_a_worker_that_dies_is_started_again_and_nobody_is_refused_by_the_other(server):
    assert await ask(server.address, "zephyr", 20) == [Action.BLOCK] * 20
    before = server.counted("guardrails_verdicts_total")
    first, second = server.pids
    os.kill(first, signal.SIGKILL)
    until(lambda: server.counted("guardrails_workers") == 1)
    assert await ask(server.address, "zephyr", 20) == [Action.BLOCK] * 20
    until(lambda: server.counted("guardrails_workers") == 2)

    assert second in server.pids
    assert first not in server.pids
    assert await ask(server.address, "zephyr", 20) == [Action.BLOCK] * 20
    assert server.counted("guardrails_verdicts_total") == before + 40
    assert server.counted("guardrails_worker_restarts_total") == 1
    assert "worker 1 ended with SIGKILL, it is started again in 0.5 s" in server.log.read_text()


async def test_a_hangup_reloads_all(server, folder):
    (folder / "light.yaml").write_text(OTHER)
    server.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 30
    while set(await ask(server.address, "mistral", 10)) != {Action.BLOCK}:
        assert time.monotonic() < deadline
    assert set(await ask(server.address, "zephyr mistral", 20)) == {Action.BLOCK}
    (folder / "light.yaml").write_text(LIGHT)
    server.process.send_signal(signal.SIGHUP)
    while set(await ask(server.address, "mistral", 10)) != {Action.ALLOW}:
        assert time.monotonic() < deadline


def test_workers_end_with_the_process_that_looks_after_them(folder):
    with workers(folder) as server:
        server.process.kill()
        server.process.wait()
        until(lambda: not any(map(lives, server.pids)))
        assert server.log.read_text().count("the supervisor is gone, this worker stops") == 2


def refused(*options: str) -> tuple[int, str]:
    """Run a server that ends by itself; give its code, and what it says."""
    ended = subprocess.run(  # noqa: S603  # our own command
        [*COMMAND, "serve", *options], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.stdout == ""
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("more", [(), ("--workers", "2")])
def test_the_port_is_theirs_alone(server, folder, more):
    code, said = refused("--policies", str(folder), "--listen", server.address, *more)

    assert code == 5
    assert f"cannot listen on '{server.address}'" in said


def test_a_policy_that_does_not_compile_is_told_once(tmp_path):
    (tmp_path / "bad.yaml").write_text("policy: bad\ninput: [{check: keywordz}]\n")
    options = ("--policies", str(tmp_path), "--listen", "127.0.0.1:0", "--workers", "3")
    code, said = refused(*options)

    assert code == 3
    assert said.count("unknown check 'keywordz'") == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--listen", "unix:x"], "--workers needs --listen HOST:PORT: 'unix:x' belongs to one"),
        (["--operate"], "--operate is served by one process: give it to a sidecar without"),
        (["--works", "x", "--manage"], "--manage is served by one process"),
        (["--workers", "0"], "0 is out of range, give 1 or more"),
    ],
)
def test_what_one_process_alone_can_serve_is_refused(folder, options, message):
    code, said = refused("--policies", str(folder), "--workers", "2", *options)

    assert code == 2
    assert message in said


def test_the_proxy_has_workers_too(folder):
    with workers(folder, "--upstream", "http://127.0.0.1:9", command="proxy") as server:
        port = server.address.removeprefix("http://127.0.0.1:")
        for _ in range(10):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
                assert answer.status == 200
        assert server.counted("guardrails_workers") == 2
        assert server.end() == 0
