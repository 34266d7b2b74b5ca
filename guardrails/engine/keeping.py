"""Keeps what was sealed for whom it belongs to, and puts it back into the answer."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from guardrails.core.content import Content, Stage, Text
from guardrails.core.errors import ContentError
from guardrails.hiding.restoring import restore
from guardrails.hiding.sealing import Owner, seal, unseal
from guardrails.hiding.vaults import HANDLE
from guardrails.policy.plan import Plan

BY_CANDIDATE = "canary."
"""Before what was sealed under the policy beside another: its answer goes there too."""


async def kept(mapping: Mapping[str, str], content: Content, plan: Plan) -> str:
    """Seal values; give what their owner hands back with the answer."""
    terms, owner = plan.terms, Owner(content.caller.tenant, plan.name)
    if not mapping or terms.keyring is None:
        return ""
    way = BY_CANDIDATE if plan.is_candidate else ""
    if terms.vault is None:
        return way + seal(mapping, terms.keyring, owner, expires=terms.expires, now=time.time())
    put = partial(terms.vault.put, person=content.caller.person, expires=terms.expires)
    return way + await asyncio.to_thread(put, mapping, owner)


async def opened(content: Content, plan: Plan) -> Mapping[str, str]:
    """Give the values that came sealed with an answer.

    Raises:
        ContentError: they are over, of another tenant or policy, or do not belong here.
    """
    if not content.sealed:
        return {}
    terms, owner = plan.terms, Owner(content.caller.tenant, plan.name)
    if content.stage is Stage.INPUT:
        raise ContentError("sealed values go with an answer, leave them out of the prompt")
    if terms.keyring is None:
        raise ContentError(f"policy '{plan.name}' has no keys, it cannot open sealed values")
    sealed = content.sealed.removeprefix(BY_CANDIDATE)
    if not sealed.startswith(HANDLE):
        return unseal(sealed, terms.keyring, owner, now=time.time())
    if terms.vault is None:
        raise ContentError(f"policy '{plan.name}' has no vault, hand back a sealed token")
    return await asyncio.to_thread(terms.vault.get, sealed, owner)


def restored(content: Content, mapping: Mapping[str, str]) -> Content:
    """Put values back into every text."""
    if not mapping:
        return content
    parts = tuple(
        replace(part, text=restore(part.text, mapping)) if isinstance(part, Text) else part
        for part in content.parts
    )
    return replace(content, parts=parts)
