"""`python -m tests.fuzz SECONDS [NAME...]`: fuzzes targets for so long each, led by coverage."""

import subprocess
import sys
import tempfile
from pathlib import Path

FOUND = Path("fuzz-found")
ONE = "--one"


def one(name: str, seconds: str) -> None:
    """Fuzz one target in this process, which ends with it."""
    import atheris  # noqa: PLC0415  # an extra

    with atheris.instrument_imports(include=["guardrails"], enable_loader_override=False):
        from tests.fuzz.seeds import seeds  # noqa: PLC0415  # what it imports is instrumented
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415
    FOUND.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for number, data in enumerate(seeds()[name]):
            Path(corpus, str(number)).write_bytes(data)
        limits = ["-max_len=4096", "-timeout=10", "-rss_limit_mb=3000", "-verbosity=0"]
        where = [f"-max_total_time={seconds}", f"-artifact_prefix={FOUND}/{name}-"]
        atheris.Setup([sys.argv[0], *limits, *where, corpus], TARGETS[name])
        atheris.Fuzz()


def main(arguments: list[str]) -> int:
    """Fuzz every target in a process of its own; tell those that broke."""
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415  # here for their names alone

    seconds, *names = arguments
    broken = []
    for name in names or TARGETS:
        print(f"fuzzing {name} for {seconds} s", flush=True)  # noqa: T201  # for who watches
        command = [sys.executable, "-W", "ignore", "-m", "tests.fuzz", ONE, name, seconds]
        if subprocess.run(command, check=False).returncode:  # noqa: S603  # ourselves
            broken.append(name)
    print(f"broken: {', '.join(broken) or 'none'}, see {FOUND}/")  # noqa: T201  # for who watches
    return 1 if broken else 0


if __name__ == "__main__":
    if sys.argv[1:2] == [ONE]:
        one(*sys.argv[2:])
    sys.exit(main(sys.argv[1:]))
