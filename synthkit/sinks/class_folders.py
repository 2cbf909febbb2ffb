"""Names of folders that stand for labels: any text becomes a name, and no two the same.

    folder_name("cat")          # "cat"
    folder_name("dog/puppy")    # "dog%2Fpuppy"

The name depends on the label alone, so that shards agree without knowing of each other.
"""

from __future__ import annotations

import hashlib

MISSING = "_missing"  # no label's name: an underscore in front is spelled out
ANYWHERE = "-_., "
LONGEST_BYTES = 200  # file systems stop at 255


def folder_name(label: str) -> str:
    """A name for a label: letters, digits and ``-_., `` stay, other characters are percent-encoded.

    Args:
        label: any text; an empty one counts as missing.
    """
    if not label:
        return MISSING
    last = len(label) - 1
    name = "".join(
        c if c.isalnum() or (c in ANYWHERE and not _at_edge(c, i, last)) else _encoded(c)
        for i, c in enumerate(label)
    )
    if len(name.encode()) > LONGEST_BYTES:
        digest = hashlib.sha256(label.encode()).hexdigest()[:32]
        start = name.encode()[: LONGEST_BYTES - 40].decode(errors="ignore")
        return f"{start}~{digest}"  # a "~" of a label is spelled out
    return name


def _at_edge(character: str, i: int, last: int) -> bool:
    """Whether a character would make the name hidden, ours, or one that gets trimmed."""
    return (i == 0 and character in "._ ") or (i == last and character in ". ")


def _encoded(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())
