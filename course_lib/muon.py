"""Muon: momentum whose update is made orthogonal, for matrices; AdamW for everything else.

Source: K. Jordan and others, "Muon: An optimizer for hidden layers in neural networks" (2024). An update that a matrix
gets is the sum of few directions; made orthogonal, all of them move the matrix alike.

Matrices of one shape may be stacked in one parameter, (n, rows, columns): all are made orthogonal in one go.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of the published quintic: steepest at 0, so that small directions grow fast


def orthogonal(matrix: torch.Tensor, steps: int = 5, dtype: torch.dtype = torch.bfloat16) -> torch.Tensor:
    """The nearest orthogonal matrix, roughly: singular values end between 0.7 and 1.2. (…, m, n) -> the same shape.

    A Newton–Schulz iteration on X / |X|: products only, so that it runs at the speed of products in `dtype`.
    """
    a, b, c = COEFFICIENTS
    x = matrix.to(dtype)
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    tall = x.shape[-2] > x.shape[-1]
    x = x.mT if tall else x
    for _ in range(steps):
        gram = x @ x.mT  # (…, m, m), m the shorter side
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Muon for groups with `muon=True`, AdamW for the others. A group's `lr`, `weight_decay` and `betas` are its own.

    params: groups, as for any optimizer. Muon's update is scaled by √max(1, rows / columns), so that one learning rate
    serves all shapes; Nesterov's momentum is betas[0]. Decay is decoupled. dtype: of the orthogonalising products.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 0.02,
        betas: tuple[float, float] = (0.9, 0.95),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        steps: int = 5,
        dtype: torch.dtype = torch.bfloat16,
    ) -> None:
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "muon": False}
        super().__init__(params, defaults)
        self.steps, self.dtype = steps, dtype

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """One step. closure: as for any optimizer."""
        loss = None if closure is None else torch.enable_grad()(closure)()
        for group in self.param_groups:
            values = [value for value in group["params"] if value.grad is not None]
            if not values:
                continue
            if group["weight_decay"]:
                torch._foreach_mul_(values, 1 - group["lr"] * group["weight_decay"])
            if group["muon"]:
                self._muon(values, group)
            else:
                self._adam(values, group)
        return loss

    def _muon(self, values: list[torch.Tensor], group: dict[str, Any]) -> None:
        momentum = group["betas"][0]
        for value in values:
            state, gradient = self.state[value], value.grad
            assert gradient is not None
            if not state:
                state["momentum"] = torch.zeros_like(value)
            state["momentum"].lerp_(gradient, 1 - momentum)
            update = orthogonal(gradient.lerp(state["momentum"], momentum), self.steps, self.dtype)
            scale = max(1.0, value.shape[-2] / value.shape[-1]) ** 0.5
            value.add_(update.to(value.dtype), alpha=-group["lr"] * scale)

    def _adam(self, values: list[torch.Tensor], group: dict[str, Any]) -> None:
        first, second = group["betas"]
        for value in values:
            if not self.state[value]:
                self.state[value].update(step=0, mean=torch.zeros_like(value), square=torch.zeros_like(value))
        states = [self.state[value] for value in values]
        gradients = [value.grad for value in values if value.grad is not None]
        for state in states:
            state["step"] += 1
        means, squares = [state["mean"] for state in states], [state["square"] for state in states]
        torch._foreach_lerp_(means, gradients, 1 - first)
        torch._foreach_mul_(squares, second)
        torch._foreach_addcmul_(squares, gradients, gradients, 1 - second)
        step = states[0]["step"]
        roots = torch._foreach_sqrt(squares)
        torch._foreach_div_(roots, (1 - second**step) ** 0.5)
        torch._foreach_add_(roots, group["eps"])
        torch._foreach_addcdiv_(values, means, roots, value=-group["lr"] / (1 - first**step))
