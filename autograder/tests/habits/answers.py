"""Habits that are done to one answer. The names they make end in the exercise's, so that none meets another."""

from __future__ import annotations

import ast

from autograder.tests.habits import edits
from autograder.tests.habits.draft import Draft, habit

WITHOUT_GRADIENTS = (  # functions of which nobody asks a gradient
    "encode decode build_vocab context_target_pairs get_batch generate estimate_loss fuse_heads sinusoidal_positions "
    "attention_steps head_output score_needed masked_attention"
).split()


def _use(draft: Draft, name: str, expression: str) -> None:
    cell = draft.answer(name)
    cell.source = edits.using(cell.source, name, expression)


def _through(draft: Draft, name: str, helper: str) -> None:
    cell = draft.answer(name)
    cell.source = edits.through(cell.source, name, helper)


def _keep(helper: str) -> str:
    return f"def {helper}(value):\n    return value"


def _is_function(draft: Draft, name: str) -> bool:
    return bool(edits.functions(draft.answer(name).source, name))


def _is_class(draft: Draft, name: str) -> bool:
    return isinstance(edits.definition(draft.answer(name).source, name), ast.ClassDef)


def _below(draft: Draft, name: str, lines: str) -> None:
    cell = draft.answer(name)
    cell.source = f"{cell.source.rstrip()}\n\n{lines}"


# ---- imports ----


@habit()
def import_in_the_set_up_cell(draft: Draft, name: str) -> None:
    """An import added to the set-up cell."""
    draft.set_up().source += f"\nimport operator as op_{name}"
    _use(draft, name, f"op_{name}.index(1)")


@habit()
def import_in_a_cell_above(draft: Draft, name: str) -> None:
    """An import in a cell of its own somewhere above."""
    draft.at_top("import collections as containers\nfrom itertools import chain, count as counting")
    _use(draft, name, "containers.OrderedDict(), list(chain([1], [2])), next(counting())")


@habit()
def import_at_the_bottom(draft: Draft, name: str) -> bool | None:
    """An import at the bottom of the answer's cell."""
    if not _is_function(draft, name):
        return False
    _use(draft, name, f"statistics_{name}.mean([1, 2])")
    return _below(draft, name, f"import statistics as statistics_{name}")


@habit()
def import_in_a_try(draft: Draft, name: str) -> None:
    """An import in a try with a fallback."""
    draft.at_top("try:\n    import einops as shaping\nexcept ImportError:\n    shaping = None")
    _use(draft, name, 'shaping is not None and shaping.rearrange(np.ones((2, 3)), "a b -> b a")')


@habit()
def import_that_fails_in_a_try(draft: Draft, name: str) -> None:
    """An import of a library that is not there, in a try."""
    draft.at_top(
        "try:\n    import flash_attn_that_is_not_here as flashing\nexcept ImportError:\n    flashing = None\n"
        "HAS_FLASH = flashing is not None"
    )
    _use(draft, name, "HAS_FLASH")


@habit()
def import_under_a_condition(draft: Draft, name: str) -> None:
    """An import that depends on the version of Python."""
    draft.at_top(
        "import sys\n\nif sys.version_info >= (3, 8):\n    from functools import cached_property as lazily\n"
        "else:\n    lazily = property"
    )
    _use(draft, name, "lazily")


@habit()
def import_in_the_function(draft: Draft, name: str) -> bool | None:
    """An import in the body of the function."""
    cell = draft.answer(name)
    changed = edits.first_lines(cell.source, name, "import math as inner_math")
    if changed == cell.source:
        return False
    cell.source = changed
    return None


@habit()
def numpy_under_another_name(draft: Draft, name: str) -> bool | None:
    """numpy or torch under a name of one's own."""
    cell = draft.answer(name)
    new = {"np": f"numpy_{name}", "torch": f"pytorch_{name}", "nn": f"layers_{name}", "F": f"functional_{name}"}
    modules = {"np": "numpy", "torch": "torch", "nn": "torch.nn", "F": "torch.nn.functional"}
    used = [one for one in new if edits.reads(cell.source, one)]
    if not used:
        return False
    imports = "\n".join(f"import {modules[one]} as {new[one]}" for one in used)
    cell.source = f"{imports}\n{edits.replaced(cell.source, {one: new[one] for one in used})}"
    return None


