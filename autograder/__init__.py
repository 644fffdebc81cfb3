"""Grading: hidden suites, isolation, reports. Students never receive this folder."""
