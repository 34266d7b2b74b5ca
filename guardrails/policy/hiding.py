"""From a policy's `hiding` section to the terms that values are hidden on."""

from collections.abc import Sequence
from pathlib import Path

from guardrails.core.content import Stage
from guardrails.core.errors import GuardrailsError, KeyringError
from guardrails.core.problem import Place
from guardrails.hiding import surrogates
from guardrails.hiding.terms import Terms
from guardrails.keyring import Keyring
from guardrails.policy.document import WrittenRule
from guardrails.policy.inheritance import Policy
from guardrails.policy.problems import Problems, did_you_mean
from guardrails.policy.schema import HidingSection
from guardrails.policy.terms import RedactAs
from guardrails.policy.vaulting import Vaults


def terms_of(policy: Policy, vaults: Vaults, problems: Problems) -> Terms:
    """Read the keys, open the vault; what cannot be had is noted."""
    section, place = policy.hiding, policy.hiding_place or Place(policy.file)
    directory = Path(place.file).parent
    blank = "keys" in section.model_fields_set and not section.keys
    if blank and any(problems.within({place.file})):
        return Terms()  # an environment that does not have them was told
    try:
        keyring = _keyring(section, directory)
        must_have_keys(policy, keyring, problems)
        if section.vault and keyring is None:
            raise KeyringError("a vault seals what it keeps, give it 'keys' too")
        vault = (
            vaults.open(section.vault, directory, keyring) if section.vault and keyring else None
        )
        return Terms(keyring, section.scope, section.expires, vault)
    except (GuardrailsError, OSError) as error:
        problems.add(place, str(error))
        return Terms()


def must_have_keys(policy: Policy, keyring: Keyring | None, problems: Problems) -> None:
    """Note the rules that hide with a key where there is none."""
    if keyring or policy.hiding.model_fields_set & {"keys", "keys_file"}:  # told already
        return
    for rules in policy.rules.values():
        for written in rules:
            keyed = [style.value for style in styles(written) if style.keyed]
            if keyed and written.rule.then == "redact":
                message = f"'{keyed[0]}' takes a key, write 'hiding: {{keys: ${{env:NAME}}}}'"
                problems.add(written.place_of("redact"), message)


def must_be_hidable(
    written: WrittenRule, stage: Stage, categories: Sequence[str], problems: Problems
) -> None:
    """Note styles for categories that the check does not report, and seals nobody can open."""
    place = written.place_of("redact")
    for category in written.rule.redact.categories:
        if category not in categories:
            message = f"check '{written.rule.check}' reports no '{category}'"
            problems.add(place, f"{message}, {did_you_mean(category, set(categories))}")
    if stage is Stage.OUTPUT and RedactAs.SEALED in styles(written):
        problems.add(place, "what is sealed in an answer is restored nowhere, use 'label'")


def styles(written: WrittenRule) -> tuple[RedactAs, ...]:
    """Every style that a rule hides in."""
    redact = written.rule.redact
    return (redact.as_, *redact.categories.values())


def warmed(written: WrittenRule) -> None:
    """Get ready what takes a while, before the first request."""
    if RedactAs.SURROGATE in styles(written):
        surrogates.warm()


def _keyring(section: HidingSection, directory: Path) -> Keyring | None:
    if section.keys_file:
        try:
            return Keyring.parse((directory / section.keys_file).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise KeyringError(f"there is no file '{section.keys_file}'") from None
    return Keyring.parse(section.keys) if "keys" in section.model_fields_set else None
