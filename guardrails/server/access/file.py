"""The file in which an operator says who may ask, and what for."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from guardrails.policy import environment as env
from guardrails.policy import source
from guardrails.policy.problems import Problems
from guardrails.policy.source import Node
from guardrails.policy.wording import problems_in
from guardrails.server.access.callers import Callers, Named, digest_of
from guardrails.server.access.document import AccessDocument, CallerSection
from guardrails.server.access.identity import Identity
from guardrails.server.access.scopes import JUDGING
from guardrails.server.access.tokens import held_in, is_reference, must_be_token

WAYS = ("token_sha256", "token", "token_file", "certificate")
"""How a caller may be known."""
MAKE = "make one with 'guardrails access token'"


def read(path: Path, environment: Mapping[str, str] = os.environ) -> Callers:
    """Read a file of callers.

    Raises:
        PolicyError: holds every problem of the file, sorted by place. None tells a token.
    """
    problems = Problems()
    callers = _read(path, environment, problems)
    problems.raise_any()
    return callers


def _read(path: Path, environment: Mapping[str, str], problems: Problems) -> Callers:
    nobody = Callers({}, {})
    node = source.read(path, problems)
    if node is None:
        return nobody
    _must_hold_no_token(node, problems)
    node = env.resolve(node, environment, problems)
    if any(problems.within({str(path)})):
        return nobody
    try:
        document = AccessDocument.model_validate(node.plain)
    except ValidationError as error:
        for problem in problems_in(error, node, AccessDocument, "key"):
            problems.add(problem.place, problem.message)
        return nobody
    return _Registering(path.parent, problems).callers(document, node.members["callers"])


def _must_hold_no_token(node: Node, problems: Problems) -> None:
    """See that no token is written out, before anything could be said of it."""
    callers = node.members.get("callers", node)
    for written in callers.items:
        token = written.members.get("token")
        if token is not None and not is_reference(token.value):
            problems.add(
                token.place,
                "a token does not stand in this file: write 'token_sha256', '${env:NAME}' "
                f"or 'token_file', and {MAKE}",
            )


class _Registering:
    """Takes callers in, and notes what is wrong with them."""

    def __init__(self, folder: Path, problems: Problems) -> None:
        self._folder = folder
        self._problems = problems
        self._names: set[str] = set()
        self._tokens: dict[str, Identity] = {}
        self._certificates: dict[Named, Identity] = {}

    def callers(self, document: AccessDocument, node: Node) -> Callers:
        """Take all in."""
        for section, written in zip(document.callers, node.items, strict=True):
            for message in _wrong(section):
                self._problems.add(written.place, f"caller '{section.name}' {message}")
            if section.name in self._names:
                self._problems.add(
                    written.members["name"].place,
                    f"caller '{section.name}' is there already, give this one another name",
                )
            self._names.add(section.name)
            self._take(section, written)
        files = (self._folder / one.token_file for one in document.callers if one.token_file)
        return Callers(self._tokens, self._certificates, tuple(files))

    def _take(self, section: CallerSection, node: Node) -> None:
        identity = _identity(section)
        way = next((way for way in WAYS if way in node.members), None)
        if way is None:
            return
        place = node.members[way].place
        try:
            digests = self._digests(section)
        except ValueError as error:
            self._problems.add(place, f"caller '{section.name}' {error}")
            return
        for digest in digests:
            if self._tokens.setdefault(digest, identity) is not identity:
                self._problems.add(place, f"caller '{section.name}' has the token of another")
        for named in () if section.certificate is None else section.certificate.written:
            if self._certificates.setdefault(named, identity) is not identity:
                self._problems.add(place, f"caller '{section.name}' has the name of another")

    def _digests(self, section: CallerSection) -> tuple[str, ...]:
        """Give the hashes of what a caller may show.

        Raises:
            ValueError: what should hold a token does not.
        """
        if "token" in section.model_fields_set:
            return (digest_of(must_be_token(section.token)),)
        if "token_file" in section.model_fields_set:
            return (digest_of(held_in(self._folder / section.token_file)),)
        return section.token_sha256


def _identity(section: CallerSection) -> Identity:
    return Identity(
        section.name,
        section.tenant,
        section.any_tenant,
        section.policies,
        frozenset(section.scopes),
    )


def _wrong(section: CallerSection) -> Iterator[str]:
    """Tell what does not go together."""
    known = [way for way in WAYS if way in section.model_fields_set]
    if not known:
        yield f"is known by nothing, write 'token_sha256' or 'certificate'; {MAKE}"
    if len(known) > 1:
        yield f"is known by '{known[0]}' and by '{known[1]}', write two callers"
    if section.certificate is not None and len(section.certificate.written) != 1:
        yield "has a certificate that says one thing: write 'uri', 'dns' or 'common_name'"
    if not JUDGING.isdisjoint(section.scopes):
        if not section.policies:
            yield "has no policies, write 'policies: [NAME]', or \"*\" for all"
        if not section.tenant and not section.any_tenant:
            yield "has no tenant, write 'tenant: NAME', or 'any_tenant: true' for a gateway"
