"""Links by allow and deny list, punycode and look-alike hosts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import field_validator

from guardrails.checks.findings import distinct, evidence
from guardrails.checks.normalise.substitute import is_substituted
from guardrails.checks.urls.hosts import host, resembles
from guardrails.checks.urls.links import Link, links
from guardrails.core.check import Cost
from guardrails.core.content import Text
from guardrails.core.finding import Finding
from guardrails.core.view import View
from guardrails.settings import Settings


class UrlSettings(Settings):
    """Which links may stand in a text.

    A domain on a list stands for its subdomains too. With ``allow``, every other host is reported.
    ``lookalikes_of`` names domains that others may not be mistaken for.
    """

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    lookalikes_of: tuple[str, ...] = ()
    punycode: bool = True
    ip_hosts: bool = True
    userinfo: bool = True

    @field_validator("schemes")
    @classmethod
    def _in_small_letters(cls, schemes: tuple[str, ...]) -> tuple[str, ...]:
        for scheme in schemes:
            if not scheme.removesuffix("://").isalnum():
                raise ValueError(f"'{scheme}' is not a scheme, write it like 'https'")
        return tuple(scheme.removesuffix("://").lower() for scheme in schemes)

    @field_validator("allow", "deny", "lookalikes_of")
    @classmethod
    def _are_domains(cls, domains: tuple[str, ...]) -> tuple[str, ...]:
        for domain in domains:
            if any(sign in domain for sign in "/:*@ ") or not domain.strip(". "):
                raise ValueError(
                    f"'{domain}' is not a domain, write it like 'example.com', for subdomains too"
                )
        return tuple(host(domain).name for domain in domains)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that can be wrong with a link, and the settings that ask for it."""

    category: str
    score: float
    why: str
    asked: Callable[[UrlSettings], object]
    holds: Callable[[UrlSettings, Link], bool]


_FAULTS = (
    Fault(
        "URL_NOT_ALLOWED",
        1.0,
        "host is not on the allow list",
        lambda settings: settings.allow,
        lambda settings, link: not any(map(link.host.under, settings.allow)),
    ),
    Fault(
        "URL_DENIED",
        1.0,
        "host is on the deny list",
        lambda settings: settings.deny,
        lambda settings, link: any(map(link.host.under, settings.deny)),
    ),
    Fault(
        "URL_SCHEME",
        1.0,
        "scheme is not on the list",
        lambda settings: settings.schemes,
        lambda settings, link: link.scheme not in ("", *settings.schemes),
    ),
    Fault(
        "LOOKALIKE_HOST",
        0.9,
        "host resembles a protected one",
        lambda settings: settings.lookalikes_of,
        lambda settings, link: any(
            resembles(link.host, domain) for domain in settings.lookalikes_of
        ),
    ),
    Fault(
        "MIXED_SCRIPT_HOST",
        0.9,
        "host mixes alphabets that look alike",
        lambda settings: settings.punycode,
        lambda _, link: link.host.mixes_scripts,
    ),
    Fault(
        "PUNYCODE_HOST",
        0.7,
        "host is written in punycode",
        lambda settings: settings.punycode,
        lambda _, link: link.host.is_punycode,
    ),
    Fault(
        "USERINFO",
        0.9,
        "a name stands before the real host",
        lambda settings: settings.userinfo,
        lambda _, link: link.has_userinfo,
    ),
    Fault(
        "IP_HOST",
        0.6,
        "host is an IP address",
        lambda settings: settings.ip_hosts,
        lambda _, link: link.host.is_address,
    ),
)


class Urls:
    """Finds links that lead where they should not, or not where they seem to."""

    Settings = UrlSettings
    inspects = Text
    cost = Cost.LIGHT
    reach = 64

    def __init__(self, settings: UrlSettings) -> None:
        self._settings = settings
        self._faults = tuple(fault for fault in _FAULTS if fault.asked(settings))
        self.categories = tuple(fault.category for fault in self._faults)

    async def inspect(self, subject: Text, /) -> Sequence[Finding]:
        """Find what is wrong with each link; the span is the whole link."""
        return distinct(
            self._finding(fault, view, link)
            for view in subject.views
            if not is_substituted(view)
            for link in links(view.text)
            for fault in self._faults
            if fault.holds(self._settings, link)
        )

    def _finding(self, fault: Fault, view: View, link: Link) -> Finding:
        where = view.original(link.span.start, link.span.end)
        return Finding(fault.category, fault.score, where, evidence(fault.why, view))
