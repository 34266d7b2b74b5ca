"""How the pairs of words that the marks `lexical` and `cater` exchange were made."""
