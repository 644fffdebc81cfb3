"""Measurements, each a command: `python -m course_lib.benchmarks.time_to_loss`. They print ratios, assert nothing."""
