"""Tells whoever started a server that it serves: on stdout, and systemd by sd_notify(3)."""

import os
import socket
import sys
from contextlib import suppress

_WARM = b"READY=1\nSTATUS=serving"


def ready(address: str) -> None:
    """Say where it serves, now that all is warm."""
    sys.stdout.write(f"serving on {address}\n")
    sys.stdout.flush()
    if supervisor := os.environ.get("NOTIFY_SOCKET"):
        _notify(supervisor)


def _notify(supervisor: str) -> None:
    path = f"\0{supervisor[1:]}" if supervisor.startswith("@") else supervisor
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.sendto(_WARM, path)  # who cannot be told ends us in time, as systemd does
