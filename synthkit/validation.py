"""From a document to a pydantic model, with every problem in plain words at its place.

    spec = validated(SourceSpec, document, at=("source",))     # None if document.problems grew

pydantic's own messages are made for programmers and may carry the input; ours name the key, what
stands there in kind, what was expected, the nearest valid name and the remedy. Text of the input is
shown only where one of a few words was expected, or a number or duration and it is one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from synthkit.document import Document, Path, dotted

M = TypeVar("M", bound=BaseModel)
Words = tuple[str, str | None, str | None]

_SHOWABLE = re.compile(r"[\w.+-]{1,40}")
_QUANTITY = re.compile(r"[+-]?[0-9]{0,20}\.?[0-9]{1,20} ?(?:s|m|min|h)?")
_NOT_FINITE = re.compile(r"[+-]?\.?(?:nan|inf(?:inity)?)", re.IGNORECASE)
_WHOLE = {"int_type", "int_parsing", "int_from_float", "int_parsing_size"}
_REAL = {"float_type", "float_parsing", "finite_number"}
_BOOLEAN = {"bool_type", "bool_parsing"}
_LIST = {"list_type", "tuple_type", "set_type", "frozen_set_type"}
_MAPPING = {"model_type", "dict_type", "model_attributes_type"}
_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "above"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "below"),
    "multiple_of": ("multiple_of", "that is a multiple of"),
}


def validated(
    model: type[M], document: Document, at: Path = (), others: Collection[str] = ()
) -> M | None:
    """The part of a document at a path as a model; None if it has problems, now in the document.

    Args:
        model: what the part shall be.
        document: receives the problems.
        at: path of the part; a part that is not there counts as empty.
        others: keys of the part that belong to another model.
    """
    data = part(document, at)
    if others and isinstance(data, dict):
        data = {key: value for key, value in data.items() if key not in others}
    instance = None
    errors: dict[tuple[Any, ...], ErrorDetails] = {}
    try:
        instance = model.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        errors |= _by_place(error)
    try:
        # pydantic takes true for the number 1; as a word, only a boolean field takes it.
        model.model_validate(_spelled(data), by_alias=True, by_name=False)
    except ValidationError as error:
        errors = _by_place(error, _WHOLE | _REAL) | errors
    for error_details in errors.values():
        _refuse(error_details, model, document, at, others)
    return None if errors else instance


def part(document: Document, at: Path) -> Any:
    """The data at a path of keys and positions; an empty mapping where there is none."""
    data = document.data
    for step in at:
        if isinstance(data, (list, tuple)) and isinstance(step, int):
            data = data[step] if step < len(data) else None
        else:
            data = data.get(step) if isinstance(data, dict) else None
    return {} if data is None else data


def nearest_name(word: object, names: Iterable[str]) -> str | None:
    """``"did you mean 'x'?"`` for a word close to one of the names; None without a match."""
    by_lower = {name.lower(): name for name in names}
    close = difflib.get_close_matches(str(word).lower(), by_lower, n=1, cutoff=0.6)
    return f"did you mean '{by_lower[close[0]]}'?" if close else None


def choice(word: object, names: Collection[str]) -> Words:
    """``(what, expected, remedy)`` for a word that is none of the valid names."""
    shown = f"'{word}'" if isinstance(word, str) and _SHOWABLE.fullmatch(word) else kind_of(word)
    expected = f"{'one of ' if len(names) > 1 else ''}{', '.join(names)}" if names else "nothing"
    return f"is {shown}", expected, nearest_name(word, names)


def kind_of(value: object) -> str:
    """What a value is, without saying the value."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, (list, tuple)):
        return "a list"
    return "a mapping" if isinstance(value, dict) else f"of type {type(value).__name__}"


def _by_place(
    error: ValidationError, kinds: Collection[str] = ()
) -> dict[tuple[Any, ...], ErrorDetails]:
    found = error.errors(include_input=False, include_url=False)
    return {tuple(e["loc"]): e for e in found if not kinds or e["type"] in kinds}


