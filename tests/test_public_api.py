"""The names that callers rely on."""

import guardrails.client
from guardrails.client import AsyncClient, Blocked, Client, Credentials, guard
from guardrails.core.evaluator import Evaluator
from guardrails.engine.engine import Engine


def test_the_client_gives_these_names():
    assert guardrails.client.__all__ == [
        "AsyncClient",
        "Blocked",
        "Client",
        "Credentials",
        "guard",
    ]
    assert all((AsyncClient, Blocked, Client, Credentials, guard))


def test_engine_and_async_client_are_both_evaluators():
    evaluators: list[type[Evaluator]] = [Engine, AsyncClient]

    assert all(hasattr(one, "evaluate") for one in evaluators)
