"""What every target needs: errors that say something, and texts."""


def must_say(refused: Exception, start: str = "") -> None:
    """An error of ours says something, and what it is about."""
    assert str(refused)
    assert str(refused).startswith(start)


def must_be_undecodable(error: Exception) -> None:
    """What protobuf raises for what is no message; its decode errors have no common place."""
    assert type(error).__name__ == "DecodeError"


def text_of(data: bytes) -> str:
    """Read bytes as a text that content may hold."""
    return data.decode("utf-8", "replace")
