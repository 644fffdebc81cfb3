"""What the functions of the assignment share: they return tensors, keep their inputs, let gradients through."""

import numpy as np

from autograder.suite import as_array, expect, expect_close


def expect_kept(student, function, **inputs):
    """The inputs are after the call what they were before."""
    before = {name: value.numpy().copy() for name, value in inputs.items()}
    kept = student.library("course_lib.doubles").call_keeping_inputs(function, *inputs.values())
    for name, after in zip(inputs, kept, strict=True):
        expect(np.array_equal(before[name], as_array(after, name)), f"{name} was changed in place.")


def expect_gradients(student, function, weights, wanted, *inputs, part=0):
    """The gradients of sum(weights * function(*inputs)). wanted: name of an input -> its gradient. part: which of
    several outputs."""
    found = student.gradients(function, *inputs, weights=weights, part=part)["inputs"]
    for (name, gradient), got in zip(wanted.items(), found, strict=True):
        if gradient is None:  # it is not in this output
            continue
        expect(got is not None, f"no gradient reaches {name}. Does something in between detach, or leave torch?")
        expect_close(got, gradient, f"the gradient with respect to {name}", atol=1e-4, rtol=1e-4)


def expect_tensor(student, function, x):
    """What comes back is one tensor."""
    kind = student.library("course_lib.doubles").call_with_kinds(function, x)[1]
    expect(kind in ("tensor", "graph"), f"expected a tensor, yours is of type {kind}.\nHint: torch.stack joins rows.")
