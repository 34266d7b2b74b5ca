"""What an SPDX licence expression allows: the door to license-expression."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from license_expression import (
    ExpressionError,
    ExpressionParseError,
    LicenseWithExceptionSymbol,
    Licensing,
    get_spdx_licensing,
)


def allowed(licence: str, among: Sequence[str]) -> bool:
    """Whether what is under a licence may be used under one of those that a policy names.

    Of `A OR B` one has to be named, of `A AND B` both; `A WITH exception` is allowed where `A` is,
    for an exception only adds to what one may do. `A-or-later` is allowed where `A` is named, with
    either suffix or none, and `A-only` where `A` or `A-or-later` is. Terms in words have to be
    named as they stand; nothing is allowed by none.
    """
    if licence.strip().casefold() in {name.strip().casefold() for name in among} - {""}:
        return True
    expression = _parsed(licence)
    names = frozenset(
        _plain(str(each.render())) for each in map(_parsed, among) if each is not None
    )
    return expression is not None and _holds(expression, names)


def spdx(licence: str) -> str:
    """Give an expression in the SPDX list's own spelling; empty when it names other licences."""
    expression = _parsed(licence)
    if expression is None or any(map(_is_foreign, _licensing().unknown_license_keys(expression))):
        return ""
    return str(expression.render())


@lru_cache(maxsize=4096)
def _parsed(licence: str) -> Any | None:
    """Parse an expression, in any case."""
    try:
        return _licensing().parse(licence.strip()) if licence.strip() else None
    except (ExpressionError, ExpressionParseError, AttributeError, TypeError, ValueError):
        return None  # the library lets some of its own stumbles through


@lru_cache(maxsize=1)
def _licensing() -> Licensing:
    return get_spdx_licensing()


def _is_foreign(key: str) -> bool:
    return not key.lower().startswith(("licenseref-", "documentref-"))


def _holds(expression: Any, names: frozenset[str]) -> bool:
    if isinstance(expression, LicenseWithExceptionSymbol):
        with_exception = _plain(str(expression.render()))
        return with_exception in names or _plain(expression.license_symbol.key) in names
    parts = getattr(expression, "args", ())
    if not parts:
        return _plain(str(expression.render())) in names
    every = [_holds(part, names) for part in parts]
    return any(every) if expression.operator.strip() == "OR" else all(every)


def _plain(licence: str) -> str:
    """Drop what is said of versions: a policy allows a licence in all these forms."""
    return licence.removesuffix("+").removesuffix("-only").removesuffix("-or-later").casefold()
