"""Which of two policies judges a request: the one asked for, or the one beside it. Pure."""

from collections.abc import Iterator
from hashlib import blake2b

from guardrails.core.content import Content, Stage, Text
from guardrails.engine.keeping import BY_CANDIDATE
from guardrails.policy.plan import Plan


def judging(plan: Plan, content: Content) -> Plan:
    """Give the plan that judges: a share of requests goes to the candidate, always the same ones.

    Those of one person go one way, or of one tenant where no person is named; where none of both
    is, those with the same prompt. An answer with what was sealed goes where its prompt went.
    """
    candidate = plan.candidate
    if candidate is None or not candidate.share:
        return plan
    if content.sealed:
        return candidate.plan if content.sealed.startswith(BY_CANDIDATE) else plan
    drawn = _drawn(content, candidate.plan.hash)
    return candidate.plan if drawn < candidate.share else plan


def _drawn(content: Content, key: str) -> float:
    """Draw a number from 0 up to 1: for another candidate, others are the first to try it."""
    drawn = blake2b(key=key.encode()[: blake2b.MAX_KEY_SIZE], digest_size=8)
    for piece in _whose(content):
        drawn.update(len(piece).to_bytes(8))
        drawn.update(piece)
    return int.from_bytes(drawn.digest()) / 2**64


def _whose(content: Content) -> Iterator[bytes]:
    caller = content.caller
    if caller.person or caller.tenant:
        yield from (caller.tenant.encode(), caller.person.encode())
        return
    answers = content.stage is Stage.OUTPUT and content.prompt
    for part in content.prompt if answers else content.parts:
        yield part.text.encode() if isinstance(part, Text) else part.data