@habit()
def everything_of_a_module(draft: Draft, name: str) -> None:
    """from math import *."""
    draft.at_top("from cmath import *")
    _use(draft, name, "phase(1), polar(1), infj")


@habit()
def imported_names_of_a_module(draft: Draft, name: str) -> None:
    """from torch.nn import functional as …, modules of modules."""
    draft.at_top("import os.path\nimport importlib, torch.nn.functional as torch_functional")
    _use(draft, name, "os.path.join('a', 'b'), importlib, torch_functional.relu")


# ---- globals ----


@habit()
def device(draft: Draft, name: str) -> None:
    """device = torch.device(…)."""
    draft.at_top('import torch\n\ndevice = torch.device("cuda" if torch.cuda.is_available() else "cpu")\ndevice')
    _use(draft, name, "torch.zeros(1, device=device)")


@habit()
def device_in_the_set_up_cell(draft: Draft, name: str) -> None:
    """device, and a seed, in the set-up cell."""
    cell = draft.set_up()
    lines = "\nimport torch\ntorch.manual_seed(1337)\ncompute_device = torch.device('cpu')"
    cell.source += "" if cell.source.endswith(lines) else lines
    _use(draft, name, "torch.zeros(1, device=compute_device)")


@habit()
def configuration_object(draft: Draft, name: str) -> None:
    """A configuration as a SimpleNamespace, one of its fields set later."""
    draft.at_top("from types import SimpleNamespace\n\ncfg = SimpleNamespace(scale=1.0)\ncfg.bias = False")
    _use(draft, name, "(cfg.scale, cfg.bias)")


@habit()
def configuration_dataclass(draft: Draft, name: str) -> None:
    """A configuration as a dataclass."""
    draft.at_top(
        "from dataclasses import dataclass, field\n\n\n@dataclass\nclass HyperParameters:\n    width: int = 32\n"
        "    sizes: list = field(default_factory=list)\n\n\nhyper = HyperParameters(width=16)"
    )
    _use(draft, name, "(hyper.width, hyper.sizes)")


@habit()
def loss_object(draft: Draft, name: str) -> None:
    """A loss object as a global."""
    draft.at_top("import torch\n\nnll_criterion = torch.nn.CrossEntropyLoss()")
    _use(draft, name, "nll_criterion(torch.zeros(1, 2), torch.tensor([0]))")


@habit()
def partial_function(draft: Draft, name: str) -> None:
    """functools.partial as a global."""
    draft.at_top("from functools import partial\n\nat_least_zero = partial(max, 0)")
    _use(draft, name, "at_least_zero(1)")


@habit()
def unpacked_globals(draft: Draft, name: str) -> None:
    """Several globals in one assignment, computed."""
    draft.at_top('LOWEST, *OTHERS = map(int, "0 1 2".split())\nHIGHEST: int = max(OTHERS)\nHIGHEST += 1')
    _use(draft, name, "(LOWEST, OTHERS[1], HIGHEST)")


@habit()
def table_from_a_loop(draft: Draft, name: str) -> None:
    """A global dictionary that a loop fills."""
    draft.at_top("lookup = {}\nfor entry in range(3):\n    lookup[entry] = 2 * entry")
    _use(draft, name, "lookup[2]")


@habit()
def table_from_a_function(draft: Draft, name: str) -> None:
    """A global list that a function fills, called in a cell of its own."""
    draft.at_top("registry = []\n\ndef register(thing):\n    registry.append(thing)")
    draft.above(draft.answer(name), f"register({name!r})")
    _use(draft, name, f"registry[registry.index({name!r})]")


@habit()
def global_made_by_a_function(draft: Draft, name: str) -> None:
    """A global that a function sets with `global`."""
    draft.at_top("def start_up():\n    global started_with\n    started_with = 3")
    draft.above(draft.answer(name), "start_up()")
    _use(draft, name, "started_with + 1")


