"""The network of the text guard: one small encoder, many heads, and a head that marks tokens.

Training writes it and the compiler reads it, so that both mean the same by a checkpoint.
"""

import json
from pathlib import Path
from typing import Self

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig, BertModel

ARCHITECTURE = "TextGuard"
CONFIG = "config.json"
WEIGHTS = "model.safetensors"
NOWHERE = -1e4  # a logit for padding; small enough for fp16


class TextGuard(nn.Module):  # type: ignore[misc]  # torch is not in the default install
    """Scores a text for every head in one pass.

    Each head pools the tokens with weights of its own, which start out equal (the mean), then all
    share one hidden layer, and each reads its logit from it.
    """

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.config = config
        self.labels: tuple[str, ...] = tuple(config.heads)
        width, heads, inner = config.hidden_size, len(self.labels), config.head_hidden
        self.encoder = BertModel(config, add_pooling_layer=False)
        self.attend = nn.Linear(width, heads)
        self.inner = nn.Linear(width, inner) if inner else nn.Identity()
        self.head_weight = nn.Parameter(torch.empty(heads, inner or width))
        self.head_bias = nn.Parameter(torch.zeros(heads))
        self.mark = nn.Linear(width, 1)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        nn.init.zeros_(self.attend.weight)
        nn.init.zeros_(self.attend.bias)
        nn.init.normal_(self.head_weight, std=0.02)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Tell the logits of the heads [batch, heads] and of the tokens [batch, tokens].

        Both inputs are int64 [batch, tokens]; the mask is 1 for tokens and 0 for padding.
        """
        encoded = self.encoder(input_ids=input_ids, attention_mask=attention_mask)
        return self.judge(encoded.last_hidden_state, attention_mask)

    def judge(self, tokens: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Tell the same of encoded tokens [batch, tokens, width]."""
        padding = (1 - attention_mask).to(tokens.dtype) * NOWHERE
        attention = (self.attend(tokens) + padding.unsqueeze(-1)).softmax(dim=1)
        pooled = attention.transpose(1, 2) @ tokens
        inner = self.inner(self.dropout(pooled))
        if self.config.head_hidden:
            inner = self.dropout(functional.gelu(inner))
        logits = (inner * self.head_weight).sum(-1) + self.head_bias
        return logits, self.mark(tokens).squeeze(-1)

    def fold_calibration(self) -> None:
        """Write the scale and shift of each label into its last layer, so logits are calibrated."""
        pairs = [self.config.calibration.get(label, (1.0, 0.0)) for label in self.labels]
        scale, shift = torch.tensor(pairs).T
        with torch.no_grad():
            self.head_weight *= scale[:, None]
            self.head_bias.copy_(self.head_bias * scale + shift)
        self.config.calibration = {}

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read a checkpoint; anything missing or left over in it is an error."""
        model = cls(BertConfig(**json.loads((directory / CONFIG).read_text())))
        model.load_state_dict(load_file(directory / WEIGHTS))
        model.eval()
        return model

    def save(self, directory: Path) -> None:
        """Write `config.json` and `model.safetensors`."""
        directory.mkdir(parents=True, exist_ok=True)
        self.config.architectures = [ARCHITECTURE]
        (directory / CONFIG).write_text(self.config.to_json_string(use_diff=False))
        save_file(self.state_dict(), directory / WEIGHTS)
