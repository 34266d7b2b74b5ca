"""The marks as logits processors of the libraries that generate."""
