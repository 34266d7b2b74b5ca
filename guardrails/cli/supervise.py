"""`python -m guardrails.cli.supervise`: what `--workers N` becomes, a process with little in it."""

import asyncio
import sys

from guardrails.cli.exits import Exit
from guardrails.cli.ready import ready
from guardrails.server.workers.supervised import Supervised
from guardrails.server.workers.supervisor import Supervisor
from guardrails.telemetry import logs


async def _supervise(supervised: Supervised) -> int:
    return await Supervisor(supervised).run(ready)


def main(written: str) -> int:
    """Look after workers until told to stop; give the exit code."""
    supervised = Supervised.read(written)
    logs.set_up(logs.Format(supervised.log_format), verbose=supervised.verbose)
    try:
        return asyncio.run(_supervise(supervised))
    except OSError as error:
        sys.stderr.write(f"guardrails: {error}\n")
        return Exit.RUNTIME_FAILURE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