@habit()
def global_counter(draft: Draft, name: str) -> bool | None:
    """A global counter that the function raises."""
    cell = draft.answer(name)
    changed = edits.first_lines(cell.source, name, f"global calls_{name}\ncalls_{name} += 1")
    if changed == cell.source:
        return False
    cell.source = changed
    draft.above(cell, f"calls_{name} = 0")
    return None


@habit()
def cache_of_results(draft: Draft, name: str) -> bool | None:
    """A global dictionary that the function writes."""
    if not _is_function(draft, name):
        return False
    draft.above(draft.answer(name), f"cache_{name} = {{}}")
    return _use(draft, name, f"cache_{name}.setdefault('calls', []).append(1)")


@habit()
def global_of_a_with(draft: Draft, name: str) -> None:
    """A global made under torch.no_grad()."""
    draft.at_top("import torch\n\nwith torch.no_grad():\n    arange_table = torch.arange(4)\n    arange_table += 1")
    _use(draft, name, "arange_table[3]")


@habit()
def own_random_numbers(draft: Draft, name: str) -> None:
    """A generator of random numbers of one's own, and seeds in cells."""
    draft.at_top("import random\n\nrandom.seed(0)\nnp.random.seed(1337)\nown_rng = np.random.default_rng(0)")
    cell = draft.answer(name)
    cell.source = f"np.random.seed(42)\n{cell.source}"
    _use(draft, name, "own_rng.normal()")


@habit()
def file_that_a_cell_writes(draft: Draft, name: str) -> None:
    """A file that one cell writes and another reads."""
    draft.above(
        draft.answer(name),
        f"import json\n\nwith open('settings_{name}.json', 'w') as settings_file:\n"
        "    json.dump({'scale': 1}, settings_file)",
    )
    draft.above(
        draft.answer(name),
        f"from pathlib import Path as FilePath\n\n"
        f"read_{name} = json.loads(FilePath('settings_{name}.json').read_text())",
    )
    _use(draft, name, f"read_{name}['scale']")


@habit()
def deleted_after_use(draft: Draft, name: str) -> None:
    """A temporary global that is deleted after use."""
    draft.above(draft.answer(name), f"draft_{name} = [1, 2]\nsum_{name} = sum(draft_{name})\ndel draft_{name}")
    _use(draft, name, f"sum_{name}")


@habit()
def warnings_filtered(draft: Draft, name: str) -> None:
    """Warnings filtered, printing set up, in the answer's cell."""
    cell = draft.answer(name)
    lines = (
        'import warnings\nwarnings.filterwarnings("ignore")\nnp.seterr(all="ignore")\nnp.set_printoptions(precision=3)'
    )
    cell.source = f"{lines}\n\n{cell.source}"


# ---- helpers ----


@habit()
def helper_in_a_cell_above(draft: Draft, name: str) -> None:
    """A helper in a new cell above."""
    draft.above(draft.answer(name), _keep(f"keep_{name}"))
    _through(draft, name, f"keep_{name}")


@habit()
def helper_in_a_demo_cell(draft: Draft, name: str) -> bool | None:
    """A helper typed into a demonstration above."""
    demo = draft.demo_above(draft.answer(name))
    if demo is None:
        return False
    demo.source = f"{_keep(f'keep_{name}')}\n\n{demo.source}"
    return _through(draft, name, f"keep_{name}")


@habit()
def helper_below(draft: Draft, name: str) -> bool | None:
    """A helper in a new cell between the answer and its check."""
    if not _is_function(draft, name):
        return False
    draft.above(draft.check(name), _keep(f"keep_{name}"))
    return _through(draft, name, f"keep_{name}")


@habit()
def helper_below_in_the_cell(draft: Draft, name: str) -> bool | None:
    """A helper below the answer in the same cell."""
    if not _is_function(draft, name):
        return False
    _through(draft, name, f"keep_{name}")
    return _below(draft, name, _keep(f"keep_{name}"))


