"""``Document``: a YAML file as plain data that remembers where every part of it stands.

    document = Document.parse(text, "recipe.yaml")
    document.data                                # dicts, lists, text, numbers, booleans, None
    document.where(("source", "path"))           # "recipe.yaml:3:9"
    document.set("generator.budget=30s")         # an override, placed at "--set generator.budget"

A recipe needs a small, safe part of YAML, so the rest is refused with its place: several documents,
tags, anchors, merge keys, keys given twice. Unquoted words follow the core schema of YAML 1.2: only
``true`` and ``false`` are booleans (``no`` and ``off`` are text), ``1e-3`` is a number, and a date
is text. A key is always text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from synthkit.errors import Problem, RecipeError

Path = tuple[str | int, ...]

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 20

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOLEAN = {
    word: word.lower() == "true" for w in ("true", "false") for word in (w, w.title(), w.upper())
}
_WHOLE = re.compile(r"[-+]?[0-9][0-9_]{0,300}")
_REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_KEY = re.compile(r'"[^"]+"|[^."]+')
_KEYS = re.compile(rf"({_KEY.pattern})(\.({_KEY.pattern}))*")


def scalar(word: str) -> Any:
    """The value of an unquoted word: None, a boolean, a number, or the word itself."""
    if word in _NULL:
        return None
    if word in _BOOLEAN:
        return _BOOLEAN[word]
    if _WHOLE.fullmatch(word):
        return int(word.replace("_", ""))
    if _REAL.fullmatch(word):
        return float(word)
    return word


def dotted(path: Path) -> str:
    """A path as people write it: ``schema.constraints[0].low``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


@dataclass
class Document:
    """Plain data with the places of its parts.

    Args:
        name: of the file, as messages shall show it.
        data: the content; a mapping for every document that parses.
        problems: what was wrong with the text or an override; the rest of the content is usable.
        values, keys: path -> place of the value, and of the key that leads to it.
    """

    name: str
    data: Any = None
    problems: list[Problem] = field(default_factory=list)
    values: dict[Path, str] = field(default_factory=dict, repr=False)
    keys: dict[Path, str] = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, text: str, name: str) -> Document:
        """Reads a document; raises ``RecipeError`` only where no mapping can be made of the text."""
        document = cls(name, values={(): f"{name}:1:1"})
        document.data = _Reader(document).read(text)
        if not isinstance(document.data, dict):
            if not document.problems:
                document.refuse((), "the file holds no keys", expected="key: value lines")
            raise RecipeError(document.problems)
        return document

    def where(self, path: Path, *, key: bool = False) -> str:
        """Place of a value, or of its key; that of the nearest part around it if it has none."""
        if not key and path in self.values:
            return self.values[path]
        for end in range(len(path), 0, -1):
            for places in (self.keys, self.values):
                if path[:end] in places:
                    return places[path[:end]]
        return self.values.get((), self.name)

    def refuse(
        self,
        path: Path,
        what: str,
        *,
        expected: str | None = None,
        remedy: str | None = None,
        key: bool = False,
    ) -> None:
        """Notes a problem with the value (or the key) at a path."""
        self.problems.append(
            Problem(self.where(path, key=key), dotted(path), what, expected, remedy)
        )

    def set(self, override: str) -> None:
        """Applies ``a.b=value``; the value is read as YAML. Notes a problem if it cannot.

        A key that holds a dot is quoted: ``schema.columns."a.b".kind=text``. Lists take a position:
        ``schema.constraints.0.min=1``.
        """
        name, equals, text = override.partition("=")
        name = name.strip()
        place = f"--set {name or override}"
        if not equals or not _KEYS.fullmatch(name):
            self.problems.append(
                Problem(place, "", "this is no override", "key=value, such as generator.budget=30s")
            )
            return
        parts = [part.strip('"') for part in _KEY.findall(name)]
        inner = Document(place)
        value = _Reader(inner, place).read(text)
        self.problems += [
            Problem(place, problem.key, problem.what, problem.expected, problem.remedy)
            for problem in inner.problems
        ]
        self._put(parts, value, place)

    def _put(self, parts: list[str], value: Any, place: str) -> None:
        holder: Any = self.data
        path: Path = ()
        for i, part in enumerate(parts):
            step: Any = part
            if isinstance(holder, list):
                step = int(part) if part.isdigit() and int(part) < len(holder) else None
            if step is None or not isinstance(holder, (dict, list)):
                what = f"'{dotted(path)}' has no part '{part}'"
                self.problems.append(
                    Problem(place, "", what, "the key of a mapping or the position in a list")
                )
                return
            path = (*path, step)
            if i + 1 < len(parts):
                if isinstance(holder, dict) and holder.get(step) is None:
                    holder[step] = {}
                    self.keys[path] = self.values[path] = place
                holder = holder[step]
        holder[path[-1]] = value
        for places in (self.values, self.keys):
            for inside in [known for known in places if known[: len(path)] == path]:
                del places[inside]
            places[path] = place


