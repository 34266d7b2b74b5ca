"""The vaults of a set of policies."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from guardrails.hiding.vaults import Vault, open_vault
from guardrails.keyring import Keyring
from guardrails.policy.identity import identity

VaultKey: TypeAlias = tuple[object, ...]
"""A vault is the same one where its place, its file and its keys are."""


class Vaults:
    """Opens vaults; those that are the same as in the set before stay open."""

    def __init__(self, kept: Mapping[VaultKey, Vault] = MappingProxyType({})) -> None:
        self._kept = kept
        self.opened: dict[VaultKey, Vault] = {}

    def open(self, where: str, directory: Path, keyring: Keyring) -> Vault:
        """Open a vault; see ``open_vault``."""
        key = _key(where, directory, keyring)
        vault = self._kept.get(key) or self.opened.get(key)
        if vault is None:
            vault = open_vault(where, directory, keyring)
        self.opened[_key(where, directory, keyring)] = vault  # its file may be there only now
        return vault


def _key(where: str, directory: Path, keyring: Keyring) -> VaultKey:
    return (where, directory, identity(directory / where, changes=False), keyring)
