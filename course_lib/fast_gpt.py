"""A GPT that learns faster than GPT-2's, by what the public speed runs found: the same idea, other parts.

- rotary positions instead of a table (Su and others, 2021), queries and keys normalised (Henry and others, 2020);
- squared ReLU (So and others, 2021), norms without gains, no biases, no dropout unless asked for;
- projections back into the residual stream start at 0, so that a fresh model is a table of tokens;
- every block sees the embedding again, and values may be mixed with an embedding of their own token
  (K. Jordan and others, "modded-nanogpt", 2024);
- weights of one shape stand in one parameter, (n_layer, …): the optimiser takes all layers in one product (`muon`).

Called as nanoGPT's model is: `logits, loss = model(idx, targets)`.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

CAP = 15.0  # logits end between ±CAP: a soft bound, as in Gemma 2


def norm(x: torch.Tensor) -> torch.Tensor:
    """Each vector divided by its root mean square. (…, C) -> (…, C)"""
    return F.rms_norm(x, (x.shape[-1],))


class FastGPT(nn.Module):
    """idx, targets: int64 (B, T), T <= block_size. Returns (logits (B, T, vocab_size), loss or None).

    n_embd is a multiple of 2 · n_head. dtype: of the products; weights are kept in float32. base: of the rotary
    frequencies. value_tables: whether values are mixed with an embedding of their own token. Raises ValueError.
    """

    def __init__(
        self,
        vocab_size: int,
        n_embd: int,
        n_head: int,
        n_layer: int,
        block_size: int,
        dropout: float = 0.0,
        dtype: torch.dtype = torch.float32,
        base: float = 1000.0,
        value_tables: bool = False,
    ) -> None:
        super().__init__()
        if n_embd % (2 * n_head):
            raise ValueError(f"n_embd={n_embd} is no multiple of 2 · n_head={2 * n_head}: each head turns pairs")
        self.block_size, self.n_head, self.n_layer, self.dropout, self.dtype = (
            block_size,
            n_head,
            n_layer,
            dropout,
            dtype,
        )
        C, wide = n_embd, 4 * n_embd
        self.tokens = nn.Parameter(torch.randn(vocab_size, C))
        self.values = nn.Parameter(torch.zeros(n_layer, vocab_size, C)) if value_tables else None
        self.qkv = nn.Parameter(torch.randn(n_layer, 3, C, C) * C**-0.5)
        self.proj = nn.Parameter(torch.zeros(n_layer, C, C))
        self.up = nn.Parameter(torch.randn(n_layer, wide, C) * C**-0.5)
        self.down = nn.Parameter(torch.zeros(n_layer, C, wide))
        self.head = nn.Parameter(torch.zeros(vocab_size, C))
        self.mix = nn.Parameter(torch.tensor([[1.0, 0.0]]).repeat(n_layer, 1))  # of the stream and of the embedding
        size = n_embd // n_head
        turns = base ** -(torch.arange(0, size, 2) / size)  # (size / 2,)
        angle = torch.arange(block_size)[:, None] * turns
        self.cos: torch.Tensor
        self.sin: torch.Tensor
        self.register_buffer("cos", angle.cos().repeat(1, 2), persistent=False)  # (block_size, size)
        self.register_buffer("sin", torch.cat([-angle.sin(), angle.sin()], 1), persistent=False)

    def rotated(self, x: torch.Tensor) -> torch.Tensor:
        """Queries or keys (B, heads, T, size), turned by their positions."""
        cos, sin = (table[: x.shape[-2]].to(x.dtype) for table in (self.cos, self.sin))
        return x * cos + x.roll(x.shape[-1] // 2, -1) * sin

    def forward(self, idx: torch.Tensor, targets: torch.Tensor | None = None) -> tuple[torch.Tensor, Any]:
        B, T = idx.shape
        if T > self.block_size:
            raise ValueError(f"a text of {T} ids is too long: block_size is {self.block_size}")
        kind, rate = self.dtype, self.dropout if self.training else 0.0
        qkv, proj, up, down = (w.to(kind).unbind() for w in (self.qkv, self.proj, self.up, self.down))
        x = norm(F.embedding(idx, self.tokens.to(kind)))  # (B, T, C)
        start = x = F.dropout(x, rate) if rate else x
        mix = self.mix.to(kind)
        for layer in range(self.n_layer):
            x = mix[layer, 0] * x + mix[layer, 1] * start
            maps = qkv[layer].reshape(-1, x.shape[-1])  # (3 C, C)
            q, k, v = (
                F.linear(norm(x), maps).view(B, T, 3, self.n_head, -1).permute(2, 0, 3, 1, 4)
            )  # (B, heads, T, size)
            if self.values is not None:
                v = v + F.embedding(idx, self.values[layer].to(kind)).view(B, T, self.n_head, -1).transpose(1, 2)
            q, k = self.rotated(norm(q)), self.rotated(norm(k))
            y = F.scaled_dot_product_attention(q, k, v, dropout_p=rate, is_causal=True)
            y = F.linear(y.transpose(1, 2).reshape(B, T, -1), proj[layer])
            x = x + (F.dropout(y, rate) if rate else y)
            y = F.linear(F.relu(F.linear(norm(x), up[layer])).square(), down[layer])
            x = x + (F.dropout(y, rate) if rate else y)
        logits = F.linear(norm(x), self.head.to(kind)).float()
        logits = CAP * torch.tanh(logits / CAP)
        loss = None if targets is None else F.cross_entropy(logits.view(B * T, -1), targets.reshape(-1))
        return logits, loss

    def groups(self, lr: float, weight_decay: float = 0.0) -> list[dict[str, Any]]:
        """Parameter groups for `muon.Muon`: the matrices of the blocks, then tables, head and scalars with AdamW.

        lr: of the matrices; the others' are multiples of it.
        """
        return [
            {"params": [self.qkv, self.proj, self.up, self.down], "lr": lr, "muon": True, "weight_decay": weight_decay},
            {"params": [self.tokens] if self.values is None else [self.tokens, self.values], "lr": 3 * lr},
            {"params": [self.head], "lr": 0.2 * lr},
            {"params": [self.mix], "lr": 0.5 * lr},
        ]
