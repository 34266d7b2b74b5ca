"""The names that callers rely on."""

import pytest

import guardrails.client
from guardrails.client import AsyncClient
from guardrails.core.evaluator import Evaluator
from guardrails.engine.engine import Engine

NAMES = [
    "Action",
    "AsyncClient",
    "Blocked",
    "Client",
    "Content",
    "ContentError",
    "Credentials",
    "GuardrailsError",
    "Image",
    "Outcome",
    "OverloadedError",
    "SidecarError",
    "Stage",
    "Surface",
    "Text",
    "UnknownPolicyError",
    "UnreachableError",
    "Verdict",
    "answer",
    "guard",
    "prompt",
]


def test_the_client_gives_these_names():
    assert guardrails.client.__all__ == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_of_them_is_there(name):
    assert getattr(guardrails.client, name).__doc__


def test_engine_and_async_client_are_both_evaluators():
    evaluators: list[type[Evaluator]] = [Engine, AsyncClient]

    assert all(hasattr(one, "evaluate") for one in evaluators)
