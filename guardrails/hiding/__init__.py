"""How values are hidden: pseudonyms, surrogates, and seals that their owner can open again."""
