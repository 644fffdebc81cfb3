"""How deep can a stack be? Four ways of stacking layers: their gradients before training, their losses after it.

    plain                x = layer(x)               nn.Linear's usual start
    plain, He            x = layer(x)               weights that keep a signal's size through ReLU (He et al., 2015)
    residual             x = x + layer(x)           He et al., 2016
    residual and norm    x = x + layer(norm(x))     and a norm at the end, as in GPT-2

A layer is a ReLU and then a linear map. Under the stack lies a sum of the last 8 characters' vectors, above it a linear
map to logits: a small language model without attention. Several seeds are trained at once, each with weights of its
own; they share batches and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

KINDS = ("plain", "plain, He", "residual", "residual and norm")
CONTEXT = 8  # characters that the model sees


class Stacks(nn.Module):
    """`len(seeds)` stacks of one kind side by side.

    kind: one of KINDS. depth: layers in a stack. vocab_size: V. width: C. Raises ValueError for another kind.
    """

    def __init__(self, kind: str, depth: int, vocab_size: int, *, width: int = 32, seeds: Sequence[int] = range(5)):
        super().__init__()
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is not one of {', '.join(KINDS)}")
        self.kind, self.depth, self.width, self.vocab_size = kind, depth, width, vocab_size
        drawn = [self._draw(torch.Generator().manual_seed(seed)) for seed in seeds]
        table, layers, biases, to_logits = (torch.stack(tensors) for tensors in zip(*drawn, strict=True))
        self.table = nn.Parameter(table)  # (S, CONTEXT · V, C): a vector for each character in each place
        self.layers = nn.ParameterList(layers[:, i] for i in range(depth))  # (S, C, C) each
        self.biases = nn.ParameterList(biases[:, i] for i in range(depth))  # (S, 1, C) each
        self.to_logits = nn.Parameter(to_logits)  # (S, C, V)

    def _draw(self, generator: torch.Generator) -> tuple[torch.Tensor, ...]:
        C, V = self.width, self.vocab_size
        table = torch.randn(CONTEXT * V, C, generator=generator) / CONTEXT**0.5  # the sum has variance 1
        if self.kind == "plain, He":
            layers = torch.randn(self.depth, C, C, generator=generator) * (2 / C) ** 0.5
            biases = torch.zeros(self.depth, 1, C)
        else:
            layers = (2 * torch.rand(self.depth, C, C, generator=generator) - 1) / C**0.5
            biases = (2 * torch.rand(self.depth, 1, C, generator=generator) - 1) / C**0.5
        return table, layers, biases, (2 * torch.rand(C, V, generator=generator) - 1) / C**0.5

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: int64 (B, CONTEXT). Returns logits (S, B, V) of the next character."""
        return self.top(x) @ self.to_logits

    def top(self, x: torch.Tensor) -> torch.Tensor:
        """What comes out of the last layer, (S, B, C)."""
        places = x + torch.arange(CONTEXT) * self.vocab_size
        h = torch.stack([F.embedding_bag(places, table, mode="sum") for table in self.table])  # (S, B, C)
        for weight, bias in zip(self.layers, self.biases, strict=True):
            change = torch.baddbmm(bias, F.relu(self._norm(h)), weight)  # (S, B, C) @ (S, C, C)
            h = h + change if "residual" in self.kind else change
        return self._norm(h)

    def _norm(self, h: torch.Tensor) -> torch.Tensor:
        return F.layer_norm(h, (self.width,)) if "norm" in self.kind else h


def batch(ids: torch.Tensor, size: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Random places in a text: what stands before them, (size, CONTEXT), and the characters there, (size,)."""
    starts = torch.randint(len(ids) - CONTEXT, (size, 1), generator=generator)
    windows = ids[starts + torch.arange(CONTEXT + 1)]
    return windows[:, :-1], windows[:, -1]


def loss_of(stacks: Stacks, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean cross-entropy of each stack, (S,)."""
    logits = stacks(x)  # (S, B, V)
    every = F.cross_entropy(logits.flatten(0, 1), y.repeat(len(logits)), reduction="none")
    return every.view(len(logits), -1).mean(dim=1)


def gradients(stacks: Stacks, ids: torch.Tensor) -> torch.Tensor:
    """The size of the gradient at each layer, relative to the last layer's: (S, depth). One batch of 64."""
    loss_of(stacks, *batch(ids, 64, torch.Generator().manual_seed(0))).sum().backward()
    sizes = torch.stack([layer.grad.flatten(1).norm(dim=1) for layer in stacks.layers if layer.grad is not None], dim=1)
    stacks.zero_grad()
    return sizes / sizes[:, -1:]


def likeness(stacks: Stacks, ids: torch.Tensor) -> torch.Tensor:
    """The mean cosine of what comes out at the top for two different places of a text, among 64: (S,).

    At 1 the stack has forgotten what went in at the bottom.
    """
    x, _ = batch(ids, 64, torch.Generator().manual_seed(0))
    with torch.no_grad():
        directions = F.normalize(stacks.top(x), dim=-1)
    cosines = directions @ directions.mT  # (S, 64, 64)
    return (cosines.sum(dim=(1, 2)) - len(x)) / (len(x) * (len(x) - 1))


def train(stacks: Stacks, ids: torch.Tensor, *, steps: int = 300, lr: float = 1e-2) -> None:
    """Train all stacks in place: AdamW, batches of 64, the same for each."""
    optimizer = torch.optim.AdamW(stacks.parameters(), lr=lr)
    generator = torch.Generator().manual_seed(1)
    for _ in range(steps):
        loss = loss_of(stacks, *batch(ids, 64, generator)).sum()  # a stack's gradient comes from its own loss alone
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def validation_loss(stacks: Stacks, ids: torch.Tensor) -> torch.Tensor:
    """The loss of each stack on 4,000 places of a text, (S,)."""
    with torch.no_grad():
        return loss_of(stacks, *batch(ids, 4000, torch.Generator().manual_seed(2)))
