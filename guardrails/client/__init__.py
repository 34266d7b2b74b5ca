"""How you ask: the clients and the decorator."""
