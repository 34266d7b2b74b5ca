"""Was this text written by a machine? An opinion by statistics, and proof by marks."""
