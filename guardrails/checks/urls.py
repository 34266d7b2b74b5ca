"""Links by allow and deny list, punycode and look-alike hosts."""

from collections.abc import Iterator, Sequence

from pydantic import field_validator

from guardrails.checks.findings import distinct, evidence
from guardrails.checks.links import Link, host, links, resembles
from guardrails.checks.normalise.substitute import is_substituted
from guardrails.checks.settings import Settings
from guardrails.core.check import Cost
from guardrails.core.content import Text
from guardrails.core.finding import Finding
from guardrails.core.view import View


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

    @field_validator("allow", "deny", "lookalikes_of")
    @classmethod
    def _are_domains(cls, domains: tuple[str, ...]) -> tuple[str, ...]:
        for domain in domains:
            if "/" in domain or ":" in domain or not domain.strip(". "):
                raise ValueError(f"'{domain}' is not a domain, write it like 'example.com'")
        return tuple(host(domain).name for domain in domains)


class Urls:
    """Finds links that lead where they should not, or not where they seem to."""

    Settings = UrlSettings
    inspects = Text
    cost = Cost.LIGHT

    def __init__(self, settings: UrlSettings) -> None:
        self._settings = settings
        self._schemes = frozenset(scheme.lower() for scheme in settings.schemes)
        wanted = {
            "URL_NOT_ALLOWED": settings.allow,
            "URL_DENIED": settings.deny,
            "URL_SCHEME": settings.schemes,
            "LOOKALIKE_HOST": settings.lookalikes_of,
            "MIXED_SCRIPT_HOST": settings.punycode,
            "PUNYCODE_HOST": settings.punycode,
            "USERINFO": settings.userinfo,
            "IP_HOST": settings.ip_hosts,
        }
        self.categories = tuple(category for category, on in wanted.items() if on)

    async def inspect(self, subject: Text, /) -> Sequence[Finding]:
        """Find what is wrong with each link; the span is the whole link."""
        return distinct(
            Finding(
                category, _SCORES[category], view.original(link.span.start, link.span.end),
                evidence(_WHY[category], view)
            )
            for view in subject.views
            if not is_substituted(view)
            for link in links(view.text)
            for category in self._wrong(link)
        )

    def _wrong(self, link: Link) -> Iterator[str]:
        where = link.host
        wrong = {
            "URL_SCHEME": link.scheme and link.scheme not in self._schemes,
            "USERINFO": link.has_userinfo,
            "URL_NOT_ALLOWED": where and not any(map(where.under, self._settings.allow)),
            "URL_DENIED": where and any(map(where.under, self._settings.deny)),
        }
        return (category for category in self.categories if wrong[category])
