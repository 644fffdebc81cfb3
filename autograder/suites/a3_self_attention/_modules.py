"""What every module of the assignment has to hold, whatever it computes."""

from autograder.suite import expect


def expect_gradients(student, module, *inputs):
    """Gradients reach every float input of a module whose output is one tensor."""
    expect(
        all(student.library("course_lib.head_probes").reached(module, *inputs)),
        "no gradient reaches an input, so that layers before this one could not learn.\n"
        "Hint: no detach, no torch.no_grad, nothing by way of numpy.",
    )


def expect_no_seed(student, make, sizes, *inputs):
    """Neither `make(*sizes)` nor a call of the module sets torch's seed."""
    expect(
        not student.library("course_lib.head_probes").reseeds(make, sizes, *inputs),
        "torch's seed is set inside the class: every module made after it, and every draw, is then the same.\n"
        "Hint: leave torch.manual_seed to whoever uses the class.",
    )
