"""Places as the recipe spells them, where the environment gave a part of them.

    spelling = Spelling(["${DATA}/orders.csv"], environ)
    spelling.of("/home/me/data/orders.csv")      # "${DATA}/orders.csv"

An error is raised where a path or URL is used, with its variables replaced; before a person sees it,
or a file keeps it, the recipe's own words are put back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import quote, quote_plus

from synthkit.database import parse_url, shown
from synthkit.environment import expand, is_set, is_url, variables
from synthkit.errors import Problem, RecipeError, SynthkitError

SHORTEST = 4
"""Characters of the shortest value that is put back: a shorter one stands in too many other words."""


class Spelling:
    """What the environment gave for the paths and URLs of a recipe, and how the recipe calls it.

    Args:
        texts: the paths and URLs, as the recipe spells them.
        environ: where their variables were looked up.
    """

    def __init__(self, texts: Iterable[str], environ: Mapping[str, str]) -> None:
        self._spelled: dict[str, str] = {}
        for text in texts:
            if variables(text) and is_set(text, environ):
                self._add(text, environ)

    def _add(self, text: str, environ: Mapping[str, str]) -> None:
        for name in variables(text):
            value = environ[name].rstrip("/")
            for form in (value, quote(value), quote_plus(value)):
                self._spelled[form] = f"${{{name}}}"
        path = expand(text, environ)
        self._spelled[path] = text
        if is_url(path):
            self._add_address(path, text)

    def _add_address(self, url: str, text: str) -> None:
        """Messages show a URL without password and options, which is not the text it came from."""
        try:
            parsed = parse_url(url, SynthkitError)
        except SynthkitError:
            return
        self._spelled[shown(parsed)] = text
        if is_url(text):
            return
        # The file of an SQLite database is shown where it was found.
        self._spelled[parsed.database or ""] = text

    def of(self, place: str) -> str:
        """The place with the variables' names for their values, the longest value first."""
        forms = sorted((form for form in self._spelled if len(form) >= SHORTEST), key=len)
        if not forms:
            return place
        pattern = "|".join(re.escape(form) for form in reversed(forms))
        return re.sub(pattern, lambda match: self._spelled[match[0]], place)

    def restore(self, error: SynthkitError) -> None:
        """Puts the recipe's words back into the place of an error, or of each of its parts."""
        for part in error.several:
            self.restore(part)
        if isinstance(error, RecipeError):
            error.problems = tuple(map(self._of_problem, error.problems))
        if error.where and not error.where.startswith("column"):
            error.where = self.of(error.where)

    def _of_problem(self, problem: Problem) -> Problem:
        return replace(problem, where=self.of(problem.where))
