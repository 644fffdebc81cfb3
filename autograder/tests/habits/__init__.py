"""Ordinary habits of people who write notebooks, as transformations of a notebook whose answers are right.

None of them turns a green check red in a kernel, so none may cost a point. `answers` and `notebooks` hold the habits,
`edits` changes code, `draft` is the notebook that is changed, `cases` puts answers and habits together, `kernel` runs a
notebook as its student does. A new habit is a function with a one-line docstring and a decorator.
"""

from autograder.tests.habits.cases import Case, cases, every, filled, mixed_class
from autograder.tests.habits.draft import HABITS, Draft, Habit

__all__ = ["HABITS", "Case", "Draft", "Habit", "cases", "every", "filled", "mixed_class"]