class _Reader:
    """Builds a document's data from YAML events, at a fixed depth and without any tag."""

    def __init__(self, document: Document, place: str | None = None) -> None:
        self.document = document
        self.place = place

    def read(self, text: str) -> Any:
        """The text as plain data; ``None``, with its problems noted in the document, if it is none."""
        if len(text) > MAX_CHARACTERS:
            self._refuse(None, f"the file has more than {MAX_CHARACTERS:,} characters")
            return None
        self.events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.SafeLoader)
        try:
            return self._document()
        except _TooDeep as stop:
            self._refuse(stop.mark, f"more than {MAX_DEPTH} levels inside each other")
        except yaml.MarkedYAMLError as error:
            self._refuse(error.problem_mark, *_in_plain_words(error))
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            self._refuse(None, f"line {line} holds a character that text files do not have")
        return None

    def _document(self) -> Any:
        next(self.events)
        if isinstance(next(self.events), yaml.StreamEndEvent):
            return None
        value = self._value(next(self.events), ())
        next(self.events)
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._refuse(after.start_mark, "a second document begins here", "one document per file")
        return value

    def _value(self, event: yaml.Event, path: Path) -> Any:
        mark = event.start_mark
        if len(path) > MAX_DEPTH:
            raise _TooDeep(mark)
        self.document.values[path] = self._at(mark)
        if isinstance(event, yaml.AliasEvent):
            self._refuse(mark, "aliases (*) are not supported", None, "write the value out", path)
            return None
        if event.tag is not None:
            self._refuse(mark, "tags (!) are not supported", None, "remove it", path)
        if isinstance(event, yaml.ScalarEvent):
            return scalar(event.value) if event.implicit[0] else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _sequence(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path) -> dict[str, Any]:
        items: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            inside = (*path, event.value if isinstance(event, yaml.ScalarEvent) else "?")
            place = self._at(event.start_mark)
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse(event.start_mark, "a key must be one word", None, None, path)
                self._value(event, inside)
            elif event.value in items:
                first = self.document.keys[inside].removeprefix(f"{self.document.name}:")
                what = f"this key is given twice, first at {first}"
                self._refuse(event.start_mark, what, None, "remove one of them", inside)
            first_place = self.document.keys.setdefault(inside, place)
            value = self._value(next(self.events), inside)
            if place == first_place:
                items[str(inside[-1])] = value
        return items

    def _at(self, mark: Any) -> str:
        if self.place:
            return self.place
        return (
            f"{self.document.name}:{mark.line + 1}:{mark.column + 1}"
            if mark
            else self.document.name
        )

    def _refuse(
        self,
        mark: Any,
        what: str,
        expected: str | None = None,
        remedy: str | None = None,
        path: Path = (),
    ) -> None:
        self.document.problems.append(Problem(self._at(mark), dotted(path), what, expected, remedy))


class _TooDeep(Exception):
    """Nested beyond ``MAX_DEPTH``."""

    def __init__(self, mark: Any) -> None:
        super().__init__()
        self.mark = mark


def _in_plain_words(error: yaml.MarkedYAMLError) -> tuple[str, str | None, str | None]:
    """``(what, expected, remedy)`` of a syntax error, for the slips that people make."""
    problem = error.problem or "the text is not YAML"
    if "'\\t'" in problem:
        return "a tab stands here", "spaces", "replace the tab by spaces"
    if "mapping values are not allowed" in problem:
        return (
            "this ':' is out of place",
            None,
            "quote text that holds ': ', or check the indentation",
        )
    if "could not find expected ':'" in problem:
        return "the line before has no ':'", "key: value", None
    if "undefined alias" in problem or "while scanning an alias" in str(error.context):
        return "'*' begins an alias", None, "put text that begins with * in quotes"
    if "cannot start any token" in problem:
        return "this character cannot begin a value", None, "put the text in quotes"
    if isinstance(error, yaml.parser.ParserError):
        return (
            "the structure breaks off here",
            "keys of one level in one column, and a closing bracket or quote for every opening one",
            None,
        )
    return f"this is not YAML ({problem})", None, "check quotes, brackets and indentation"
