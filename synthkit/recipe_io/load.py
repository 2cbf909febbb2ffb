"""Reads a recipe from a file, from a bundled name or from a mapping."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from synthkit import resources
from synthkit.document import Document
from synthkit.environment import expand, is_url
from synthkit.errors import Problem, RecipeError, SynthkitError
from synthkit.generators.options import from_working_folder
from synthkit.recipe import (
    DEFAULT_BACKENDS,
    ChecksSpec,
    GeneratorSpec,
    OutputSpec,
    Recipe,
    SourceSpec,
)
from synthkit.recipe_io.balance_rules import check_balance
from synthkit.recipe_io.protect_rules import check_protect
from synthkit.recipe_io.pseudonym_rules import check_columns
from synthkit.recipe_io.rules import WITH_VARIABLES, check
from synthkit.recipe_io.sections import modality_of, section
from synthkit.recipe_io.spelling import Spelling
from synthkit.recipe_io.write import effective_yaml
from synthkit.schema import Modality
from synthkit.soundness.unknown_columns import unknown_columns
from synthkit.sources.files import by_ending
from synthkit.validation import part, validated

MAX_BYTES = 1_000_000
IN_MEMORY = "(a DataFrame)"  # stands for the path of a source that is none

HeaderReader = Callable[[SourceSpec, Path], Sequence[str] | None]
FolderCheck = Callable[[Path], None]
ExtractorLoader = Callable[[str, Path], object]
BackendCheck = Callable[[str, Mapping[str, Any], Modality], None]


@dataclass(frozen=True)
class LoadedRecipe:
    """A valid recipe and what is known of where it came from.

    Args:
        recipe: the job, overrides applied, the backend's options complete with their defaults.
        base: folder that relative paths start from.
        name: the recipe's own name, or that of its file.
        text: the recipe as it was written, without overrides.
        header: names of the data's columns, if they were asked for and can be had without its rows.
        document: places of the keys, for problems that show only later.
        environ: where ``${NAME}`` is looked up.
    """

    recipe: Recipe
    base: Path
    name: str
    text: str
    header: Sequence[str] | None = None
    document: Document = field(default_factory=lambda: Document("recipe"), repr=False)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    def expand(self, text: str) -> str:
        """A path, URL or key of the recipe with its ``${NAME}`` replaced, to be used and not shown."""
        return expand(text, self.environ)

    @property
    def spelling(self) -> Spelling:
        """How to show such a path or URL."""
        return _spelling(self.document, self.environ)


def load_recipe(
    path_or_name: str | Path,
    overrides: Sequence[str] = (),
    environ: Mapping[str, str] = os.environ,
    read_header: HeaderReader | None = None,
    in_memory: bool = False,
    check_folder: FolderCheck | None = None,
    load_extractor: ExtractorLoader | None = None,
    check_backend: BackendCheck | None = None,
) -> LoadedRecipe:
    """Reads and checks a recipe.

    Args:
        path_or_name: a YAML file, or the name of a bundled recipe such as ``table/adult``.
        overrides: ``"generator.budget=30s"`` and the like; later ones win.
        environ: where ``${NAME}`` is looked up.
        read_header: gives the names of the data's columns, to check those that the recipe names
            (``sources.read_header``); without it the data is not looked at.
        in_memory: the rows are a DataFrame's, so that ``source`` or its path may be left out.
        check_folder: refuses an output folder that no run could take
            (``workspace.require_usable``); without it the folder is not looked at.
        load_extractor: refuses an extractor that does not work
            (``checks.extractors.load_extractor``); without it, it is looked at from outside.
        check_backend: refuses options that name what the backend cannot use, such as a checkpoint
            (``generators.options.require_needs``); without it, files of a backend are not looked at.

    Raises:
        RecipeError: everything that is wrong, at once.
    """
    _refuse_data(str(path_or_name))
    path = _find(str(path_or_name))
    text = _read(path, str(path_or_name))
    document = Document.parse(text, str(path_or_name))
    _override(document, overrides, in_memory)
    hooks = (read_header, check_folder, load_extractor, check_backend)
    recipe, header = _checked(document, path.parent, environ, *hooks)
    name = recipe.name or path.stem
    return LoadedRecipe(recipe, path.parent, name, text, header, document, environ)


def parse_recipe(
    content: Mapping[str, Any],
    overrides: Sequence[str] = (),
    base: Path = Path(),
    environ: Mapping[str, str] = os.environ,
    in_memory: bool = False,
) -> LoadedRecipe:
    """Checks a recipe given as a mapping; otherwise as ``load_recipe``."""
    document = Document("recipe", _plain(content))
    _override(document, overrides, in_memory)
    recipe, header = _checked(document, base, environ)
    name = recipe.name or "recipe"
    return LoadedRecipe(recipe, base, name, effective_yaml(recipe), header, document, environ)


def _plain(content: Any) -> Any:
    """A copy in the types that a file would give: dicts, lists, text for paths."""
    if isinstance(content, Mapping):
        return {str(key): _plain(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_plain(value) for value in content]
    return str(content) if isinstance(content, Path) else content


@contextmanager
def placed(loaded: LoadedRecipe) -> Iterator[None]:
    """Gives the errors that are raised inside, and are about keys of a recipe, the places of these.

    Paths and URLs are shown as the recipe spells them.

    Raises:
        RecipeError: in place of such errors, all at once; other errors pass.
    """
    try:
        yield
    except SynthkitError as error:
        loaded.spelling.restore(error)
        errors = error.several or (error,)
        if not any(e.at for e in errors):
            raise
        document = replace(loaded.document, problems=[])
        for e in errors:
            if e.at:
                key = isinstance(part(document, e.at), dict)  # of a mapping, its key is shown
                document.refuse(e.at, e.what, expected=e.expected, remedy=e.remedy, key=key)
            else:
                where = e.where or document.name
                document.problems.append(Problem(where, "", e.what, e.expected, e.remedy))
        raise RecipeError(_in_order([], document.problems)) from error


def _override(document: Document, overrides: Sequence[str], in_memory: bool) -> None:
    """Applies what is said beside the recipe: overrides, and that the rows need no source."""
    for override in overrides:
        document.set(override)
    _drop_empty_sections(document)
    if in_memory and isinstance(source := document.data.setdefault("source", {}), dict):
        source.setdefault("path", IN_MEMORY)


def _spelling(document: Document, environ: Mapping[str, str]) -> Spelling:
    texts = (part(document, path) for path in WITH_VARIABLES)
    return Spelling((text for text in texts if isinstance(text, str)), environ)


def _checked(
    document: Document,
    base: Path,
    environ: Mapping[str, str],
    read_header: HeaderReader | None = None,
    check_folder: FolderCheck | None = None,
    load_extractor: ExtractorLoader | None = None,
    check_backend: BackendCheck | None = None,
) -> tuple[Recipe, Sequence[str] | None]:
    unreadable = list(document.problems)
    recipe = validated(Recipe, document)
    config = check(document, base, environ)
    header = _header(document, base, environ, read_header) if read_header else None
    if check_folder:
        _folder(document, environ, check_folder)
    if load_extractor:
        _extractor(document, base, environ, load_extractor)
    if check_backend and config:
        _backend(document, base, environ, config, check_backend)
    if recipe is None or document.problems:
        spelling = _spelling(document, environ)
        document.problems[:] = [
            replace(p, where=spelling.of(p.where)) if _is_elsewhere(p, document) else p
            for p in document.problems
        ]
        raise RecipeError(_in_order(unreadable, document.problems))
    spec = recipe.generator
    named = "backend" in spec.model_fields_set
    backend = spec.backend if named else DEFAULT_BACKENDS[recipe.source.kind]
    complete = {"backend": backend, "budget": spec.budget, **config}
    generator = GeneratorSpec.model_validate(complete)
    return recipe.model_copy(update={"generator": generator}), header


def _is_elsewhere(problem: Problem, document: Document) -> bool:
    """Whether a problem lies in another file that the recipe names, such as its policy."""
    here = (f"{document.name}:", "--set ")
    return problem.where != document.name and not problem.where.startswith(here)


def _header(
    document: Document, base: Path, environ: Mapping[str, str], read_header: HeaderReader
) -> Sequence[str] | None:
    """Names of the data's columns, if its source is valid; the columns of the recipe are checked."""
    source = section(SourceSpec, document, "source")
    in_the_way = {"source", *(f"source.{key}" for key in SourceSpec.model_fields)}
    in_the_way -= {"source.holdout", "source.max_rows"}
    if source is None or any(problem.key in in_the_way for problem in document.problems):
        return None
    spec = source.model_copy(update={"path": expand(source.path, environ)})
    try:
        header = read_header(spec, base)
    except SynthkitError as error:
        _refuse(document, ("source", "path"), error, environ)
        return None
    if header is not None:
        for path, key, *words in unknown_columns(part(document, ("schema",)), header):
            what, expected, remedy = words
            place = ("schema", *path)
            document.refuse(place, what, expected=expected, remedy=remedy, key=key)
        check_balance(document, header)
        check_columns(document, header)
        check_protect(document, header=header)
    return header


