"""Works in a git checkout: the files of its newest commit, as they stand in it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from guardrails.works.sources.checkouts import Contents, Repository, Tracked
from guardrails.works.sources.files import Place, work_of
from guardrails.works.sources.licensed import Licences, is_licence, tells_licence
from guardrails.works.sources.source import PLAIN, Broken, Item, PassedOver, Terms

_SHORT = 12
"""Letters of a commit that tell it from all others."""


def is_checkout(folder: Path) -> bool:
    """Tell a checkout, or a repository without one."""
    bare = all((folder / name).exists() for name in ("HEAD", "objects", "refs"))
    return bare or (folder / ".git").exists()


@dataclass(frozen=True, slots=True)
class GitSource:
    """What git tracks: changes that are not committed, and files that it ignores, are left out.

    The owner is who has the repository at its remote, or else who wrote most of its commits; the
    licence is what a file says itself, or else what is said nearest above it.
    """

    path: Path
    terms: Terms = PLAIN

    def count(self) -> int:
        """Tell how many files there are."""
        return len(Repository(self.path).files())

    def read(self) -> Iterator[Item]:
        """Give every file of the commit, by path."""
        repository = Repository(self.path)
        commit, files = repository.commit()[:_SHORT], repository.files()
        name = repository.remote() or self.path.resolve().name.removesuffix(".git")
        terms = self._terms(name, repository)
        with repository.contents() as contents:
            licences = _licences(files, contents)
            for file in files:
                source = f"{name}@{commit}/{file.path}"
                shown = f"{self.path}/{file.path}"
                place = Place(file.path, shown, source, licence=licences.of(file.path))
                yield _item(file, place, contents(file) if file.is_file else b"", terms)

    def _terms(self, name: str, repository: Repository) -> Terms:
        """Put the repository before each id, for many may come into one collection."""
        prefix = f"{self.terms.prefix}{name.partition('/')[2] or name}/"
        owner = self.terms.owner or "/".join(name.split("/")[1:-1]) or repository.author()
        return replace(self.terms, prefix=prefix, owner=owner)


def _item(file: Tracked, place: Place, content: bytes | None, terms: Terms) -> Item:
    if not file.is_file:
        return PassedOver(place.shown, "is a link or another repository")
    if is_licence(file.path):
        return PassedOver(place.shown, "is the text of a licence")
    if content is None:
        return Broken(place.shown, "is not in this repository, fetch it with git first")
    return work_of(place, content, terms)


def _licences(files: list[Tracked], contents: Contents) -> Licences:
    texts = {one.path: contents(one) for one in files if one.is_file and tells_licence(one.path)}
    return Licences.read({path: text for path, text in texts.items() if text is not None})
