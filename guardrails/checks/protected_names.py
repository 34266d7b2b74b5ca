"""Names that prompts may not use: artists, styles, brands and characters that have opted out."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field, model_validator

from guardrails.checks.findings import distinct, evidence
from guardrails.checks.misspelt import Misspelt
from guardrails.checks.stores import StoreAt, opened
from guardrails.checks.terms import Terms
from guardrails.core.check import Cost
from guardrails.core.content import Text
from guardrails.core.finding import Copied, Finding
from guardrails.settings import Settings
from guardrails.works.store import Query, Store
from guardrails.works.work import Consent, Kind, Work

CATEGORY = "PROTECTED_NAME"
_PAGE = 1_000


class ProtectedNamesSettings(Settings):
    """Which names: from a policy, from a store of works, or from both."""

    names: Mapping[str, tuple[str, ...]] = Field(default={})
    """Names with what else they are written as: `Jane Doe: [J. Doe, janedoe]`."""
    store: StoreAt | None = Field(default=None, repr=False)
    """A store of works; `guardrails works optout --term NAME` puts a name there."""
    collection: str = ""
    misspelt: bool = True
    """Find names of ten letters and more with one letter wrong, missing, added or swapped."""

    @model_validator(mode="after")
    def _has_names(self) -> "ProtectedNamesSettings":
        if not self.names and self.store is None:
            raise ValueError("no names, give 'names', or 'store' and 'collection'")
        if self.store is not None and not self.collection:
            raise ValueError("a store is named, name its 'collection' too")
        return self


class Listed:
    """Names, compiled once for as long as they stay what they are."""

    def __init__(self, works: Sequence[Work], *, misspelt: bool) -> None:
        self.works = tuple(works)
        self._of = {term: work for work in works for term in (*work.aliases, work.title)}
        self._terms = Terms(tuple(self._of))
        self._misspelt = Misspelt(tuple(self._of)) if misspelt else None

    def found(self, subject: Text) -> Iterator[tuple[Work, Finding]]:
        """Give each name that stands in a text, as it was listed, and where."""
        for term in self._terms.found(subject):
            told = evidence("a protected name", term.view)
            yield self._of[term.listed], Finding(CATEGORY, 1.0, term.where, told)
        if self._misspelt is not None:
            for listed, where in self._misspelt.found(subject.text):
                told = "a protected name, misspelt"
                yield self._of[listed], Finding(CATEGORY, 0.9, where, told)


class ProtectedNames:
    """Finds names that are protected, also in disguise; what is added to a store counts at once."""

    Settings = ProtectedNamesSettings
    inspects = Text
    cost = Cost.LIGHT
    reach = 256
    categories = (CATEGORY,)

    def __init__(self, settings: ProtectedNamesSettings) -> None:
        self._settings = settings
        self._written = tuple(
            Work(name, Kind.NAME, name, aliases=aliases) for name, aliases in settings.names.items()
        )
        self._store = _store(settings)
        self._listed = Listed(self._names(), misspelt=settings.misspelt)

    def close(self) -> None:
        """Let go of the store."""
        if self._store is not None:
            self._store.close()

    async def inspect(self, subject: Text, /) -> Sequence[Finding]:
        """Find each name, in every view."""
        listed = self._current()
        return distinct(self._told(work, finding) for work, finding in listed.found(subject))

    def _current(self) -> Listed:
        names = self._names() if self._store is not None else self._listed.works
        if names != self._listed.works:
            self._listed = Listed(names, misspelt=self._settings.misspelt)
        return self._listed

    def _names(self) -> tuple[Work, ...]:
        return (*self._written, *self._stored())

    def _stored(self) -> Iterator[Work]:
        if self._store is None:
            return
        after = ""
        while page := self._store.works(
            self._settings.collection, Query(Kind.NAME), after=after, limit=_PAGE
        ):
            yield from (work for work in page if work.consent is not Consent.ALLOWED)
            after = page[-1].id

    def _told(self, work: Work, finding: Finding) -> Finding:
        copied = Copied(
            work.id,
            self._settings.collection,
            work.kind.value,
            work.title,
            work.owner,
            work.licence,
            work.consent.value,
        )
        return Finding(finding.category, finding.score, finding.where, finding.evidence, 0, copied)


def _store(settings: ProtectedNamesSettings) -> Store | None:
    if settings.store is None:
        return None
    return opened(settings.store, settings.collection)
