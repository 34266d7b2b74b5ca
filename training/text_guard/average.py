"""Averages the weights of two phases, which is as good as the better one and rounds better.

``python -m text_guard.average --work DIR`` makes ``averaged`` of ``balanced`` and ``settled``:
Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization", 2018.
"""

import argparse
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from guardrails.compiling.text_guard import CONFIG, WEIGHTS
from text_guard.train import TOKENIZER

OF = ("balanced", "settled")
TO = "averaged"


def main() -> None:
    """Write the average beside the two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="where the phases are")
    work = parser.parse_args().work
    one, other = (load_file(work / name / WEIGHTS) for name in OF)
    (work / TO).mkdir(exist_ok=True)
    save_file({name: torch.lerp(one[name], other[name], 0.5) for name in one}, work / TO / WEIGHTS)
    for name in (CONFIG, TOKENIZER):
        shutil.copy(work / OF[-1] / name, work / TO / name)


if __name__ == "__main__":
    main()
