"""How a stretch of one stream of tokens is found again in another: seeds, candidates, alignment.

A subject is a stream of 16-bit token hashes with a weight each (`Stream`): words of a text,
tokens of code. `seeding.seeds` hashes every few tokens in a row; an index keeps a sample of a
work's (`seeding.sampled`), a subject looks all of its own up. `searching.Search.passages` turns
the hits into `Passage`s: which tokens of the subject equal which of a work.
"""