def _spelled(data: Any) -> Any:
    """The data with every boolean as a word."""
    if isinstance(data, dict):
        return {key: _spelled(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_spelled(value) for value in data]
    return str(data).lower() if isinstance(data, bool) else data


def _refuse(
    error: ErrorDetails,
    model: type[BaseModel],
    document: Document,
    at: Path,
    others: Collection[str],
) -> None:
    path, value = _locate(part(document, at), error["loc"])
    path = (*at, *path)
    if error["type"] == "missing":
        document.refuse(path, "is missing", expected=_needed(path), key=True)
    elif error["type"] == "extra_forbidden":
        outer = others if len(error["loc"]) == 1 else ()
        known = [*outer, *keys_at(model, error["loc"][:-1])]
        _, expected, hint = choice(path[-1], known)
        inside = [k for k in known if path[-1] in keys_at(model, (*error["loc"][:-1], k))]
        if inside:
            deeper = " or ".join(f"'{dotted((*path[:-1], key, path[-1]))}'" for key in inside)
            hint = f"did you mean {deeper}?"
        document.refuse(path, "there is no such key", expected=expected, remedy=hint, key=True)
    else:
        what, expected, remedy = _words(error, value)
        document.refuse(path, what, expected=expected, remedy=remedy)


def _needed(path: Path) -> str | None:
    examples: dict[Path, str] = {
        ("version",): "version: 1",
        ("source",): "source: {path: FILE}",
        ("output",): "output: {path: FOLDER}",
    }
    return examples.get(path)


def _locate(data: Any, loc: tuple[int | str, ...]) -> tuple[Path, Any]:
    """pydantic's location as a path of the data, without the tags of unions; and the value there."""
    path: Path = ()
    for i, step in enumerate(loc):
        if isinstance(data, dict) and step in data:
            data = data[step]
        elif isinstance(data, (list, tuple)) and isinstance(step, int) and step < len(data):
            data = data[step]
        elif i + 1 < len(loc):
            continue
        path = (*path, step)
    return path, data


def keys_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys of the mapping at a location of a model, from its JSON schema."""
    schema = model.model_json_schema(by_alias=True)
    definitions = schema.get("$defs", {})

    def resolved(node: dict[str, Any]) -> dict[str, Any]:
        node = definitions[node["$ref"].rpartition("/")[2]] if "$ref" in node else node
        options = [resolved(o) for o in node.get("anyOf", [])]
        return next((o for o in options if o.get("type") != "null"), node)

    node = resolved(schema)
    for step in loc:
        mapping = node.get("discriminator", {}).get("mapping", {})
        if step in mapping:
            node = resolved({"$ref": mapping[step]})
        elif isinstance(step, int):
            node = resolved(node.get("items", {}))
        else:
            inside = node.get("properties", {}).get(step, node.get("additionalProperties"))
            node = resolved(inside) if isinstance(inside, dict) else {}
    return list(node.get("properties", {}))


def _words(error: ErrorDetails, value: Any) -> Words:
    """``(what, expected, remedy)`` of an error at a value that is there."""
    kind, context = error["type"], error.get("ctx", {})
    for kinds, describe in _DESCRIBE:
        if kind in kinds:
            return describe(value, context)
    if kind in _BOUNDS:
        key, phrase = _BOUNDS[kind]
        return f"is {value}", f"a number {phrase} {context[key]:g}", None
    if kind == "value_error":
        return f"is {_quantity(value)}", str(context["error"]), None
    return f"is {kind_of(value)}", error["msg"].removeprefix("Input should be ").lower(), None


def _number(article: str) -> Callable[[Any, Any], Words]:
    def words(value: Any, context: Any) -> Words:
        finite = article == "a number" and _NOT_FINITE.fullmatch(str(value))
        return f"is {_quantity(value)}", "a finite number" if finite else article, None

    return words


def _quantity(value: Any) -> str:
    """A number, or text that is a number or a duration, as it is; of all else, the kind."""
    word = value.strip() if isinstance(value, str) else ""
    if _QUANTITY.fullmatch(word) or _NOT_FINITE.fullmatch(word):
        return word
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return str(value) if is_number else kind_of(value)


def _text(value: Any, context: Any) -> Words:
    remedy = None
    if isinstance(value, (bool, int, float)):
        remedy = "put it in quotes if it is meant as text"
    return f"is {kind_of(value)}", "text", remedy


def _list(value: Any, context: Any) -> Words:
    example = value if isinstance(value, str) and _SHOWABLE.fullmatch(value) else "a, b"
    return f"is {kind_of(value)}", f"a list such as [{example}]", None


def _length(value: Any, context: Any) -> Words:
    length = context.get("actual_length", len(value))
    unit = "characters" if isinstance(value, str) else "entries"
    bounds = [
        f"{word} {context[key]}"
        for key, word in (("min_length", "at least"), ("max_length", "at most"))
        if key in context
    ]
    return f"has {length} {unit}", " and ".join(bounds), None


def _literal(value: Any, context: Any) -> Words:
    words = re.findall(r"'([^']*)'", context["expected"]) or re.findall(r"\w+", context["expected"])
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"is {value}", " or ".join(words), None
    if "'" not in context["expected"] and str(value) in words:  # numbers were expected
        return f"is '{value}'", " or ".join(words), "write it without quotes"
    return choice(value, words)


def _tag(value: Any, context: Any) -> Words:
    words = re.findall(r"'([^']*)'", context["expected_tags"])
    what, expected, remedy = choice(context["tag"], words)
    return f"kind {what}", expected, remedy


_DESCRIBE: list[tuple[set[str], Callable[[Any, Any], Words]]] = [
    (_WHOLE, _number("a whole number")),
    (_REAL, _number("a number")),
    (_BOOLEAN, lambda value, context: (f"is {kind_of(value)}", "true or false", None)),
    ({"string_type"}, _text),
    (_LIST, _list),
    (_MAPPING, lambda value, context: (f"is {kind_of(value)}", "a mapping of keys", None)),
    ({"string_too_short", "string_too_long", "too_short", "too_long"}, _length),
    ({"literal_error", "enum"}, _literal),
    ({"union_tag_invalid"}, _tag),
    (
        {"union_tag_not_found"},
        lambda value, context: ("kind is missing", "a kind such as range or inequality", None),
    ),
]
