"""Pseudonyms in the format of the value: ``AB-1234.x`` becomes something like ``QF-8051.m``.

A digit stays a digit, a capital a capital, a small letter a small letter, and everything else what
and where it is. Letters beyond ASCII stay in their script: they become others of the same case and
the same 256 code points of Unicode (``é`` another of Latin-1, ``Ж`` another of Cyrillic).

UUIDs, MAC addresses and digests (32, 40, 56, 64, 96 or 128 digits) with a letter stay hexadecimal, of
any digit at any place: which places hold letters would by itself tell one UUID from all others.

The texts of one format (its choices at each place) are numbered and permuted by a ``Cycle`` of their
own, so that two values never get one pseudonym and none keeps its text. Nothing keeps the pseudonym
of one value from being another real one: in a format most of whose texts are in use, most are.

**A format of few texts hides little.** The permutation is as secret as the key, but somebody who
knows some of the pairs, or how frequent the values are, has few others left to choose from. Below
10,000 texts (chosen, not derived) a notice says so. FF1, a cipher of this make, asked for 100 texts at
first and then for a million, since attacks on smaller ones got better (NIST SP 800-38G, Rev. 1 draft).

**Numbers stay numbers.** The first of several digits is zero where it was and nowhere else, so that a
whole number keeps its length; ``1234``, ``1234.0`` and the integer 1234 have the same pseudonym, in
their own spelling. White space around a value stays and does not count.

Texts with neither letter nor digit stay as they are, and so do the words for a missing cell (``NA``,
``null``, ``none``), which are no pseudonym either: permuting goes on until it has left them.
"""

from __future__ import annotations

import math
import re
import string
from functools import cache
from unicodedata import ucd_3_2_0 as unicode  # frozen: a later Python makes the same pseudonyms

from synthkit.columns.missing import ALWAYS, NA, NONE
from synthkit.pseudonyms.cycle import Cycle
from synthkit.pseudonyms.key import Key

FEW = 10_000
_NUMBER = re.compile(r"(?P<sign>-?)(?P<first>[0-9])(?P<rest>[0-9]*)(?P<tenths>\.[0-9])?")
_WHOLE = re.compile(r"(-?[0-9]+)(\.0)?")
_MISSING = re.compile(f"{ALWAYS}|{NA}|{NONE}")
_NONZERO = string.digits[1:]
_PAGE = 256
_HEX = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a UUID
    r"|[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}"  # a MAC address
    r"|(?:[0-9a-f]{32}){1,4}|[0-9a-f]{40}|[0-9a-f]{56}"  # what MD5 and the SHA functions give
)
_HEX_DIGITS = (string.digits + "abcdef", string.digits + "ABCDEF")


class Formats:
    """Pseudonyms of text in its format. Keeps the permutations that it has used.

    Args:
        key: same key, same pseudonyms.
    """

    def __init__(self, key: Key) -> None:
        self._key = key
        self._cycles: dict[tuple[str, ...], Cycle] = {}

    def __call__(self, text: str) -> str:
        """The pseudonym of a text; the text itself if it ``stays``."""
        before, core, after = _parts(text)
        if stays(core):
            return text
        choices = _choices(core)
        cycle, number = self._cycle(choices), _number(core, choices)
        while True:
            number = cycle(number)
            made = _spelled(number, choices)
            if not stays(made) and _choices(made) == choices:
                return before + made + after

    def _cycle(self, choices: tuple[str, ...]) -> Cycle:
        if choices not in self._cycles:
            key = self._key.derived("format", *choices)
            self._cycles[choices] = Cycle(math.prod(map(len, choices)), key)
        return self._cycles[choices]


def size(text: str) -> int:
    """How many texts have the format of this one, itself included."""
    return math.prod(map(len, _choices(_parts(text)[1])))


def stays(text: str) -> bool:
    """Whether a text is none that can be hidden."""
    core = text.strip()
    return says_missing(core) or size(core) == 1


def says_missing(text: str) -> bool:
    """Whether a text is a word for a missing cell; among labels it may have been left as one."""
    return _MISSING.fullmatch(text.strip()) is not None


def _number(core: str, choices: tuple[str, ...]) -> int:
    """The place of a text among those of its format."""
    number = 0
    for character, alphabet in zip(core, choices, strict=True):
        number = number * len(alphabet) + alphabet.index(character)
    return number


def _spelled(number: int, choices: tuple[str, ...]) -> str:
    """The text at a place."""
    made: list[str] = []
    for alphabet in reversed(choices):
        number, place = divmod(number, len(alphabet))
        made.append(alphabet[place])
    return "".join(reversed(made))


def _parts(text: str) -> tuple[str, str, str]:
    """The text between the white space around it, and without ``.0`` after a whole number."""
    core = text.strip()
    start = text.index(core)
    if match := _WHOLE.fullmatch(core):
        core = match[1]
    return text[:start], core, text[start + len(core) :]


def _choices(core: str) -> tuple[str, ...]:
    """What may stand at each place."""
    if digits := _hexadecimal(core):
        return tuple(digits if character in digits else character for character in core)
    choices = [_alphabet(character) for character in core]
    if match := _NUMBER.fullmatch(core):
        if match["sign"] or match["rest"]:
            place = match.start("first")
            choices[place] = "0" if match["first"] == "0" else _NONZERO
        if match["tenths"]:  # not zero, or it would not be part of the core
            choices[-1] = _NONZERO
    return tuple(choices)


def _hexadecimal(core: str) -> str:
    """The digits of a hexadecimal code, by the case of its letters; empty for other texts."""
    if not _HEX.fullmatch(core.lower()):
        return ""
    letters = "".join(filter(str.isalpha, core))
    return next((digits for digits in _HEX_DIGITS if letters and set(letters) <= set(digits)), "")


@cache
def _alphabet(character: str) -> str:
    """The characters that may take the place of this one; itself alone for other than letters."""
    for alphabet in (string.digits, string.ascii_uppercase, string.ascii_lowercase):
        if character in alphabet:
            return alphabet
    category = unicode.category(character)
    if character.isascii() or not (category.startswith("L") or category == "Nd"):
        return character
    start = ord(character) // _PAGE * _PAGE
    page = map(chr, range(max(start, 128), start + _PAGE))
    return "".join(other for other in page if unicode.category(other) == category)
