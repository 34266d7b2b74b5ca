"""What stands in the place of what was found, the same for the same value all through a request."""

import secrets
from collections.abc import Mapping
from functools import cached_property

from guardrails.core.content import Content, Text
from guardrails.hiding.placeholders import Placeholders
from guardrails.hiding.pseudonyms import Pseudonyms
from guardrails.hiding.surrogates import Surrogates
from guardrails.hiding.terms import Scope
from guardrails.keyring import Keyring
from guardrails.policy.plan import Plan
from guardrails.policy.terms import RedactAs


class Disguises:
    """The disguises of one request."""

    def __init__(self, plan: Plan, content: Content) -> None:
        self._plan, self._content = plan, content

    def of(self, style: RedactAs, category: str, value: str) -> str:
        """Give what is shown instead of a value."""
        match style:
            case RedactAs.MASK | RedactAs.BLUR:
                return "*" * len(value)
            case RedactAs.PSEUDONYM:
                return self._pseudonyms.token(category, value)
            case RedactAs.SURROGATE:
                return self._surrogates.surrogate(category, value)
            case RedactAs.SEALED:
                return self._placeholders.placeholder(category, value)
            case RedactAs.LABEL:
                return f"<{category.upper()}>"

    @property
    def sealed(self) -> Mapping[str, str]:
        """What the placeholders stand for."""
        drawn: Placeholders | None = vars(self).get("_placeholders")  # none were asked for
        return drawn.mapping if drawn else {}

    @cached_property
    def _placeholders(self) -> Placeholders:
        parts = (*self._content.parts, *self._content.prompt)
        return Placeholders("\n".join(part.text for part in parts if isinstance(part, Text)))

    @cached_property
    def _surrogates(self) -> Surrogates:
        return Surrogates(secrets.token_bytes(16))

    @cached_property
    def _pseudonyms(self) -> Pseudonyms:
        return Pseudonyms(self._keyring, self._scope())

    @property
    def _keyring(self) -> Keyring:
        keyring = self._plan.terms.keyring
        if keyring is None:
            raise RuntimeError("the compiler lets no plan through that hides with keys it lacks")
        return keyring

    def _scope(self) -> str:
        match self._plan.terms.scope:
            case Scope.REQUEST:
                return f"request {secrets.token_hex(16)}"
            case Scope.TENANT:
                return f"tenant {self._content.caller.tenant}"
            case Scope.POLICY:
                return f"policy {self._plan.name} of {self._content.caller.tenant}"
