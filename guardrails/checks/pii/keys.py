"""API keys: the forms that the check of secrets knows, in Presidio's framework."""

from collections.abc import Iterator

from presidio_analyzer import LocalRecognizer, RecognizerResult

from guardrails.checks.regex import Patterns
from guardrails.checks.secrets import rules

_NOT_KEYS = frozenset({rules.BASIC_AUTH, rules.ENTROPY, rules.KEYWORD, "PRIVATE_KEY"})
_EDGE = " \t\r\n=:\"'`"


class ApiKeys(LocalRecognizer):
    """Finds tokens of known form; a private key, of many lines, is left to the check of secrets."""

    def __init__(self) -> None:
        super().__init__(supported_entities=["API_KEY"])
        self._rules = [rule for rule in rules.rules() if rule.category not in _NOT_KEYS]
        self._patterns = Patterns([rule.pattern for rule in self._rules])

    def load(self) -> None:
        """Nothing to load."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: object = None
    ) -> list[RecognizerResult]:
        """Give every key."""
        del entities, nlp_artifacts
        return list(self._found(text))

    def _found(self, text: str) -> Iterator[RecognizerResult]:
        for match in self._patterns.search(text):
            span = match.groups[-1] if match.groups else match.span
            key = text[span.start : span.end]
            start = span.start + len(key) - len(key.lstrip(_EDGE))
            end = span.end - len(key) + len(key.rstrip(_EDGE))
            if start < end:
                yield RecognizerResult("API_KEY", start, end, self._rules[match.pattern].score)
