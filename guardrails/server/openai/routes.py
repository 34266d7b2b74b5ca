"""The table of routes: how each is read, judged and answered."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guardrails.server.openai import answers, refusals, requests
from guardrails.server.openai.reading import Reading, without_shadows
from guardrails.server.openai.refusals import Refusal
from guardrails.wire.messages import rewritten

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Route:
    """One route of a model API.

    ``refusal`` gives a whole response in the place of one, None where the API says it by an error;
    ``events`` gives the same as a stream, None where the route has none that is understood;
    ``choice`` gives what stands in the place of one choice of several.
    """

    path: str
    fields: Mapping[str, requests.Reader]
    known: frozenset[str]
    answers: Callable[[Body], tuple[Reading, ...]]
    refusal: Callable[[Refusal], dict[str, Any]] | None
    events: Callable[[Refusal], Iterator[dict[str, Any]]] | None = None
    choice: Callable[[Refusal, int], dict[str, Any]] | None = None
    named: bool = False
    """Whether events carry their type as their name; others end with ``[DONE]``."""
    judges_answers: bool = True

    def read(self, body: Body) -> Reading:
        """Read a request.

        Raises:
            ContentError: something in it has no shape that this route takes.
        """
        return requests.read(self.fields, self.known, body)

    def withheld(self, body: Body, number: int, refusal: Refusal) -> Body | None:
        """Give a response without one of its answers; None where it says nothing any more."""
        if self.choice is not None:
            choices = list(body["choices"])
            index = choices[number].get("index", number)
            choices[number] = self.choice(refusal, index)
            return {**body, "choices": choices}
        if self.refusal is None:
            return None
        kept = {key: body[key] for key in ("id", "model", "created_at", "usage") if key in body}
        return {**self.refusal(refusal), **kept}


def passed_on(body: Body, reading: Reading, parts: Any) -> Body:
    """Write other parts of one answer into a response that may have changed elsewhere already."""
    changes = reading.changes(parts)
    if not changes:
        return body
    changed: Body = without_shadows(rewritten(body, changes))
    return changed


CHAT = Route(
    "/v1/chat/completions",
    requests.CHAT,
    requests.CHAT_KNOWN,
    answers.choices,
    refusals.chat,
    refusals.chat_chunks,
    refusals.chat_choice,
)
COMPLETIONS = Route(
    "/v1/completions",
    requests.COMPLETIONS,
    requests.COMPLETIONS_KNOWN,
    answers.choices,
    refusals.completion,
    refusals.completion_chunks,
    refusals.completion_choice,
)
RESPONSES = Route(
    "/v1/responses",
    requests.RESPONSES,
    requests.RESPONSES_KNOWN,
    answers.items,
    refusals.response,
    refusals.response_events,
    named=True,
)
MESSAGES = Route(
    "/v1/messages",
    requests.MESSAGES,
    requests.MESSAGES_KNOWN,
    answers.blocks,
    refusals.message,
    refusals.message_events,
    named=True,
)
IMAGES = Route(
    "/v1/images/generations",
    requests.IMAGES,
    requests.IMAGES_KNOWN,
    answers.pictures,
    None,
)
EMBEDDINGS = Route(
    "/v1/embeddings",
    requests.EMBEDDINGS,
    requests.EMBEDDINGS_KNOWN,
    answers.nothing,
    None,
    judges_answers=False,
)

ROUTES: Mapping[str, Route] = {
    route.path: route for route in (CHAT, COMPLETIONS, RESPONSES, MESSAGES, IMAGES, EMBEDDINGS)
}


def find(method: str, path: str) -> Route | None:
    """Give the route of a request; None where we know none."""
    return ROUTES.get(path) if method == "POST" else None
