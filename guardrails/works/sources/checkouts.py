"""The door to git: what is in the newest commit of a repository, and whose it is."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeAlias

from guardrails.works.sources.source import SourceError

Contents: TypeAlias = Callable[["Tracked"], bytes | None]

_REMOTE = re.compile(
    r"(?:(?:https?|ssh|git)://)?(?:[^/@]*@)?(?P<host>[\w-]+(?:\.[\w-]+)+)(?::\d+(?=/))?[:/]/*"
    r"(?P<path>.+?)(?:\.git)?/*"
)


@dataclass(frozen=True, slots=True)
class Tracked:
    """A file of a commit; a ``mode`` of 100... is a plain file."""

    mode: str
    object: str
    path: str

    @property
    def is_file(self) -> bool:
        """Whether it is no link and no other repository."""
        return self.mode.startswith("100")


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository, read by git itself; nothing of it is changed, and none of its hooks runs."""

    folder: Path

    def commit(self) -> str:
        """Give the hash of the newest commit."""
        return self._line("rev-parse", "--verify", "HEAD^{commit}")

    def files(self) -> list[Tracked]:
        """Give all that the commit holds, by path."""
        listed = os.fsdecode(self._run("ls-tree", "-r", "-z", "--full-tree", "HEAD"))
        lines = [line.split("\t", 1) for line in listed.split("\0") if line]
        return [Tracked(told.split()[0], told.split()[2], path) for told, path in lines]

    def remote(self) -> str:
        """Give the place that it was cloned from, such as ``github.com/owner/name``, without keys.

        Empty when there is none, or when it is a folder.
        """
        try:
            return place_of(self._line("config", "--get", "remote.origin.url"))
        except SourceError:
            return ""

    def author(self) -> str:
        """Give who wrote most of its commits."""
        counted = self._run("shortlog", "-s", "-n", "HEAD").decode(errors="replace")
        return counted.partition("\t")[2].partition("\n")[0].strip()

    @contextmanager
    def contents(self) -> Iterator[Contents]:
        """Open the objects; give a reader of files, which gives None for one that is not there."""
        command = [*self._git(), "cat-file", "--batch"]
        with subprocess.Popen(  # noqa: S603  # a fixed command; the folder is no shell's
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()
        ) as process:
            asked, given = process.stdin, process.stdout
            if asked is None or given is None:
                raise SourceError(f"'{self.folder}': git gives no contents")
            yield lambda file: _content(file.object, asked, given)
            asked.close()

    def _line(self, *words: str) -> str:
        return self._run(*words).decode(errors="replace").strip()

    def _run(self, *words: str) -> bytes:
        done = subprocess.run(  # noqa: S603  # fixed words; the folder is no shell's
            [*self._git(), *words], capture_output=True, check=False, env=_environment()
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            why = said[0].removeprefix("fatal: ") if said else f"it ended with {done.returncode}"
            raise SourceError(f"'{self.folder}': git cannot read it: {why}")
        return done.stdout

    def _git(self) -> list[str]:
        git = shutil.which("git")
        if git is None:
            raise SourceError(f"'{self.folder}' is a git checkout, install git to import it")
        return [git, "-C", str(self.folder)]


def place_of(url: str) -> str:
    """Give host and path of a remote's address, without a user, a password and a port."""
    found = _REMOTE.fullmatch(url)
    return f"{found['host']}/{found['path']}" if found else ""


def _content(name: str, asked: IO[bytes], given: IO[bytes]) -> bytes | None:
    asked.write(f"{name}\n".encode())
    asked.flush()
    told = given.readline().split()
    if len(told) != 3:  # noqa: PLR2004  # object, type and size; else "OBJECT missing"
        return None
    return given.read(int(told[2]) + 1)[:-1]


def _environment() -> Mapping[str, str]:
    """Leave out what would point git to another repository, or have it ask somebody."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {"GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C.UTF-8"}
