"""The course inside nbgrader: how assignments are generated, taken in, graded and reported."""
