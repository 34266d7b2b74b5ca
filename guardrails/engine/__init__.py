"""How it happens: from a plan and content to a verdict."""
