"""What every store asks of works before it keeps or lists them. Pure."""

from dataclasses import replace

import numpy as np

from guardrails.works.fingerprint import Fingerprint
from guardrails.works.store import Query, WorksError
from guardrails.works.work import Consent, Work

HASH = 32
"""Bytes of a perceptual hash."""
_UNEVEN = 0.01
"""So far the length of a vector may be from 1."""


def checked(work: Work, fingerprint: Fingerprint) -> Fingerprint:
    """Give the fingerprint back when its parts fit together.

    Raises:
        WorksError: they do not: whoever made it has to be put right.
    """
    if not work.id:
        raise WorksError("works: a work without an id, give each one that is its own")
    if _unwritable("\n".join(_told(work))):
        raise WorksError(f"works: {work.id!a}: a field holds a NUL or half a character, clean it")
    if fingerprint.seeds.shape != fingerprint.places.shape:
        raise WorksError(
            f"works: '{work.id}': {fingerprint.seeds.size} seeds and "
            f"{fingerprint.places.size} places, each seed has one place"
        )
    if len(fingerprint.hash) not in {0, HASH}:
        raise WorksError(f"works: '{work.id}': a hash has {HASH} bytes")
    if fingerprint.vector.size and not abs(np.linalg.norm(fingerprint.vector) - 1) < _UNEVEN:
        raise WorksError(f"works: '{work.id}': a vector is not of unit length")
    return fingerprint


def standing(new: Work, said: Consent | None) -> Work:
    """Give a work with what holds for it when it takes the place of one of which ``said`` holds.

    Only a call of ``consent`` lifts an opt-out or a take-down, never a work put again; one of
    which nothing is said now keeps what was said before.
    """
    stays = said in {Consent.OPTED_OUT, Consent.TAKEN_DOWN} or new.consent is Consent.UNKNOWN
    return replace(new, consent=said) if said is not None and stays else new


def fits(work: Work, query: Query) -> bool:
    """Tell whether a work is one of those that were asked for."""
    return (
        query.kind in {None, work.kind}
        and query.consent in {None, work.consent}
        and query.owner in {"", work.owner}
        and all(word in searched(work) for word in words(query))
    )


def searched(work: Work) -> str:
    """Give what words are looked for in."""
    return f"{work.id}\n{work.title}\n{work.owner}\n{work.source}".casefold()


def words(query: Query) -> list[str]:
    """Give the words of a query, without their case."""
    return query.words.casefold().split()


def _told(work: Work) -> tuple[str, ...]:
    about = (work.id, work.title, work.owner, work.source, work.licence)
    return *about, work.contact, work.created, work.content_hash, *work.aliases


def _unwritable(text: str) -> bool:
    return "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)
