"""How operators keep works, and how their owners look for copies: doors besides Evaluate's."""