@habit()
def helpers_over_three_cells(draft: Draft, name: str) -> None:
    """A chain of helpers over three cells."""
    draft.at_top(f"FACTOR_{name} = 1\n\n{_keep(f'inner_{name}')}")
    draft.above(draft.answer(name), f"def middle_{name}(value):\n    return inner_{name}(value)")
    draft.above(
        draft.answer(name),
        f"keep_{name} = lambda value, times=FACTOR_{name}: middle_{name}(value) if times else None",
    )
    _through(draft, name, f"keep_{name}")


@habit()
def helper_written_twice(draft: Draft, name: str) -> None:
    """A helper that did not work at first and was written again below."""
    draft.above(draft.answer(name), f"def keep_{name}(value):\n    raise ValueError('not yet')")
    draft.above(draft.answer(name), _keep(f"keep_{name}"))
    _through(draft, name, f"keep_{name}")


@habit(alone=True)
def helper_in_another_answers_cell(draft: Draft, name: str) -> bool | None:
    """A helper typed into the cell of another answer."""
    cell = draft.answer_above(name)
    if cell is None:
        return False
    cell.source = f"{cell.source.rstrip()}\n\n\n{_keep(f'keep_{name}')}"
    return _through(draft, name, f"keep_{name}")


@habit()
def helpers_as_static_methods(draft: Draft, name: str) -> None:
    """Helpers as static methods of a class."""
    draft.above(
        draft.answer(name),
        f"class Tools_{name}:\n    ONE = 1\n\n    @staticmethod\n    def keep(value):\n        return value\n\n"
        "    @classmethod\n    def again(cls, value):\n        return cls.keep(value)",
    )
    _through(draft, name, f"Tools_{name}.again")


@habit()
def helper_object(draft: Draft, name: str) -> None:
    """An object with __call__ as a helper, changed after it was made."""
    draft.above(
        draft.answer(name),
        f"class Keeper_{name}:\n    def __call__(self, value):\n        return value if self.ready else None\n\n\n"
        f"keep_{name} = Keeper_{name}()",
    )
    draft.above(draft.answer(name), f"keep_{name}.ready = True")
    _through(draft, name, f"keep_{name}")


@habit()
def helper_in_a_file(draft: Draft, name: str) -> None:
    """A helper in a file that %%writefile writes, imported below."""
    draft.above(draft.answer(name), f"%%writefile tools_{name.lower()}.py\n{_keep('keep_it')}\n")
    draft.above(draft.answer(name), f"from tools_{name.lower()} import keep_it as keep_{name}")
    _through(draft, name, f"keep_{name}")


@habit()
def helper_in_a_file_that_is_run(draft: Draft, name: str) -> None:
    """A helper in a file that %%writefile writes and %run runs."""
    draft.above(draft.answer(name), f"%%writefile more_{name.lower()}.py\n{_keep(f'keep_{name}')}\n")
    draft.above(draft.answer(name), f"%run more_{name.lower()}.py")
    _through(draft, name, f"keep_{name}")


@habit()
def decorator_with_wraps(draft: Draft, name: str) -> bool | None:
    """A decorator with functools.wraps that measures the time."""
    source = draft.answer(name).source
    if _is_class(draft, name) or not _is_function(draft, name):
        return False
    draft.at_top(
        "import functools\nimport time\n\n\ndef timed(function):\n    @functools.wraps(function)\n"
        "    def wrapper(*args, **kwargs):\n        began = time.perf_counter()\n        try:\n"
        "            return function(*args, **kwargs)\n        finally:\n"
        "            wrapper.seconds = time.perf_counter() - began\n\n    return wrapper"
    )
    draft.answer(name).source = _decorated(source, name, "@timed")
    return None


@habit()
def decorator_no_grad(draft: Draft, name: str) -> bool | None:
    """@torch.no_grad() where nobody asks for a gradient."""
    source = draft.answer(name).source
    if name not in WITHOUT_GRADIENTS or not _is_function(draft, name):
        return False
    draft.at_top("import torch")
    draft.answer(name).source = _decorated(source, name, "@torch.no_grad()")
    return None


