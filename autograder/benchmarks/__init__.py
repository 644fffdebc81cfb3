"""Figures on request: throughput, endurance, kills. None of them is a test; `make test` has small versions of them."""
