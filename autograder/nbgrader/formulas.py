r"""TeX as MathML, which browsers draw by themselves: no script, no internet.

The converter hands text on as it stands (`\text{<b>}` becomes an element), so the tree it builds is written out here,
with everything in it escaped. What a formula asks for in styles and sizes is `sanitise`'s business.
"""

from __future__ import annotations

import html
import re
from xml.etree.ElementTree import tostring

from latex2mathml.converter import convert_to_element

LONGEST = 2000  # characters; the converter takes longer than linear time
DEFINES = re.compile(r"\\(?:(?:re)?new(?:command|environment)|def|let|DeclareMathOperator)\b")  # may grow without end


def mathml(tex: str, display: bool = False) -> str | None:
    """The formula as a `<math>` element; None where it cannot be converted and is better shown as it was written."""
    if len(tex) > LONGEST or DEFINES.search(tex):
        return None
    try:
        tree = convert_to_element(tex, display="block" if display else "inline")
        for element in tree.iter():
            element.text = html.unescape(element.text) if element.text else element.text
            element.tail = html.unescape(element.tail) if element.tail else element.tail
        return tostring(tree, encoding="unicode", short_empty_elements=False).replace("\n", " ")
    except Exception:  # a student's formula may be anything
        return None