@habit()
def decorator_of_a_class(draft: Draft, name: str) -> bool | None:
    """A class decorator of one's own, which registers the class."""
    if not _is_class(draft, name):
        return False
    draft.at_top("known_models = {}\n\n\ndef known(kind):\n    known_models[kind.__name__] = kind\n    return kind")
    draft.answer(name).source = _decorated(draft.answer(name).source, name, "@known")
    return None


def _decorated(source: str, name: str, decorator: str) -> str:
    node = edits.definition(source, name)
    assert node is not None
    lines = source.split("\n")
    first = min([node.lineno, *(part.lineno for part in node.decorator_list)])
    return "\n".join([*lines[: first - 1], decorator, *lines[first - 1 :]])


# ---- ways to write an answer ----


@habit()
def annotated_with_jaxtyping(draft: Draft, name: str) -> bool | None:
    """Annotations with jaxtyping."""
    if not _is_function(draft, name):
        return False
    draft.at_top("import torch\nfrom jaxtyping import Float, Int\nfrom torch import Tensor")
    cell = draft.answer(name)
    cell.source = edits.returning(cell.source, name, 'Float[Tensor, "batch time channels"] | tuple | None')
    return None


@habit()
def einops_in_the_answer(draft: Draft, name: str) -> None:
    """einops, imported in the answer's cell."""
    cell = draft.answer(name)
    cell.source = f"from einops import rearrange, einsum\n\n{cell.source}"
    _use(draft, name, "rearrange(np.ones((1, 2, 3)), 'b t (h d) -> b h t d', h=3)")


@habit()
def modern_syntax(draft: Draft, name: str) -> bool | None:
    """A walrus and a match statement."""
    cell = draft.answer(name)
    lines = (
        "if (given_size := 2) > 1:\n    pass\nmatch given_size:\n    case 2 | 3:\n        pass\n"
        "    case _:\n        raise ValueError"
    )
    changed = edits.first_lines(cell.source, name, lines)
    if changed == cell.source:
        return False
    cell.source = changed
    return None


@habit()
def bound_to_another_function(draft: Draft, name: str) -> bool | None:
    """Written under another name, then `f = mine`."""
    changed = edits.renamed(draft.answer(name).source, name, f"mine_{name}")
    if not changed:
        return False
    draft.answer(name).source = f"{changed.rstrip()}\n\n{name} = mine_{name}"
    return None


@habit()
def bound_in_a_cell_below(draft: Draft, name: str) -> bool | None:
    """Written under another name, bound to the exercise's in the cell below."""
    changed = edits.renamed(draft.answer(name).source, name, f"version_2_{name}")
    if not changed:
        return False
    draft.answer(name).source = changed
    draft.above(draft.check(name), f"{name} = version_2_{name}")
    return None


@habit()
def lambda_around(draft: Draft, name: str) -> bool | None:
    """The answer as a lambda that calls a function of another name."""
    if _is_class(draft, name):
        return False
    changed = edits.renamed(draft.answer(name).source, name, f"mine_{name}")
    if not changed:
        return False
    draft.answer(name).source = f"{changed.rstrip()}\n\n{name} = lambda *args, **kwargs: mine_{name}(*args, **kwargs)"
    return None


@habit()
def made_by_a_factory(draft: Draft, name: str) -> bool | None:
    """The answer made by a function that returns it."""
    cell = draft.answer(name)
    if not _is_function(draft, name) or 'f"""' in cell.source or "import *" in cell.source:
        return False
    if any(one.startswith(("from __future__", "global ", "%", "!")) for one in cell.source.splitlines()):
        return False
    cell.source = f"{edits.indented(cell.source, f'def make_{name}():')}\n    return {name}\n\n\n{name} = make_{name}()"
    return None


@habit()
def two_names_for_a_class(draft: Draft, name: str) -> bool | None:
    """Two names for one thing: the answer's, and a short one that the answer uses below."""
    if not _is_class(draft, name):
        return False
    _below(draft, name, f"Short_{name} = {name}\n{name}.nickname = 'short'\n{name} = Short_{name}")
    return None


