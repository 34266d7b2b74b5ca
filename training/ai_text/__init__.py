"""How the classifier of the check `ai_text` was made, and how good it is."""
