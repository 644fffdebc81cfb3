"""What an answer's source is taken to say, and what it is not."""

from __future__ import annotations

import pytest

from autograder import program, skeleton, source
from autograder.ipython import tree

OWN = [
    "def scaled_dot_product_attention(q, k, v):\n    return v\nx = scaled_dot_product_attention(1, 2, 3)",
    "class Head:\n    def forward(self, x):\n        return self.scaled_dot_product_attention(x)",
    '"""As scaled_dot_product_attention does."""',
    "x = 'scaled_dot_product_attention'",
]
TORCHS = [
    "F.scaled_dot_product_attention(q, k, v)",
    "torch.nn.functional.scaled_dot_product_attention(q, k, v)",
    "import torch.nn.functional as func\nfunc.scaled_dot_product_attention(q, k, v)",
    "from torch.nn.functional import scaled_dot_product_attention as attend\ny = attend(q, k, v)",
    "from torch.nn import functional\nfunctional.scaled_dot_product_attention(q, k, v)",
    "getattr(F, 'scaled_dot_product_attention')(q, k, v)",
]


@pytest.mark.parametrize("text", OWN)
def test_what_is_the_students_own(text):
    assert source.uses(tree(text).body, source.READY_MADE) == []


@pytest.mark.parametrize("text", TORCHS)
def test_what_is_torchs(text):
    assert source.uses(tree(text).body, source.READY_MADE) == ["scaled_dot_product_attention"]


@pytest.mark.parametrize(
    "line, plain",
    [
        ("self.tril = torch.tril(torch.ones(n, n))", True),
        ("self.hidden = torch.ones(n, n).triu(1).bool()", True),
        ("self.tril = torch.tril(torch.ones(n, n)) == 0", True),
        ("self.places: torch.Tensor = torch.arange(n)", True),
        ("self.register_buffer('tril', torch.tril(torch.ones(n, n)))", False),
        ("self.register_buffer('tril', None)\n        self.tril = torch.ones(n, n)", False),
        ("self.table = nn.Parameter(torch.randn(n, n))", False),
        ("self.scale = torch.tensor(n)", False),
        ("self.layers = nn.ModuleList([nn.Linear(n, n)])", False),
        ("tril = torch.tril(torch.ones(n, n))", False),
    ],
)
def test_tensors_in_plain_attributes(line, plain):
    text = f"class Head(nn.Module):\n    def __init__(self, n):\n        super().__init__()\n        {line}"
    assert bool(source.plain_tensors(tree(text).body)) is plain


def test_only_what_the_answer_needs_is_read():
    """A comparison with torch's own, in a cell of its own, is nobody's answer."""
    outline = skeleton.load("a3_self_attention")
    answer = "class Head(nn.Module):\n    pass\n\nwanted = F.scaled_dot_product_attention(q, q, q)\n"
    job = program.job(outline, "s01", {"Head": answer}, helpers=[(3, "y = F.scaled_dot_product_attention")], whole=True)
    nodes = source.needed(job, "Head")
    assert any(getattr(node, "name", "") == "Head" for node in nodes)
    assert source.uses(nodes, source.READY_MADE) == []


REGISTRY = "known = {}\n\ndef register(kind):\n    known[kind.__name__] = kind\n    return kind\n"
USES_TORCHS = (
    "@register\nclass EncoderHead:\n    def forward(self, x):\n        return F.scaled_dot_product_attention(x, x, x)"
)


@pytest.mark.parametrize(
    "body, found",
    [("return x", []), ("return EncoderHead().forward(x)", ["scaled_dot_product_attention"])],
    ids=["its own", "through the other"],
)
def test_another_answer_in_the_same_registry_is_not_its_own(body, found):
    outline = skeleton.load("a3_self_attention")
    head = f"@register\nclass Head:\n    def forward(self, x):\n        {body}"
    answers = {"Head": f"{REGISTRY}\n{head}", "EncoderHead": USES_TORCHS}
    job = program.job(outline, "s01", answers, whole=True)
    assert source.uses(source.needed(job, "Head"), source.READY_MADE) == found


SHARED = {
    "a counter": ("calls = [0]", "calls.append(1)"),
    "a generator": ("own = np.random.default_rng(1)", "own.normal()"),
    "an import that another cell has too": ("import time", "time.perf_counter()"),
    "a rebound global": ("calls = 0", "global calls\n        calls += 1"),
}


@pytest.mark.parametrize("made, used", SHARED.values(), ids=SHARED)
def test_who_else_calls_what_changes_a_global_is_not_the_answer(made, used):
    outline = skeleton.load("a3_self_attention")
    head = f"{made}\n\nclass Head(nn.Module):\n    def forward(self, x):\n        {used}\n        return x"
    compared = "if True:\n    import time\n    same = Head()(q) - F.scaled_dot_product_attention(q, q, q)"
    job = program.job(outline, "s01", {"Head": head}, helpers=[(60, compared)], whole=True)
    nodes = source.needed(job, "Head")
    assert any(getattr(node, "name", "") == "Head" for node in nodes)
    assert source.uses(nodes, source.READY_MADE) == []


@pytest.mark.parametrize(
    "around",
    [
        "ways = []\nways.append(F.scaled_dot_product_attention)\n",
        "ways = {}\nways['it'] = F.scaled_dot_product_attention\n",
        "def ways(x):\n    return F.scaled_dot_product_attention(x, x, x)\n",
        "from torch.nn.functional import scaled_dot_product_attention as ways\n",
    ],
)
def test_what_the_answer_looks_up_is_its_own(around):
    outline = skeleton.load("a3_self_attention")
    head = f"{around}\nclass Head(nn.Module):\n    def forward(self, x):\n        return ways"
    job = program.job(outline, "s01", {"Head": head}, whole=True)
    assert source.uses(source.needed(job, "Head"), source.READY_MADE) == ["scaled_dot_product_attention"]