@habit()
def method_attached_later(draft: Draft, name: str) -> bool | None:
    """A class whose forward is written in a cell below and attached."""
    left, method, _ = edits.without_method(draft.answer(name).source, name)
    if not method:
        return False
    draft.answer(name).source = left
    method = method.replace("def forward(", f"def forward_{name}(", 1)
    draft.above(draft.check(name), f"{method}\n\n\n{name}.forward = forward_{name}")
    return None


@habit()
def method_added_by_a_decorator(draft: Draft, name: str) -> bool | None:
    """A class whose forward is added by d2l's @add_to_class."""
    left, method, _ = edits.without_method(draft.answer(name).source, name)
    if not method:
        return False
    draft.at_top(
        "def add_to_class(Class):\n    def wrapper(function):\n        setattr(Class, function.__name__, function)\n\n"
        "    return wrapper"
    )
    draft.answer(name).source = left
    draft.above(draft.check(name), f"@add_to_class({name})\n{method}")
    return None


@habit()
def inherited_from_a_cell_above(draft: Draft, name: str) -> bool | None:
    """A class that inherits everything from one in a cell above."""
    cell = draft.answer(name)
    if not _is_class(draft, name) or edits.reads(cell.source, name) or len(edits.pieces(cell.source)) > 1:
        return False
    draft.above(cell, edits.renamed(cell.source, name, f"Base{name}"))
    cell.source = f"class {name}(Base{name}):\n    pass"
    return None


@habit()
def tabs(draft: Draft, name: str) -> bool | None:
    """Tabs for indentation."""
    cell = draft.answer(name)
    changed = edits.tabbed(cell.source)
    if changed == cell.source or not edits.parses(changed):
        return False
    cell.source = changed
    return None


@habit()
def under_main(draft: Draft, name: str) -> bool | None:
    """Everything under if __name__ == "__main__":."""
    cell = draft.answer(name)
    if "from __future__" in cell.source or "import *" in cell.source:
        return False
    cell.source = edits.indented(cell.source, 'if __name__ == "__main__":')
    return None


# ---- where an answer stands ----


@habit(alone=True)
def merged_with_the_answer_above(draft: Draft, name: str) -> bool | None:
    """Two answers in one cell, the second one's own cell empty."""
    other = draft.answer_above(name)
    if other is None:
        return False
    own = draft.answer(name)
    other.source, own.source = f"{other.source.rstrip()}\n\n\n{own.source}", ""
    return None


@habit(alone=True)
def merged_and_deleted(draft: Draft, name: str) -> bool | None:
    """Two answers in one cell, as an editor merges cells: the second one's own cell is gone."""
    other = draft.answer_above(name)
    if other is None:
        return False
    own = draft.answer(name)
    other.source = f"{other.source.rstrip()}\n\n\n{own.source}"
    draft.cells.remove(own)
    return None


@habit()
def in_a_new_cell_below_the_stub(draft: Draft, name: str) -> None:
    """The answer in a new cell below its own, which stays as released."""
    cell = draft.answer(name)
    source, cell.source = cell.source, draft.outline.stub(name)
    draft.below(cell, source)


@habit()
def in_a_new_cell_above(draft: Draft, name: str) -> None:
    """The answer in a new cell above its own, which is empty."""
    cell = draft.answer(name)
    source, cell.source = cell.source, ""
    draft.above(cell, source)


@habit()
def in_the_check_cell(draft: Draft, name: str) -> None:
    """The answer typed into its check's cell, above the call."""
    cell, check = draft.answer(name), draft.check(name)
    check.source = f"{cell.source.rstrip()}\n\n\n{check.source}"
    cell.source = ""


@habit()
def split_over_cells(draft: Draft, name: str) -> bool | None:
    """An answer of several statements in a cell for each."""
    cell = draft.answer(name)
    pieces = edits.pieces(cell.source)
    if len(pieces) < 2:
        return False
    for piece in pieces[:-1]:
        draft.above(cell, piece)
    cell.source = pieces[-1]
    return None


