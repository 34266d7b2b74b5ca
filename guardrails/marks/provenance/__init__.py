"""Provenance: who made this, said in a signed manifest beside or inside it."""
