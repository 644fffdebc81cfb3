"""Whether mistakes have the same names on every machine: with rounding, draws and versions other than ours."""
