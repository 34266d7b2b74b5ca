"""What the text of an option means; text that means nothing is refused with the way out."""

import math
from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path

from guardrails.server import address
from guardrails.server.address import Address, Tcp

MESSAGE_BYTES = range(1, 2**31)
"""gRPC counts them in a signed 32-bit number."""
PERMISSIONS = range(0o1000)


def whole(least: int, most: float = math.inf) -> Callable[[str], int]:
    """Give the reader of whole numbers from ``least`` to ``most``."""
    limits = f"{least} or more" if most == math.inf else f"{least} to {most}"

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise ArgumentTypeError(f"'{text}' is no whole number") from None
        if not least <= number <= most:
            raise ArgumentTypeError(f"{number} is out of range, give {limits}")
        return number

    return read


def seconds(text: str) -> float:
    """Read a time, of zero seconds or more."""
    try:
        number = float(text)
    except ValueError:
        raise ArgumentTypeError(f"'{text}' is no number of seconds") from None
    if not 0 <= number < math.inf:
        raise ArgumentTypeError(f"'{text}' is out of range, give 0 seconds or more")
    return number


def permissions(text: str) -> int:
    """Read the permissions of a file, in octal digits."""
    try:
        mode = int(text, 8)
    except ValueError:
        mode = -1
    if mode not in PERMISSIONS:
        raise ArgumentTypeError(f"'{text}' is no file mode, give octal digits such as 0660")
    return mode


def any_address(text: str) -> Address:
    """Read an address of any form."""
    try:
        return address.parse(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def tcp_address(text: str) -> Tcp:
    """Read a host and a port."""
    try:
        return address.parse_tcp(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def folder(text: str) -> Path:
    """Read the name of a directory that is there."""
    path = Path(text)
    if not path.is_dir():
        raise ArgumentTypeError(f"there is no directory '{text}'")
    return path
