"""Have I been copied? A page for those who made works, and for those who review copies."""
