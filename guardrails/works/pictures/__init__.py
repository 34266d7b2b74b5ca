"""Pictures: hashes of the whole, words for the parts, and the geometry that proves a copy."""
