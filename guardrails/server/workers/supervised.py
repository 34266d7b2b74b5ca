"""What workers are started with."""

import json
from dataclasses import asdict, dataclass

from guardrails.server.address import Tcp


@dataclass(frozen=True, slots=True)
class Supervised:
    """How they are started, and ended.

    ``command`` lacks the address and a worker's place. ``grace`` is the seconds that what is in
    flight has at the end.
    """

    command: tuple[str, ...]
    listen: Tcp
    workers: int
    grace: float
    metrics: Tcp | None = None
    log_format: str = "text"
    verbose: bool = False

    def written(self) -> str:
        """Write it down for another process."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> "Supervised":
        """Read what was written down."""
        fields = json.loads(text)
        metrics = fields.pop("metrics")
        return cls(
            command=tuple(fields.pop("command")),
            listen=Tcp(**fields.pop("listen")),
            metrics=None if metrics is None else Tcp(**metrics),
            **fields,
        )
