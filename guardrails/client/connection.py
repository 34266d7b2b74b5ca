"""How clients connect: sync and asyncio channels of the same make, and what they trust."""

import asyncio
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import grpc

from guardrails.client.tokens import Introduced, must_stay_secret
from guardrails.core.errors import SidecarError

MESSAGE_BYTES = 64 * 1024 * 1024
_OPTIONS = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_send_message_length", MESSAGE_BYTES),
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client shows and trusts, in PEM: ``ca`` of the sidecar, and an identity of its own."""

    ca: bytes
    certificate: bytes | None = None
    key: bytes | None = field(default=None, repr=False)


class ProcessChannel:
    """One channel for each process: a fork inherits the parent's, and must not use it."""

    def __init__(
        self, address: str, credentials: Credentials | None, token: str | None = None
    ) -> None:
        self._connect = _connecting(address, credentials, token)
        self._channels: dict[int, grpc.Channel] = {}

    def here(self) -> grpc.Channel:
        """Give the channel of this process; it connects on its first call."""
        process = os.getpid()
        channel = self._channels.get(process)
        if channel is None:  # no lock, for a fork may find it held: `setdefault` lets one win
            channel = self._channels.setdefault(process, self._connect(grpc))
        return channel

    def close(self) -> None:
        """Close the channel of this process, if there is one."""
        channel = self._channels.pop(os.getpid(), None)
        if channel is not None:
            channel.close()


class LoopChannels:
    """One channel for each event loop: asyncio's gRPC ties a channel to the loop it is made on.

    A channel holds its loop, so weak references would never die: the channels of loops that are
    closed are dropped when another is made.
    """

    def __init__(
        self, address: str, credentials: Credentials | None, token: str | None = None
    ) -> None:
        self._connect = _connecting(address, credentials, token)
        self._process: int | None = None
        self._lock = threading.Lock()
        self._channels: dict[asyncio.AbstractEventLoop, grpc.aio.Channel] = {}

    def here(self) -> grpc.aio.Channel:
        """Give the channel of the running loop; it connects on its first call.

        Raises:
            SidecarError: this process was forked from one that had asked already.
        """
        self._must_not_be_forked()
        loop = asyncio.get_running_loop()
        with self._lock:
            channel = self._channels.get(loop)
            if channel is None:
                channel = self._connect(grpc.aio)
                self._channels = {**self._of_open_loops(), loop: channel}
            return channel

    async def close(self) -> None:
        """Close the channel of the running loop, if there is one."""
        if self._process not in {None, os.getpid()}:
            return
        with self._lock:
            channel = self._channels.pop(asyncio.get_running_loop(), None)
        if channel is not None:
            await channel.close()

    def _of_open_loops(self) -> dict[asyncio.AbstractEventLoop, grpc.aio.Channel]:
        return {loop: channel for loop, channel in self._channels.items() if not loop.is_closed()}

    def _must_not_be_forked(self) -> None:
        """Remember the process before the lock is ever taken, so that no fork finds it held."""
        process = os.getpid()
        if self._process is None:
            self._process = process
        if self._process != process:
            raise SidecarError(
                "this process was forked after the client had asked, which asyncio's gRPC does not "
                "outlive: fork first, start processes by 'spawn', or ask through `Client`"
            )


def _connecting(
    address: str, credentials: Credentials | None, token: str | None
) -> Callable[[Any], Any]:
    """Give what makes channels through either door of gRPC, which carry the token.

    Raises:
        ValueError: the token would cross a network in the clear.
    """
    if token is None:
        return lambda door: _connect(door, address, credentials)
    must_stay_secret(token, address, encrypted=credentials is not None)
    return lambda door: Introduced(_connect(door, address, credentials), token)


def _connect(door: Any, address: str, credentials: Credentials | None) -> Any:
    """Make a channel through either door of gRPC, the sync one or asyncio's."""
    # channels of the same options share a connection, which must not be one of the parent's
    options = (*_OPTIONS, ("guardrails.process", os.getpid()))
    if credentials is None:
        return door.insecure_channel(address, options)
    shown = grpc.ssl_channel_credentials(credentials.ca, credentials.key, credentials.certificate)
    return door.secure_channel(address, shown, options)
