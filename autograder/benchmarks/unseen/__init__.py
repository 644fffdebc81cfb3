"""Answers that nobody had in mind: wrong and right ones, written from the exercises' texts before looking at a suite.

A file is a bank file (see `autograder.bank`), `<assignment>/<exercise>.py`, with `# Kind:` in place of `# Hint:`: which
generic kind of mistake a wrong answer is. They stay as they are when suites and bank change; a mistake that is taken
into the bank afterwards is no longer unseen, and the figures in `../README.md` say when they were measured.
"""
