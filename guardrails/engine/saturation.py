"""Where models have too much to do, some policies are judged by light rules alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_SATURATED: ContextVar[bool] = ContextVar("saturated", default=False)


@contextmanager
def saturated() -> Iterator[None]:
    """Ask no model for what is judged inside; see ``when_saturated: light`` in policies."""
    token = _SATURATED.set(True)
    try:
        yield
    finally:
        _SATURATED.reset(token)


def is_saturated() -> bool:
    """Tell whether no model is to be asked."""
    return _SATURATED.get()
