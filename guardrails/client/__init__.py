"""How you ask: the clients and the decorator. Needs no engine."""

from guardrails.client.client import AsyncClient, Client
from guardrails.client.connection import Credentials
from guardrails.client.decorator import guard
from guardrails.client.story import Blocked

__all__ = ["AsyncClient", "Blocked", "Client", "Credentials", "guard"]
