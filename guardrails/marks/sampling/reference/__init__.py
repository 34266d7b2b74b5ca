"""The schemes and keys of transformers' own marks: its detectors find ours, and we find theirs."""
