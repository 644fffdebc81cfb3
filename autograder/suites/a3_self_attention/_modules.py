"""What every module of the assignment has to hold, whatever it computes."""

from autograder import source
from autograder.suite import expect


def probes(student):
    """What reads and writes modules in the worker."""
    return student.library("course_lib.probes")


def expect_no_seed(student, make, sizes, *inputs):
    """Neither `make(*sizes)` nor a call of the module sets torch's seed."""
    expect(
        not probes(student).reseeds(make, sizes, *inputs),
        "torch's seed is set inside the class: every module made after it, and every draw, is then the same.\n"
        "Hint: leave torch.manual_seed to whoever uses the class.",
    )


def expect_assembled(student, make, sizes, x):
    """Neither `make(*sizes)` nor a call calls torch's ready-made attention, and the class does not name it."""
    head = make(*sizes)
    found = {*source.uses(student.statements(), source.READY_MADE)}
    for run in ((make, *sizes), (head, x), (head.eval(), x[:, :2])):
        found |= {str(name) for name in probes(student).ready_made_attention(*run)}
    expect(
        not found,
        f"this head calls {', '.join(sorted(found))}, which is not allowed here; assemble the parts yourself.",
    )


def expect_nothing_left_behind(student, model):
    """No tensor stands in a plain attribute, by what the module holds and by what its class says."""
    found = sorted({*map(str, probes(student).loose_tensors(model)), *source.plain_tensors(student.statements())})
    expect(
        not found, f"{', '.join(found)}: a plain attribute stays behind when the head moves.\nHint: register_buffer."
    )
