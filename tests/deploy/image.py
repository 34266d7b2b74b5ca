"""Does without Docker what the Dockerfile says: builds, installs, and runs as nobody, read-only."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

USER = 10001
PATH = "/usr/local/bin:/usr/bin:/bin"

# a mount namespace of its own, in which nothing can be written; what only root may enter on the
# way to the interpreter (an own build of Python in its home, say) is shown to everybody
CONFINED = """
set -eu
mount --make-rprivate /
if ! setpriv --reuid "$1" --regid "$1" --clear-groups test -x "$2/bin/python3"; then
  mount -t tmpfs -o mode=755 tmpfs /mnt
  mkdir /mnt/python && mount --bind "$2" /mnt/python
  mount -t tmpfs -o mode=755 tmpfs "/$(echo "$2" | cut -d/ -f2)"
  mkdir -p "$2" && mount --bind /mnt/python "$2"
fi
mount -o remount,bind,ro /
mount -t tmpfs -o mode=1777,size=64m,nosuid,nodev,noexec tmpfs /tmp
user=$1; shift 2
exec setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs --bounding-set=-all "$@"
"""


def build(root: Path, folder: Path) -> Path:
    """Take what `.dockerignore` lets in, and run what the Dockerfile runs; give where it is."""
    source = folder / "source"
    for line in (root / ".dockerignore").read_text().splitlines():
        for path in root.glob(line[1:]) if line.startswith("!") else ():
            _copy(path, source / path.relative_to(root))
    target = folder / "opt"
    subprocess.run(  # noqa: S603  # our own script
        ["/bin/sh", str(source / "deploy" / "install.sh"), str(source), str(target)],
        check=True,
        cwd="/",
    )
    return target


def confined(base: Path, command: Sequence[str | Path]) -> list[str]:
    """Give the command that runs another as the image would; as we are, where that is not to be."""
    bare = ["env", "-i", f"PATH={PATH}", "PYTHONSAFEPATH=1", "PYTHONDONTWRITEBYTECODE=1"]
    bare += [str(one) for one in command]
    if not can_confine():
        return bare
    return ["unshare", "--mount", "sh", "-c", CONFINED, "sh", str(USER), str(base), *bare]


def can_confine() -> bool:
    """Whether this user may take namespaces, and become another."""
    if os.getuid() != 0 or not shutil.which("unshare") or not shutil.which("setpriv"):
        return False
    tried = subprocess.run(
        ["unshare", "--mount", "mount", "--make-rprivate", "/"],  # noqa: S607  # wherever it is
        check=False,
        capture_output=True,
    )
    return tried.returncode == 0


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.copytree(path, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    else:
        shutil.copy2(path, target)
