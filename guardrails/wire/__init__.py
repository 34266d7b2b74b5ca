"""How it travels: messages, conversion, status codes."""
