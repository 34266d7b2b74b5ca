"""The log of decisions as a server has it: where it is written, and who may read it."""
