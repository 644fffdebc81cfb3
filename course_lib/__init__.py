"""What students import: corpora, public checks, plots and widgets.

In the room: everything a notebook needs beside numpy and torch. Not in the room: answers, hidden tests, grading.
"""

__version__ = "0.1.0"
