"""Grading: hidden suites, isolation, reports. Students never receive this folder."""

import sys

# nbformat imports jsonschema, which builds a grammar of international web addresses on import: two seconds of every
# command, and of every process that it starts. No schema of a notebook asks for such an address.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
