"""Which categories of a policy a label of the data stands for. Pure."""

from collections.abc import Mapping, Sequence

ANY = "*"
"""Stands for every category of the policy."""


class Naming:
    """Finds the categories of a label or a type of span.

    A label stands for the categories of the same name; case does not count, and a space, a hyphen
    and an underscore are one. ``written`` says otherwise, label by label.
    """

    def __init__(
        self, categories: Sequence[str], written: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self._all = tuple(categories)
        self._by_name: dict[str, tuple[str, ...]] = {}
        for category in categories:
            alike = self._by_name.get(folded(category), ())
            self._by_name[folded(category)] = (*alike, category)
        self._written = {
            folded(label): tuple(one for name in names for one in self._named(name))
            for label, names in (written or {}).items()
        }

    def categories(self, label: str) -> tuple[str, ...]:
        """Every category that the label stands for; none where the policy has none."""
        return self._written.get(folded(label), self._by_name.get(folded(label), ()))

    def unmatched(self, labels: Sequence[str]) -> tuple[str, ...]:
        """The labels that stand for nothing that the policy could find."""
        return tuple(label for label in labels if not self.categories(label))

    def _named(self, name: str) -> tuple[str, ...]:
        return self._all if name == ANY else self._by_name.get(folded(name), ())


def folded(name: str) -> str:
    """One spelling for names that mean the same."""
    return name.casefold().replace("-", "_").replace(" ", "_")
