"""Looks at files now and then, and tells when they have changed and hold still."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from guardrails.policy.identity import identity

Seen: TypeAlias = Mapping[str, tuple[int, ...]]


class Watch:
    """Compares files with what they were: by size, time and number, wherever links lead.

    So links that are switched, as Kubernetes does in mounted ConfigMaps, are seen. Files that are
    still being written are waited for: what was seen twice is taken to be done.

    Args:
        files: gives those that matter by now.
    """

    def __init__(self, files: Callable[[], Iterable[Path]]) -> None:
        self._files = files
        self._known: Seen = {}
        self._before: Seen = {}

    async def look(self) -> Seen:
        """See how all files are now."""
        return await asyncio.to_thread(_seen, self._files)

    async def know(self, before: Seen) -> None:
        """Take as known how files were before they were read, and the others that this brought."""
        self._known = self._before = {**await self.look(), **before}

    async def changed(self) -> bool:
        """Tell whether there is a change that holds still since the last look."""
        seen = await self.look()
        still, self._before = seen == self._before, seen
        return still and any(self._known.get(path) != there for path, there in seen.items())


def _seen(files: Callable[[], Iterable[Path]]) -> Seen:
    try:
        return {str(path): identity(path) for path in files()}
    except OSError:  # a folder went away in the midst of it: the next look tells
        return {}
