"""Pseudonyms: made-up values in place of real ones, the same wherever a value recurs.

replaced = pseudonymised(frame, {"doctor": "person names", "account": "format"}, Key.of(secret))
replaced.frame          # same dtypes; the same value has the same pseudonym in all columns of a word

A pseudonym is a function of the secret key, the word and the value alone, so other tables and later
runs get the same ones, and nothing has to be stored. It replaces the values before anything else
looks at them. What it does not hide: how often a value occurs, what else stands in its rows, and,
for ``format``, the format. Whoever holds the key can go back: by computing for ``format``, by
trying values for the other words. Pseudonyms are personal data still, as the law has it.

``key`` makes the secret a key, ``cycle`` permutes numbers, ``formats`` and ``people`` make the
pseudonyms, ``table`` replaces the cells.
"""

from synthkit.pseudonyms.key import Key, flaw_of

__all__ = ["Key", "flaw_of"]
