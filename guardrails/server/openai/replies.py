"""What a door says by itself: errors, refusals, and the decision in headers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from guardrails.core.errors import UnknownCallerError
from guardrails.core.verdict import Verdict
from guardrails.server.openai import bodies, refusals
from guardrails.server.openai.failures import way_of, words_of
from guardrails.server.openai.judging import Prompt, refusal
from guardrails.server.openai.streaming import refusal_events
from guardrails.server.overload import hints

JSON, EVENTS = "application/json", "text/event-stream"
ACTION, DECISION = "x-guardrails-action", "x-guardrails-decision"

KINDS = {401: "authentication_error", 403: "permission_error"}
"""What Anthropic's clients call errors of a status."""
CHALLENGE = {"www-authenticate": "Bearer"}
"""HTTP wants one beside 401."""
FAULT = 500
"""HTTP's first status for what is not the client's fault."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole response, which a client gets in the place of the model's."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str]


class Refused(Exception):  # noqa: N818  # an answer, which ends the reading of a request
    """A request that is not passed on."""

    def __init__(self, status: int, message: str, code: str) -> None:
        self.reply = error(status, message, code)
        super().__init__(message)


def error(status: int, message: str, code: str, more: Mapping[str, str] | None = None) -> Reply:
    """Give an error as OpenAI's and Anthropic's clients read it."""
    kind = KINDS.get(status, "invalid_request_error" if status < FAULT else "api_error")
    body = bodies.written(refusals.error(message, code, kind))
    return Reply(status, body, {"content-type": JSON, **(more or {})})


def failed(failure: Exception, *, answering: bool = False, number: str = "") -> Reply:
    """Say that something went wrong; without a verdict nothing is passed on."""
    way = way_of(failure, answering=answering)
    more = CHALLENGE if isinstance(failure, UnknownCallerError) else hints.headers(failure)
    return error(way.status, words_of(failure, way, number), way.code, more)


def unread(failure: Exception) -> Reply:
    """Say why nothing of a request was read, and that no more of it will be."""
    reply = failed(failure)
    return replace(reply, headers={**reply.headers, "connection": "close"})


def blocked(prompt: Prompt, *, as_error: bool) -> Reply:
    """Answer a prompt that is blocked, in the shape that was asked for.

    Raises:
        ValueError: it is not blocked.
    """
    if prompt.verdict is None:
        raise ValueError("the prompt is not blocked")
    told, headers = refusal(prompt.verdict, prompt.model), decision([prompt.verdict])
    if as_error or prompt.route.refusal is None:
        return error(400, told.reply, "content_filter", headers)
    if prompt.streams and prompt.route.events is not None:
        events = refusal_events(prompt.route, told)
        return Reply(200, events, {"content-type": EVENTS, **headers})
    body = bodies.written(prompt.route.refusal(told))
    return Reply(200, body, {"content-type": JSON, **headers})


def withheld(verdicts: Iterable[Verdict], headers: Mapping[str, str]) -> Reply:
    """Say that nothing of an answer may be said, where its API has no other way to."""
    told = next((one.reply for one in verdicts if one.blocked and one.reply), refusals.WITHHELD)
    return error(400, told, "content_filter", headers)


def decision(verdicts: Iterable[Verdict | None]) -> dict[str, str]:
    """Tell the decisions in headers: their ids in order, and the greatest action."""
    stand = [one for one in verdicts if one is not None]
    if not stand:
        return {}
    return {
        DECISION: ", ".join(one.id for one in stand),
        ACTION: max(one.action for one in stand).word,
    }
