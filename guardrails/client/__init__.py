"""How you ask: the clients and the decorator. Needs no engine."""

from guardrails.client.client import AsyncClient, Client, Credentials
from guardrails.client.decorator import Blocked, guard

__all__ = ["AsyncClient", "Blocked", "Client", "Credentials", "guard"]
