"""Which policy judges a request, on whose behalf, and what goes by: one small file."""

from collections.abc import Container, Mapping
from fnmatch import fnmatchcase
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from guardrails.core.content import Caller
from guardrails.core.errors import ContentError, UnknownCallerError
from guardrails.policy import source
from guardrails.policy.problems import Problems, did_you_mean
from guardrails.policy.schema import Section, Switch
from guardrails.policy.source import Node
from guardrails.policy.wording import problems_in
from guardrails.server.access.http import TOKEN
from guardrails.server.access.identity import asking
from guardrails.server.openai.judging import Terms
from guardrails.wire.messages import Kind

HeaderName = Annotated[str, Field(pattern="^[A-Za-z0-9-]+$")]


class Rule(Section):
    """Requests that fit, and the policy that judges them."""

    policy: str
    model: str = ""
    """Fits models of this name; ``*`` stands for any letters."""
    key: Annotated[str, Field(pattern="^([0-9a-f]{64})?$")] = ""
    """Fits the API key that has this SHA-256."""
    tenant: str = ""
    """On whose behalf they are."""


class Routing(Section):
    """What is written in the file; each key may be left out."""

    policy: str = ""
    """Judges what no rule fits; it may be left out where one policy alone is loaded."""
    rules: tuple[Rule, ...] = ()
    """The first that fits a request tells its policy."""
    policy_header: HeaderName | None = None
    """In which a caller may name any policy that is loaded."""
    tenant_header: HeaderName | None = None
    """In which a gateway tells on whose behalf a request is."""
    person_header: HeaderName | None = None
    """In which a gateway tells whose data it is."""
    tenant_by_key: bool = False
    """Each API key is a tenant of its own."""
    known_keys_only: Switch = False
    """API keys that no rule names are refused."""
    unjudged: tuple[Kind, ...] = ()
    """What may go by though it cannot be judged."""
    unknown_fields: Literal["pass", "refuse"] = "pass"
    """Fields of a request that this version does not know are judged, and go by."""
    endpoints: tuple[Annotated[str, Field(pattern="^[A-Z]+ /")], ...] = (
        "GET /v1/models",
        "GET /v1/models/*",
    )
    """Others that go by, unjudged; what is not here is refused."""
    blocked: Literal["answer", "error"] = "answer"
    """How a blocked prompt is told: by an answer that is a refusal, or by an error 400."""

    @property
    def own_headers(self) -> frozenset[str]:
        """Names of headers that are meant for us, and not passed on."""
        names = (self.policy_header, self.tenant_header, self.person_header, TOKEN)
        return frozenset(name.lower() for name in names if name)

    def lets_by(self, method: str, path: str) -> bool:
        """Whether an endpoint goes by unjudged."""
        return any(fnmatchcase(f"{method} {path}", one) for one in self.endpoints)

    def must_know(self, headers: Mapping[str, str]) -> None:
        """See whether a rule names the API key of a request.

        Raises:
            UnknownCallerError: none does, and others are refused.
        """
        key = _key(headers) if self.known_keys_only else ""
        if self.known_keys_only and not any(_is_key(rule.key, key) for rule in self.rules):
            raise UnknownCallerError("this API key is not known here")

    def terms(self, headers: Mapping[str, str], model: str, known: Container[str]) -> Terms:
        """Give what a request is judged by; the names of ``headers`` are in lower case.

        Raises:
            ForbiddenError: it names a policy that is not for whoever asks.
            ContentError: it names one that is not loaded.
        """
        key = _key(headers)
        rule = next((one for one in self.rules if _fits(one, key, model)), None)
        policy = self.policy if rule is None else rule.policy
        asked = headers.get((self.policy_header or "").lower(), "")
        if asked:
            asking().must_use(asked)
            if asked not in known:
                raise ContentError(f"header '{self.policy_header}' names a policy that is not here")
            policy = asked
        return Terms(
            policy,
            Caller(
                self._tenant(rule, headers, key),
                headers.get((self.person_header or "").lower(), ""),
            ),
            frozenset(self.unjudged),
            self.unknown_fields == "pass",
        )

    def _tenant(self, rule: Rule | None, headers: Mapping[str, str], key: str) -> str:
        if rule is not None and rule.tenant:
            return rule.tenant
        told = headers.get((self.tenant_header or "").lower(), "")
        return told or (key[:32] if self.tenant_by_key else "")


def load(path: Path | None, policies: tuple[str, ...]) -> Routing:
    """Read the file, or take what holds without one.

    Raises:
        PolicyError: it is wrong, or names policies that are not loaded.
    """
    problems = Problems()
    node = None if path is None else source.read(path, problems)
    problems.raise_any()
    routing = Routing() if node is None else _checked(node, problems)
    if not routing.policy and len(policies) == 1:
        routing = routing.model_copy(update={"policy": policies[0]})
    if node is not None:
        _must_be_loaded(routing, node, policies, problems)
    problems.raise_any()
    if routing.policy not in policies:
        raise ContentError(
            f"there are {len(policies)} policies, say in a routing file which is the default: "
            f"'policy: NAME', one of {', '.join(policies)}"
        )
    return routing


def _checked(node: Node, problems: Problems) -> Routing:
    try:
        return Routing.model_validate(node.plain)
    except ValidationError as error:
        for problem in problems_in(error, node, Routing, "key"):
            problems.add(problem.place, problem.message)
        problems.raise_any()
        raise


def _must_be_loaded(
    routing: Routing, node: Node, policies: tuple[str, ...], problems: Problems
) -> None:
    written = [node.child("policy")]
    rules = node.child("rules")
    written += [one.child("policy") for one in rules.items] if rules is not None else []
    for one in written:
        if one is not None and one.value not in policies:
            name = str(one.value)
            problems.add(one.place, f"unknown policy '{name}', {did_you_mean(name, policies)}")
    if rules is not None:
        for rule, place in zip(routing.rules, rules.items, strict=True):
            if not rule.model and not rule.key:
                problems.add(place.place, "a rule fits everything, give it a model or a key")


def _key(headers: Mapping[str, str]) -> str:
    """Hash the API key, wherever the client of this or that API puts it."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    key = token.strip() if scheme.lower() == "bearer" else ""
    key = key or headers.get("x-api-key", "") or headers.get("api-key", "")
    return sha256(key.encode()).hexdigest() if key else ""


def _is_key(known: str, key: str) -> bool:
    """Compare two hashes, in a time that does not tell where they differ."""
    return bool(known) and compare_digest(known, key)


def _fits(rule: Rule, key: str, model: str) -> bool:
    fits = not rule.key or _is_key(rule.key, key)
    return fits and (not rule.model or fnmatchcase(model, rule.model))
