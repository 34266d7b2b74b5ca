"""What the proxy says by itself: errors, refusals, and the decision in headers."""

from collections.abc import Sequence
from dataclasses import dataclass

from guardrails.core.errors import ContentError, OverloadedError
from guardrails.core.verdict import Verdict
from guardrails.server.openai import bodies, refusals
from guardrails.server.openai.judging import Prompt, refusal
from guardrails.server.openai.streaming import refusal_events
from guardrails.server.openai.upstream import Headers, UpstreamError

JSON = (b"content-type", b"application/json")
EVENTS = (b"content-type", b"text/event-stream; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole response."""

    status: int
    headers: Headers
    body: bytes


class Refused(Exception):  # noqa: N818  # an answer, which ends the reading of a request
    """A request that is not passed on."""

    def __init__(self, status: int, message: str, code: str) -> None:
        self.reply = error(status, message, code)
        super().__init__(message)


def error(status: int, message: str, code: str, more: Headers = ()) -> Reply:
    """Give an error as OpenAI's and Anthropic's clients read it."""
    kind = "invalid_request_error" if status < 500 else "api_error"  # noqa: PLR2004  # of servers
    return Reply(status, (JSON, *more), bodies.written(refusals.error(message, code, kind)))


def failed(failure: Exception, *, answering: bool, number: str) -> Reply:
    """Give the error for a failure: ours with its words, any other bland, with an id."""
    match failure:
        case ContentError() if answering:
            return error(502, f"the answer cannot be judged: {failure}", "answer_unjudged")
        case ContentError():
            return error(400, str(failure), "request_unjudged")
        case UpstreamError():
            return error(504 if failure.late else 502, str(failure), "upstream_failed")
        case OverloadedError():
            return error(503, str(failure), "overloaded", ((b"retry-after", b"1"),))
    return error(503, f"the request cannot be judged: internal error {number}", "guard_failed")


def blocked(prompt: Prompt, *, as_error: bool) -> Reply:
    """Answer a prompt that is blocked, in the shape that was asked for.

    Raises:
        ValueError: it is not blocked.
    """
    if prompt.verdict is None:
        raise ValueError("the prompt is not blocked")
    told, decided = refusal(prompt.verdict, prompt.model), decision([prompt.verdict])
    if as_error or prompt.route.refusal is None:
        return error(400, told.reply, "content_filter", decided)
    if prompt.streams and prompt.route.events is not None:
        return Reply(200, (EVENTS, *decided), refusal_events(prompt.route, told))
    return Reply(200, (JSON, *decided), bodies.written(prompt.route.refusal(told)))


def decision(verdicts: Sequence[Verdict | None]) -> Headers:
    """Tell the decisions in headers: their ids in order, and the greatest action."""
    stand = [one for one in verdicts if one is not None]
    if not stand:
        return ()
    return (
        (b"x-guardrails-decision", ", ".join(one.id for one in stand).encode()),
        (b"x-guardrails-action", max(one.action for one in stand).word.encode()),
    )
