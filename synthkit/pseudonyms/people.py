"""Pseudonyms of names and addresses: put together from the lists of ``transforms.made_up``.

A keyed hash (HMAC-SHA256) of the value chooses the parts. Two values may get one pseudonym, as there
are only so many (some 700,000 names of people, 700 first names); how many do is counted in
``table``. No value gets itself; one may get what somebody else is called.

The same key gives the same names as long as the lists are the same, which come with Faker: manifests
say its version.
"""

from __future__ import annotations

from itertools import count

from synthkit.pseudonyms.formats import says_missing
from synthkit.pseudonyms.key import Key
from synthkit.schema import Content
from synthkit.transforms.made_up import parts


class People:
    """Pseudonyms of one sort of names or addresses.

    Args:
        key: same key, same pseudonyms.
        content: the sort.
    """

    def __init__(self, key: Key, content: Content) -> None:
        self._key = key
        self._content = content
        self._parts = parts(content)

    def __call__(self, text: str) -> str:
        """The pseudonym of a text; white space around it stays and does not count.

        A word for a missing cell, such as ``none``, is nobody's name and stays.
        """
        core = text.strip()
        if says_missing(core):
            return text
        for turn in count():
            made = self._made(core, turn)
            if made.casefold() != core.casefold():
                return text.replace(core, made, 1)
        raise AssertionError("the turns never end")

    def _made(self, core: str, turn: int) -> str:
        number = int.from_bytes(self._key.derived(self._content, core, str(turn)), "big")
        made = ""
        for choices in self._parts:
            number, place = divmod(number, len(choices))
            made += choices[place]
        return made