def _folder(document: Document, environ: Mapping[str, str], check_folder: FolderCheck) -> None:
    """Checks the folder of a run, if its section is valid."""
    output = section(OutputSpec, document, "output")
    if output is None or any(problem.key.startswith("output") for problem in document.problems):
        return
    path, place = expand(output.path, environ), "path"
    if is_url(path) and output.artifacts is not None:
        path, place = expand(output.artifacts, environ), "artifacts"
    try:
        check_folder(Path(path))
    except SynthkitError as error:
        _refuse(document, ("output", place), error, environ)


def _extractor(
    document: Document, base: Path, environ: Mapping[str, str], load_extractor: ExtractorLoader
) -> None:
    """Tries the extractor of the checks, if its section has no problem so far."""
    checks = section(ChecksSpec, document, "checks")
    if checks is None or any(problem.key.startswith("checks") for problem in document.problems):
        return
    if checks.extractor is not None:
        try:
            load_extractor(expand(checks.extractor, environ), base)
        except SynthkitError as error:
            _refuse(document, ("checks", "extractor"), error, environ)


def _backend(
    document: Document,
    base: Path,
    environ: Mapping[str, str],
    config: Mapping[str, Any],
    check_backend: BackendCheck,
) -> None:
    """Checks what the options of a backend, which are valid, name on this machine."""
    modality = modality_of(document)
    name = part(document, ("generator",)).get("backend", DEFAULT_BACKENDS[modality])
    try:
        check_backend(name, from_working_folder(name, config, base, modality), modality)
    except SynthkitError as error:
        if error.at:
            document.refuse(error.at, error.what, expected=error.expected, remedy=error.remedy)
        else:
            _refuse(document, ("generator", "backend"), error, environ)


