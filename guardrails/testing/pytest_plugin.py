"""Collects `*_test.yaml` beside policies as pytest items."""
