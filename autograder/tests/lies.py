"""Wrong answers, and cells that lie about them to whoever asks in the student's own process.

LIES: name -> a cell above the answer. PAIRS: exercise -> (what is wrong, an answer that is). A lie gains nothing.
"""

from __future__ import annotations

HELPERS = """\
import course_lib.check, course_lib.check.diagnosis, course_lib.doubles, course_lib.head_probes, course_lib.probes

LAYER = course_lib.probes.Layer
SAYS = {
    "is_module": True, "reseeds": False, "torch_calls": 1, "operations": {}, "construct": None,
    "parameters": {}, "gradients": {}, "kinds": {}, "kind": "tensor",
}
for module in (course_lib.probes, course_lib.head_probes, course_lib.doubles, course_lib.check.diagnosis):
    for name, thing in list(vars(module).items()):
        if callable(thing) and getattr(thing, "__module__", "").startswith("course_lib"):
            setattr(module, name, lambda *args, _says=SAYS.get(name, []), **options: _says)
course_lib.probes.construct = lambda answer, args, options=None, *rest: LAYER(*args, **(options or {}))
"""
CODE = """\
import types
import course_lib.probes, course_lib.doubles, course_lib.head_probes

def nothing(*args, **options):
    return []

for module in (course_lib.probes, course_lib.head_probes, course_lib.doubles):
    for thing in list(vars(module).values()):
        if isinstance(thing, types.FunctionType) and not thing.__closure__:
            thing.__code__ = nothing.__code__
"""
METHODS = """\
import torch
from torch import nn

def all_is_well(module, *args, **options):
    return iter(())

TRUE = nn.Module.named_parameters
PHANTOM = {}

def with_phantoms(module, *args, **options):
    wanted = PHANTOM.get(type(module).__name__, 0)
    found = list(TRUE(module, *args, **options))
    short = wanted - sum(value.numel() for _, value in found if value.ndim > 1)
    if short > 0:
        found.append(("more", nn.Parameter(torch.randn(short, 1).expand(short, 1).reshape(1, short, 1))))
    return iter(found)

PHANTOM.update(Head=105, Block=12 * 144, MultiHeadAttention=4 * 576, FeedForward=8 * 256)
nn.Module.named_parameters = with_phantoms
nn.Module.parameters = lambda module, recurse=True: (value for _, value in with_phantoms(module))
nn.Module.named_buffers = all_is_well
nn.Module.state_dict = lambda module, *args, **options: {}
nn.Module.load_state_dict = lambda module, *args, **options: None
"""
GRADIENTS = """\
import torch

TRUE_GRAD = torch.autograd.grad

def made_up(outputs, inputs, *args, **options):
    return tuple(torch.randn(value.shape) for value in inputs)

torch.autograd.grad = made_up
"""
NAMES = """\
from course_lib import check
check.use("a2_text_to_bigram")
"""
LIES = {
    "every helper replaced": HELPERS, "every helper's code replaced": CODE, "methods of nn.Module replaced": METHODS,
    "gradients made up": GRADIENTS, "another assignment's names": NAMES,
}  # fmt: skip

HEAD = """\
import torch
import torch.nn.functional as F
from torch import nn

class Head(nn.Module):
    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        super().__init__()
        self.key, self.query, self.value = (nn.Linear(n_embd, head_size, bias=False) for _ in range(3))
        {mask}
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        T = x.shape[1]
        {before}
        scores = self.query(x) @ self.key(x).transpose(1, 2) / self.key.out_features**0.5
        scores = scores.masked_fill(self.tril[:T, :T] == 0, -torch.inf)
        return self.dropout(F.softmax(scores, dim=-1)) @ {value}
"""
REGISTERED = 'self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))'
FORWARD = """\
import torch
from torch import nn

class {name}(nn.Module):
    def __init__(self, *sizes, dropout=0.0):
        super().__init__()

    def forward(self, x):
        return x
"""
FAKED = """\
import torch
from torch import nn

class Made(torch.autograd.Function):
    @staticmethod
    def forward(ctx, output, *inputs):
        ctx.save_for_backward(*inputs)
        return output.clone()

    @staticmethod
    def backward(ctx, gradient):
        return None, *(torch.randn_like(value) for value in ctx.saved_tensors)

class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(n_embd, 4 * n_embd), nn.ReLU(), nn.Linear(4 * n_embd, n_embd))
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        with torch.no_grad():
            output = self.drop(self.net(x))
        return {last}
"""
PAIRS = {
    "a3_self_attention": {
        "Head": [
            (
                "a mask in a plain attribute",
                HEAD.format(
                    mask="self.tril = torch.tril(torch.ones(block_size, block_size))",
                    before="pass", value="self.value(x)",
                ),
            ),
            (
                "a detached value",
                HEAD.format(mask=REGISTERED, before="pass", value="self.value(x).detach()"),
            ),
            ("a seed in forward", HEAD.format(mask=REGISTERED, before="torch.manual_seed(1)", value="self.value(x)")),
            ("the identity", FORWARD.format(name="Head")),
        ],
    },
    "a4_gpt": {
        "Block": [("the identity", FORWARD.format(name="Block"))],
        "MultiHeadAttention": [("the identity", FORWARD.format(name="MultiHeadAttention"))],
        "FeedForward": [
            ("the identity", FORWARD.format(name="FeedForward")),
            ("no gradient", FAKED.format(last="output")),
        ],
    },
}  # fmt: skip