def _refuse(
    document: Document, path: tuple[str, ...], error: SynthkitError, environ: Mapping[str, str]
) -> None:
    """Notes the error that was raised where a key's value was used."""
    _spelling(document, environ).restore(error)
    what = f"{error.where}: {error.what}" if error.where else error.what
    document.refuse(path, what, expected=error.expected, remedy=error.remedy)


def _drop_empty_sections(document: Document) -> None:
    """A section of which only the key is left, the rest commented out, counts as left out."""
    sections = {field.alias or name for name, field in Recipe.model_fields.items()}
    empty = [k for k, v in document.data.items() if v is None and k in sections]
    for key in empty:
        del document.data[key]


def _in_order(unreadable: list[Problem], problems: list[Problem]) -> list[Problem]:
    """The problems as a reader meets them, without those that follow from an unreadable part."""
    places = {problem.where for problem in unreadable}
    causes = [p for p in problems if p in unreadable or p.where not in places]
    return sorted(dict.fromkeys(causes), key=_reading_order)


def _reading_order(problem: Problem) -> tuple[int, int]:
    match = re.search(r":(\d+):(\d+)$", problem.where)
    return (int(match[1]), int(match[2])) if match else (10**9, 0)


def _find(path_or_name: str) -> Path:
    path = Path(path_or_name)
    if path.suffix in resources.YAML or path.exists():
        return path
    try:
        return resources.find("recipes", path_or_name)
    except SynthkitError as error:
        problem = Problem(path_or_name, "", error.what, error.expected, error.remedy)
        raise RecipeError([problem]) from None


def _refuse_data(shown: str) -> None:
    """Raises ``RecipeError`` for a table in place of a recipe. A ``.txt`` may be either."""
    path = Path(shown)
    if by_ending(path) and path.suffix != ".txt":
        remedy = f"write a recipe for it with: synthkit init {shlex.quote(shown)}"
        raise RecipeError([Problem(shown, "", "this is data", "a recipe in YAML", remedy)])


def _read(path: Path, shown: str) -> str:
    """The text of a recipe file. Raises ``RecipeError`` where there is none."""
    try:
        if path.stat().st_size > MAX_BYTES:
            what, remedy = f"the file has more than {MAX_BYTES:,} bytes", "name the recipe's file"
            raise RecipeError([Problem(shown, "", what, "a recipe", remedy)])
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        what = "there is no such file"
        remedy = (
            "see synthkit list recipes for the bundled ones, or write one with synthkit init DATA"
        )
    except UnicodeDecodeError:
        what, remedy = "the file is not UTF-8 text", "save it as UTF-8, or name the recipe's file"
    except OSError as error:
        what = f"the file cannot be read: {os.strerror(error.errno or 0).lower()}"
        remedy = "check the path and its permissions"
    raise RecipeError([Problem(shown, "", what, "a recipe in YAML", remedy)])