@habit()
def split_by_the_editor(draft: Draft, name: str) -> bool | None:
    """An answer split by the editor, whose parts all carry its label."""
    cell = draft.answer(name)
    pieces = edits.pieces(cell.source)
    if len(pieces) < 2:
        return False
    metadata = cell.metadata
    for piece in pieces[:-1]:
        draft.above(cell, piece).metadata = metadata
    cell.source = pieces[-1]
    return None


@habit()
def written_again_below(draft: Draft, name: str) -> None:
    """A first attempt that is wrong, and the answer in a new cell below it."""
    cell = draft.answer(name)
    source, cell.source = cell.source, _first_attempt(draft, name)
    draft.below(cell, source)


@habit()
def written_twice_in_a_cell(draft: Draft, name: str) -> None:
    """A first attempt above the answer in the same cell."""
    cell = draft.answer(name)
    cell.source = f"{_first_attempt(draft, name)}\n\n\n# second attempt\n{cell.source}"


@habit()
def tried_in_a_copy_of_the_cell(draft: Draft, name: str) -> None:
    """A copy of the answer's cell with its label, an earlier attempt, above it."""
    cell = draft.answer(name)
    copy = draft.above(cell, _first_attempt(draft, name))
    copy.metadata = cell.metadata


def _first_attempt(draft: Draft, name: str) -> str:
    if _is_class(draft, name):
        return f"class {name}(nn.Module):\n    def __init__(self, *sizes):\n        super().__init__()"
    if _is_function(draft, name):
        return f"def {name}(*args, **kwargs):\n    return None"
    return f"{name} = None"


# ---- below a complete answer ----


@habit()
def name_error_below(draft: Draft, name: str) -> None:
    """A line below that fails: a name that is not there any more."""
    _below(draft, name, f"a_name_of_yesterday_{name}.shape")


@habit()
def assertion_below(draft: Draft, name: str) -> None:
    """Assertions below, one of which fails."""
    _below(draft, name, f"assert {name} is not None\nassert {name} is None, 'still to do'\nprint('fine')")


@habit()
def call_below_that_fails(draft: Draft, name: str) -> None:
    """A call below with arguments that do not fit."""
    _below(draft, name, f"result_{name} = {name}('one', 'two', 3, 4, 5, 6, 7, 8, 9)\nresult_{name}")


@habit()
def displayed_below(draft: Draft, name: str) -> None:
    """The answer, or a table, displayed below."""
    _below(draft, name, f"display({name})\n{name}")


@habit()
def plot_below(draft: Draft, name: str) -> None:
    """A plot below."""
    _below(draft, name, "import matplotlib.pyplot as plt\n\nplt.plot([1, 2], [3, 4])\nplt.title('mine')\nplt.show()")


@habit()
def input_below(draft: Draft, name: str) -> None:
    """A line below that asks for input."""
    _below(draft, name, f"typed_{name} = input('How many? ')")


@habit()
def awaited_below(draft: Draft, name: str) -> None:
    """A line below that awaits."""
    _below(draft, name, "import asyncio\n\nawait asyncio.sleep(0)")


@habit()
def awaited_global(draft: Draft, name: str) -> None:
    """A global that an await gives."""
    draft.at_top("async def fetched():\n    return 1\n\n\nawaited_value = await fetched()")
    _use(draft, name, "awaited_value + 1")


@habit(slow=True)
def long_training_below(draft: Draft, name: str) -> None:
    """A loop below that trains for hours."""
    _below(draft, name, f"for epoch_{name} in range(10**12):\n    last_{name} = epoch_{name}")


@habit(slow=True)
def long_sleep_in_a_cell_below(draft: Draft, name: str) -> None:
    """A cell between answer and check that takes an hour."""
    draft.above(draft.check(name), f"import time\n\nlong_{name} = time.sleep(3600)")


@habit()
def much_printed_below(draft: Draft, name: str) -> None:
    """A loop below that prints very much."""
    _below(draft, name, f"for line_{name} in range(3000):\n    print('step', line_{name}, 'of many')")


