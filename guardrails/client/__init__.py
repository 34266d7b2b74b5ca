"""How you ask: the clients, the decorator, and the words that go with them. Needs no engine."""

from guardrails.client.client import AsyncClient, Client
from guardrails.client.connection import Credentials
from guardrails.client.decorator import guard
from guardrails.client.story import Blocked
from guardrails.core.content import Content, Image, Stage, Surface, Text, answer, prompt
from guardrails.core.errors import (
    ContentError,
    GuardrailsError,
    OverloadedError,
    SidecarError,
    UnknownPolicyError,
    UnreachableError,
)
from guardrails.core.verdict import Action, Outcome, Verdict

__all__ = [
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
