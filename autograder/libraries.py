"""The libraries that student code may import when it is graded, and what is said of an import that failed."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Collection
from importlib import metadata

COUNT = ("numpy", "torch", "matplotlib", "ipywidgets", "tqdm", "safetensors", "einops", "jaxtyping")
LIST = f"It has {', '.join(COUNT)} and what comes with Python."
OTHER_PYTHONS = {"annotationlib", "asynchat", "asyncore", "compression", "distutils", "imp", "smtpd"}
COMMON = set(  # libraries that people have beside these, so that nobody takes them for a file of the student's own
    """accelerate bitsandbytes cv2 datasets flax gensim gymnasium IPython jax keras lightning mpl_toolkits nltk numba
    opt_einsum optax pandas peft PIL plotly polars pytorch_lightning requests scipy seaborn sentencepiece skimage
    sklearn spacy sympy tensorflow tiktoken tokenizers torchaudio torchinfo torchmetrics torchtext torchvision
    transformers triton wandb xformers""".split()
)


def missing(module: str, files: Collection[str] = ()) -> str:
    """The sentence for a student whose import failed.

    module: what could not be found, as in ModuleNotFoundError.name; files: names of the files beside the notebook.
    """
    if not re.fullmatch(r"\w[\w.]{0,79}", module):
        return f"The grader has no library of that name. {LIST}"
    top = module.partition(".")[0]
    if module == "google" or f"{module}.".startswith("google.colab."):
        return f"`{module}` exists in Colab only; the grader has no Colab. Leave it out of what your answers need."
    if f"{top}.py" in {file.rpartition("/")[2] for file in files}:
        return f"`{top}.py` is a file of your own, and the notebook alone is graded: send it as part of the notebook."
    if top in OTHER_PYTHONS or top in sys.stdlib_module_names:
        return f"`{module}` belongs to another version of Python; the grader has Python {platform.python_version()}."
    if top in COUNT and module != top:
        return f"The grader's {top} has no module `{module}`; its version is {_version(top)}."
    if top in COUNT:
        return f"The grader should have `{top}` and does not find it. The mistake is not yours: tell your instructor."
    if top == "course_lib":
        return f"The course's library has no module `{module}` in the version that grades."
    if top in COMMON or module != top:
        return f"The grader has no library `{module}`. {LIST}"
    return (
        f"The grader has no library `{module}`. {LIST} If {module}.py is a file of your own, send it as part of the "
        "notebook: put its code into a cell."
    )


def _version(library: str) -> str:
    try:
        return metadata.version(library).partition("+")[0]
    except metadata.PackageNotFoundError:
        return "unknown"
