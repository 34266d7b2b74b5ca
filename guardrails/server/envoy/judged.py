"""One request and its answer, in the shapes of OpenAI's and Anthropic's APIs."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace

from guardrails.core.errors import AccessError, ContentError, GuardrailsError
from guardrails.server.access.identity import asking
from guardrails.server.envoy import refusals
from guardrails.server.envoy.judged_answers import Passing, Stream, Whole
from guardrails.server.envoy.naming import Named
from guardrails.server.envoy.outcomes import Answer, Instead, Outcome, Passed
from guardrails.server.openai import bodies, replies, routes
from guardrails.server.openai.failures import way_of
from guardrails.server.openai.judging import Judge, Prompt
from guardrails.server.openai.routes import Route
from guardrails.server.openai.routing import Routing
from guardrails.server.openai.streaming import DIALECTS
from guardrails.telemetry.recorder import Recorder

ELSEWHERE, ERROR = 300, 400
"""HTTP's first statuses for what is somewhere else, and for what went wrong."""
NEVER_SENT = ("accept-encoding",)
"""Headers that the upstream does not see: what it packs is not read here."""


@dataclass(frozen=True, slots=True)
class House:
    """What all exchanges share."""

    judge: Judge
    routing: Routing
    policies: Container[str]
    most: int
    """Bytes of an answer that is held until it is judged."""
    recorder: Recorder


class Judged:
    """One exchange; what cannot be judged is refused, unless the routing file lets it by."""

    def __init__(self, house: House, named: Named) -> None:
        self._house = house
        self._named = named
        self._headers: Mapping[str, str] = {}
        self._route: Route | None = None
        self._prompt: Prompt | None = None

    @property
    def judged(self) -> bool:
        """Whether it is on a route that is judged, or goes by."""
        return self._route is not None

    def open(self, headers: Mapping[str, str], *, bodyless: bool) -> Outcome:
        """Refuse what cannot be judged, and take from the headers what is meant for us."""
        method, path = headers.get(":method", ""), headers.get(":path", "").partition("?")[0]
        own = tuple(self._house.routing.own_headers)
        try:
            self._house.routing.must_know(headers)
        except AccessError as error:
            self._house.recorder.refuse(way_of(error).counted)
            return replies.failed(error)
        route = routes.find(method, path)
        if route is None:
            if _is_plain(path) and self._house.routing.lets_by(method, path):
                return Passed(without=own)
            told = f"nothing here judges '{method} {path[:100]}', so it is not passed on"
            return replies.error(404, told, "unknown_endpoint")
        unread = "there is no body" if bodyless else _unread(headers)
        if unread:
            return replies.error(415, unread, "request_unjudged")
        self._route, self._headers = route, headers
        return Passed(without=(*NEVER_SENT, *own))

    async def ask(self, body: bytes) -> Outcome:
        """Judge the request; the bytes stay as they came where nothing was changed."""
        if self._route is None:
            return Passed()
        try:
            asked = bodies.parse(body)
            prompt = await self._judge(self._route, asked)
        except GuardrailsError as error:
            self._house.recorder.refuse(way_of(error).counted)
            return replies.failed(error)
        if prompt.blocked:
            return replies.blocked(prompt, as_error=self._house.routing.blocked == "error")
        self._prompt = prompt
        return Passed(None if prompt.body is asked else bodies.written(prompt.body))

    def answer(self, headers: Mapping[str, str]) -> Answer | Instead:
        """Begin with the answer: as a whole, as a stream, or as what is not judged and says so."""
        if self._route is None:
            return Passing("endpoint")
        if _status(headers) >= ERROR:
            return Passing("error", self._prompt)
        if self._prompt is None:
            return refusals.unread("it comes before the request was judged")
        if not self._route.judges_answers:
            return Passing("answer", self._prompt)
        return self._begun(self._prompt, headers)

    def _begun(self, prompt: Prompt, headers: Mapping[str, str]) -> Answer | Instead:
        if _status(headers) >= ELSEWHERE:
            return refusals.unread("it sends its clients elsewhere")
        if _packed(headers):
            return refusals.unread("it is compressed")
        kind, house = _kind(headers), self._house
        if kind == replies.JSON:
            return Whole(house.judge, prompt, house.most, house.recorder)
        if kind == replies.EVENTS and prompt.route.path in DIALECTS:
            return Stream(house.judge.stream(prompt), prompt, house.recorder)
        return refusals.unread("it is neither JSON nor a stream of events")

    async def _judge(self, route: Route, asked: Mapping[str, object]) -> Prompt:
        named, house = self._named, self._house
        model = asked.get("model")
        shown = model if isinstance(model, str) else ""
        terms = house.routing.terms(self._headers, shown, house.policies)
        if named.policy:
            asking().must_use(named.policy)
            if named.policy not in house.policies:
                raise ContentError("the gateway names a policy that is not here")
            terms = replace(terms, policy=named.policy)
        if named.caller is not None:
            terms = replace(terms, caller=named.caller)
        return await house.judge.prompt(route, asked, terms)


def _is_plain(path: str) -> bool:
    """Whether a path means what it looks like, here and at the model's server."""
    return not any(sign in path for sign in ("%", "//", "/.", "\\"))


def _unread(headers: Mapping[str, str]) -> str:
    if _packed(headers):
        return "the body is compressed, send it as it is"
    return "" if _kind(headers) == replies.JSON else "the body is not application/json"


def _status(headers: Mapping[str, str]) -> int:
    return int(headers.get(":status", "0"))


def _kind(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _packed(headers: Mapping[str, str]) -> bool:
    return headers.get("content-encoding", "identity").strip().lower() not in {"identity", ""}
