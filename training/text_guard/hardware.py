"""What this machine is fast at."""

import torch

FAST_BF16: bool = torch.cpu.get_capabilities().get("avx512_bf16", False)
"""Elsewhere bfloat16 is emulated, twenty times slower than float32."""
