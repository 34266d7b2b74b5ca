"""A model's server that costs next to nothing: it answers chats word by word, as it is told."""

import asyncio
import json
import sys
from contextlib import suppress

import uvloop

WORD = "words "
ANSWER = 200
"""Words of an answer, a token each."""


def _event(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    whole = {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [choice],
    }
    return b"data: " + json.dumps(whole).encode() + b"\n\n"


def _sentence(number: int) -> str:
    return "and so. " if number % 12 == 11 else WORD  # noqa: PLR2004  # a sentence of twelve words


_SPOKEN = [_event({"content": _sentence(number)}) for number in range(ANSWER)]
_WHOLE = json.dumps(
    {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": "".join(map(_sentence, range(ANSWER)))},
            }
        ],
    }
).encode()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
            asked = json.loads(await reader.readexactly(int(headers["content-length"])))
            if asked.get("stream"):
                await _speak(
                    writer, float(headers.get("x-delay", "0")), asked.get("n_words", ANSWER)
                )
            else:
                writer.write(_head("application/json", f"content-length: {len(_WHOLE)}") + _WHOLE)
            await writer.drain()
    writer.close()


async def _speak(writer: asyncio.StreamWriter, delay: float, words: int) -> None:
    writer.write(_head("text/event-stream", "transfer-encoding: chunked"))
    for event in (*_SPOKEN[:words], _event({}, "stop"), b"data: [DONE]\n\n"):
        writer.write(b"%x\r\n%s\r\n" % (len(event), event))
        await writer.drain()
        if delay:
            await asyncio.sleep(delay)
    writer.write(b"0\r\n\r\n")


def _head(kind: str, length: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n{length}\r\n\r\n".encode()


async def _serve(port: int) -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", port)
    sys.stdout.write(f"serving on 127.0.0.1:{port}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
