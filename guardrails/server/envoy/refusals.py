"""What the client is told instead, in the forms of OpenAI and Anthropic, and the headers of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from guardrails.core.errors import ContentError, GuardrailsError, OverloadedError
from guardrails.core.verdict import Verdict
from guardrails.server.envoy.outcomes import Instead
from guardrails.server.openai import bodies
from guardrails.server.openai.judging import Prompt, refusal
from guardrails.server.openai.refusals import WITHHELD, error
from guardrails.server.openai.streaming import refusal_events

JSON = "application/json"
ACTION, DECISION = "x-guardrails-action", "x-guardrails-decision"
UNJUDGED = "x-guardrails-unjudged"
OURS = (ACTION, DECISION, UNJUDGED)
"""Headers that nobody but us may set."""

FAULT = 500
"""HTTP's first status for what is not the client's fault."""


@dataclass(frozen=True, slots=True)
class Way:
    """How an error is told over HTTP."""

    status: int
    code: str
    headers: Mapping[str, str] = field(default_factory=dict)


WAYS: Mapping[type[GuardrailsError], Way] = MappingProxyType(
    {
        ContentError: Way(400, "request_unjudged"),
        OverloadedError: Way(503, "overloaded", {"retry-after": "1"}),
    }
)
UNKNOWN = Way(503, "guard_failed")
UPSTREAM = Way(502, "answer_unjudged")
"""When it is the model's server that sent what cannot be judged."""


def way_of(failure: GuardrailsError, *, of_upstream: bool = False) -> Way:
    """Give how an error is told."""
    if of_upstream and isinstance(failure, ContentError):
        return UPSTREAM
    return next((way for kind, way in WAYS.items() if isinstance(failure, kind)), UNKNOWN)


def refused(
    status: int, message: str, code: str, headers: Mapping[str, str] | None = None
) -> Instead:
    """Give an error."""
    kind = "invalid_request_error" if status < FAULT else "api_error"
    body = bodies.written(error(message, code, kind))
    return Instead(status, body, {"content-type": JSON, **(headers or {})})


def failed(failure: GuardrailsError, *, of_upstream: bool = False) -> Instead:
    """Say that something went wrong; without a verdict nothing is passed on."""
    way = way_of(failure, of_upstream=of_upstream)
    return refused(way.status, str(failure), way.code, way.headers)


def too_large(most: int) -> Instead:
    """Refuse a request that is too long to be held."""
    return refused(413, f"the body is longer than {most:,} bytes", "body_too_large")


def unread(why: str) -> Instead:
    """Refuse what the upstream said."""
    return refused(UPSTREAM.status, f"the answer cannot be judged: {why}", UPSTREAM.code)


def blocked(prompt: Prompt, *, as_error: bool) -> Instead:
    """Say a refusal in the place of an answer: whole or as a stream, as it was asked for."""
    verdict = prompt.verdict
    if verdict is None:
        return refused(UNKNOWN.status, "there is no verdict", UNKNOWN.code)
    headers = decision([verdict])
    said = refusal(verdict, prompt.model)
    events = b"" if as_error or not prompt.streams else refusal_events(prompt.route, said)
    if events:
        return Instead(200, events, {"content-type": "text/event-stream", **headers})
    if as_error or prompt.route.refusal is None:
        return refused(400, said.reply, "content_filter", headers)
    return Instead(
        200, bodies.written(prompt.route.refusal(said)), {"content-type": JSON, **headers}
    )


def withheld(verdicts: Sequence[Verdict], headers: Mapping[str, str]) -> Instead:
    """Say that nothing of an answer may be said, where its API has no other way to."""
    replies = [each.reply for each in verdicts if each.blocked and each.reply]
    return refused(400, replies[0] if replies else WITHHELD, "content_filter", headers)


def decision(verdicts: Iterable[Verdict | None]) -> dict[str, str]:
    """Tell the decisions in headers: their ids in order, and the greatest action."""
    stand = [one for one in verdicts if one is not None]
    if not stand:
        return {}
    return {
        DECISION: ", ".join(one.id for one in stand),
        ACTION: max(one.action for one in stand).word,
    }
