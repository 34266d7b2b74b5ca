"""Told to stop while it starts, a sidecar opens no further model."""

import asyncio
import os
import signal

from guardrails.core.errors import ModelError
from guardrails.server.address import Tcp
from guardrails.server.app import Sidecar
from guardrails.server.config import Config

TWO_MODELS = "policy: two\ninput: [{check: pii}]\noutput: [{check: unsafe_image}]\n"


async def test_a_stop_in_the_midst_of_loading_opens_no_further_model(tmp_path):
    (tmp_path / "two.yaml").write_text(TWO_MODELS)
    loop = asyncio.get_running_loop()
    opened, stopped = [], asyncio.Event()

    class SlowModels:
        def open(self, name):
            opened.append(name)
            loop.call_soon_threadsafe(os.kill, os.getpid(), signal.SIGTERM)
            asyncio.run_coroutine_threadsafe(stopped.wait(), loop).result()
            raise ModelError("it took too long")

    ready = []
    sidecar = Sidecar(Config(tmp_path, Tcp("127.0.0.1", 0)), SlowModels())
    await sidecar.run(ready.append)
    stopped.set()
    await loop.shutdown_default_executor()  # what loads policies has ended

    assert ready == []
    assert len(opened) == 1