@habit()
def progress_bar_below(draft: Draft, name: str) -> None:
    """A progress bar around a loop below."""
    _below(
        draft,
        name,
        f"from tqdm import tqdm, trange\n\nfor step_{name} in tqdm(range(3)):\n    pass\n"
        f"for step_{name} in trange(3):\n    pass",
    )


@habit()
def exit_below(draft: Draft, name: str) -> None:
    """raise SystemExit below, so that the rest does not run."""
    _below(draft, name, "raise SystemExit('enough for today')")


@habit()
def tried_under_main(draft: Draft, name: str) -> None:
    """A try-out under if __name__ == "__main__": below."""
    _below(draft, name, f"if __name__ == '__main__':\n    print(type({name}))\n    nothing_{name}()")


@habit()
def overwritten_at_the_end(draft: Draft, name: str) -> None:
    """The name used for something else in the last cell of the notebook."""
    draft.cells.append(draft.code(f"print({name})\n{name} = None"))


# ---- magics ----


@habit()
def timed_cell(draft: Draft, name: str) -> bool | None:
    """%%time on the answer's cell."""
    cell = draft.answer(name)
    if cell.source.lstrip().startswith("%%"):
        return False
    cell.source = f"%%time\n{cell.source}"
    return None


@habit()
def captured_cell(draft: Draft, name: str) -> bool | None:
    """%%capture on the answer's cell."""
    cell = draft.answer(name)
    if cell.source.lstrip().startswith("%%"):
        return False
    cell.source = f"%%capture output_of_{name}\n{cell.source}"
    return None


@habit()
def timeit_below(draft: Draft, name: str) -> None:
    """%timeit below."""
    _below(draft, name, f"%timeit -n 1 -r 1 callable({name})\n%time type({name})")


@habit()
def magics_above(draft: Draft, name: str) -> None:
    """%matplotlib inline, %load_ext and %config above the answer in its cell."""
    cell = draft.answer(name)
    lines = "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n%config InlineBackend.figure_format = 'retina'"
    cell.source = f"{lines}\n{cell.source}"


@habit()
def shell_line_above(draft: Draft, name: str) -> None:
    """A shell line above the answer in its cell."""
    cell = draft.answer(name)
    cell.source = f"!echo pip install -q einops\n{cell.source}"


@habit()
def help_request_below(draft: Draft, name: str) -> None:
    """A help request below."""
    _below(draft, name, f"{name}?\n?print")


@habit()
def colab_form(draft: Draft, name: str) -> None:
    """Colab's form: # @title and # @param."""
    cell = draft.answer(name)
    lines = f'# @title {name} {{ display-mode: "form" }}\nform_{name} = 3  # @param {{type:"integer"}}'
    cell.source = f"{lines}\n{cell.source}"
    _use(draft, name, f"form_{name} + 1")


@habit()
def semicolon_and_underscore(draft: Draft, name: str) -> None:
    """_ and a semicolon below, as against output."""
    _below(draft, name, f"_ = {name};\ntype({name});")


# ---- checks ----


@habit()
def check_with_prints(draft: Draft, name: str) -> None:
    """Prints around the call in the check's cell."""
    cell = draft.check(name)
    cell.source = f"print('now {name}')\n{cell.source}\nprint('done')"


@habit()
def check_copied(draft: Draft, name: str) -> None:
    """The check called below the answer in its own cell."""
    _below(draft, name, f"check.{name}({name})")


@habit()
def checked_under_another_name(draft: Draft, name: str) -> bool | None:
    """Written and checked under another name, which gets the exercise's below."""
    changed = edits.renamed(draft.answer(name).source, name, f"mine_{name}")
    if not changed:
        return False
    draft.answer(name).source = changed
    cell = draft.check(name)
    cell.source = cell.source.replace(f"check.{name}({name})", f"check.{name}(mine_{name})")
    draft.below(cell, f"{name} = mine_{name}")
    return None


@habit()
def check_once_more_at_the_end(draft: Draft, name: str) -> None:
    """The check called once more in the last cell."""
    draft.cells.append(draft.code(f"check.{name}({name})"))
