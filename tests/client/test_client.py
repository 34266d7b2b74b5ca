"""Clients as callers use them, against a sidecar that listens."""

import asyncio
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from guardrails.client import AsyncClient, Client
from guardrails.core.content import Content, Image, Stage, Surface, Text, answer, prompt
from guardrails.core.errors import ContentError, SidecarError, UnknownPolicyError
from guardrails.core.verdict import Action


def test_a_sync_client_is_shared_between_threads(address):
    with Client(address) as client, ThreadPoolExecutor(8) as threads:
        verdicts = list(
            threads.map(lambda n: client.evaluate(prompt(f"{n} zephyr"), policy="tiny"), range(100))
        )

    assert [one.content.text for one in verdicts] == [f"{n} <CONFIDENTIAL>" for n in range(100)]


async def test_a_verdict_over_the_wire_is_the_engines(address, engine):
    content = Content((Text("zephyr, the forbidden", Surface.TOOL), Text("zephyr")))
    async with AsyncClient(address) as client:
        there = await client.evaluate(content, policy="tiny")
    here = await engine.evaluate(content, policy="tiny")

    assert (there.action, there.content, there.reply) == (here.action, here.content, here.reply)
    assert there.policy_hash == here.policy_hash
    assert [(one.rule, one.outcome, one.findings) for one in there.reports] == [
        (one.rule, one.outcome, one.findings) for one in here.reports
    ]


async def test_the_loaded_policies_are_listed_with_their_hashes(address, engine):
    async with AsyncClient(address) as client:
        listed = await client.policies()

    assert listed == {name: plan.hash for name, plan in engine.plans.items()}


async def test_an_unknown_policy_is_the_same_error_as_in_process(address):
    async with AsyncClient(address) as client:
        with pytest.raises(UnknownPolicyError, match="no policy 'x' is loaded, there is: covers"):
            await client.evaluate(prompt("x"), policy="x")


async def test_a_broken_picture_is_the_same_error_as_in_process(address):
    content = Content((Image(b"GIF89a"),), Stage.OUTPUT)
    async with AsyncClient(address) as client:
        with pytest.raises(ContentError, match=r"^part 0: "):
            await client.evaluate(content, policy="tiny")


async def test_nobody_listening_is_an_error_and_not_a_pass():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    async with AsyncClient(address, timeout=2) as client:
        with pytest.raises(SidecarError, match="UNAVAILABLE"):
            await client.evaluate(prompt("x"), policy="tiny")


def test_one_client_serves_several_event_loops(address):
    client = AsyncClient(address)

    async def ask() -> Action:
        return (await client.evaluate(answer("zephyr"), policy="tiny")).action

    assert [asyncio.run(ask()) for _ in range(2)] == [Action.REDACT] * 2


def test_the_client_needs_no_engine():
    heavy = "{'onnxruntime', 'numpy', 'pydantic', 'presidio_analyzer', 'guardrails.engine'}"
    script = f"import sys, guardrails.client; print(sorted({heavy} & set(sys.modules)))"

    printed = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert printed.stdout == "[]\n"
