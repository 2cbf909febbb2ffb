"""Rules between the values of a recipe: what is not in this version, and what contradicts itself.

A rule looks at the keys that are valid on their own, so that a slip in one does not hide the
problems of another; it notes its problems in the document.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synthkit.checks import check_class, known_checks
from synthkit.checks.extractors import find_extractor
from synthkit.document import Document
from synthkit.document import Path as KeyPath
from synthkit.environment import (
    FETCH,
    FETCHED,
    MUST_BE_FETCHED,
    expand,
    has_password,
    is_remote_file,
    is_set,
    is_url,
    variables,
)
from synthkit.errors import RecipeError, SynthkitError
from synthkit.generators.cards import choices
from synthkit.generators.options import backend_card, validated_options
from synthkit.policy import load_policy, refuse_beyond
from synthkit.recipe import (
    DEFAULT_BACKENDS,
    BiasSpec,
    ChecksSpec,
    FidelitySpec,
    GeneratorSpec,
    OutputSpec,
    PrivacySpec,
    SourceSpec,
    Threshold,
)
from synthkit.recipe_io.balance_rules import check_balance
from synthkit.recipe_io.constraint_rules import check_constraints
from synthkit.recipe_io.protect_rules import check_protect
from synthkit.recipe_io.pseudonym_rules import KEY, check_pseudonyms
from synthkit.recipe_io.schema_rules import check_schema
from synthkit.recipe_io.sections import modality_of, section
from synthkit.sources.files import stored_at
from synthkit.validation import choice, part

WITH_VARIABLES: tuple[KeyPath, ...] = (
    ("source", "path"),
    ("output", "path"),
    ("output", "artifacts"),
    ("privacy", "policy"),
    ("checks", "extractor"),
    KEY,
)
TABLE_KEYS = ("table", "query", "format", "delimiter", "encoding", "header")
IMAGE_KEYS = ("size", "fit", "channels", "images", "labels")


def check(document: Document, base: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    """Applies every rule.

    Args:
        document: a recipe; receives the problems.
        base: folder of a relative path of a source, a policy or an extractor.
        environ: where ``${NAME}`` is looked up.

    A path with a variable that is not set has that problem and no other.

    Returns:
        The backend's options, complete with their defaults; empty if they have problems.
    """
    source = section(SourceSpec, document, "source")
    if _is_known(document) and source:
        rules = _images if source.kind == "images" else _source
        rules(document, source, environ)
    check_schema(document)
    check_constraints(document)
    check_pseudonyms(document, environ)
    check_protect(document)
    if checks := section(ChecksSpec, document, "checks"):
        _extractor(document, checks, base, source, environ)
    check_fidelity(document)
    if privacy := section(PrivacySpec, document, "privacy"):
        _policy(document, privacy, base, source, environ)
    if bias := section(BiasSpec, document, "bias"):
        _bias(document, bias)
    if output := section(OutputSpec, document, "output"):
        _output(document, output, environ)
        _output_against_source(document, output, source, base, environ)
        if output.closest_pairs and source and source.kind != "images":
            document.refuse(
                ("output", "closest_pairs"),
                "goes only with source.kind: images",
                remedy="leave it out",
                key=True,
            )
    check_balance(document)
    _texts(document, (), document.data, environ)
    return _backend(document)


def _is_known(document: Document) -> bool:
    """Refuses the kind to come by its kind alone: its own keys are no mistakes."""
    source = part(document, ("source",))
    if not isinstance(source, dict) or source.get("kind") != "text":
        return True
    document.problems[:] = [p for p in document.problems if not p.key.startswith("source.")]
    document.refuse(("source", "kind"), "text is not in this version", expected="table or images")
    return False


def _images(document: Document, source: SourceSpec, environ: Mapping[str, str]) -> None:
    """Rules of a source of kind images."""
    path = _expanded(source.path, environ)
    _path(document, ("source", "path"), path)
    _refuse_given(document, source, TABLE_KEYS, "leave it out")
    if path and is_remote_file(path):
        document.refuse(
            ("source", "path"), MUST_BE_FETCHED, expected="a folder or a file", remedy=FETCH
        )
    elif path and is_url(path):
        document.refuse(
            ("source", "path"),
            "is a database URL, and images are not read from a database",
            expected="a folder, or a file such as images.npz",
        )


def _refuse_given(
    document: Document, source: SourceSpec, keys: tuple[str, ...], remedy: str
) -> None:
    """Refuses keys of another kind of source."""
    for key in keys:
        if key in source.model_fields_set and getattr(source, key) is not None:
            what = f"does not go with kind {source.kind}"
            document.refuse(("source", key), what, remedy=remedy, key=True)


def _source(document: Document, source: SourceSpec, environ: Mapping[str, str]) -> None:
    path = _expanded(source.path, environ)
    _database(document, "source", source.path, path)
    _refuse_given(document, source, IMAGE_KEYS, "leave it out, or write source.kind: images")
    if source.table and source.query:
        document.refuse(
            ("source", "query"), "stands beside source.table", expected="one of the two", key=True
        )
    for key in ("table", "query"):
        if getattr(source, key) is not None and path and not is_url(path):
            _only_for_urls(document, ("source", key))
    for key in ("delimiter", "encoding", "header"):
        if getattr(source, key) is not None and source.format in ("parquet", "jsonl"):
            what = f"does not go with format {source.format}"
            document.refuse(("source", key), what, remedy="leave it out", key=True)
    if source.encoding is not None and not _is_encoding(source.encoding):
        document.refuse(
            ("source", "encoding"), "is no encoding", expected="a name such as utf-8 or cp1252"
        )


def _is_encoding(name: str) -> bool:
    try:
        return bool(codecs.lookup(name))
    except (LookupError, ValueError):
        return False


def _expanded(path: str, environ: Mapping[str, str]) -> str | None:
    """The path with its variables replaced; None if one is not set, which is told elsewhere."""
    return expand(path, environ) if is_set(path, environ) else None


def _path(document: Document, key: KeyPath, path: str | None) -> None:
    if path is not None and not path.strip():
        document.refuse(key, "is empty", expected="a path")
    if path and "\0" in path:
        document.refuse(key, "holds the character NUL, which no path has", remedy="remove it")


def _database(document: Document, section: str, spelled: str, path: str | None) -> None:
    """Rules of a path that may be a database URL, as it is spelled and as it is used."""
    _path(document, (section, "path"), path)
    if has_password(spelled):
        document.refuse(
            (section, "path"),
            "holds a password",
            expected="an environment variable",
            remedy="write it as ${DB_PASSWORD} and export that variable",
        )
    if path and is_remote_file(path):
        _remote(document, section)
        return
    given = part(document, (section,))
    if path and is_url(path) and not (given.get("table") or given.get("query")):
        expected = f"{section}.table{' or query' * (section == 'source')} beside a database URL"
        document.refuse((section,), "is not complete", expected=expected, key=True)


def _remote(document: Document, section: str) -> None:
    """A file on the web or in a bucket looks like a database URL, and is none."""
    if section == "source":
        document.refuse((section, "path"), MUST_BE_FETCHED, expected=FETCHED, remedy=FETCH)
        return
    document.refuse(
        (section, "path"),
        "names a place on the web or in a bucket, which cannot be written",
        expected="a folder, or a database URL",
        remedy="name a folder, and copy it there",
    )


def _only_for_urls(document: Document, path: KeyPath) -> None:
    document.refuse(
        path,
        f"goes only with a database URL in {path[0]}.path",
        remedy="leave it out, or give the URL",
        key=True,
    )


def _extractor(
    document: Document,
    checks: ChecksSpec,
    base: Path,
    source: SourceSpec | None,
    environ: Mapping[str, str],
) -> None:
    """An extractor is there, as far as can be seen without loading it, and images to look at."""
    path = ("checks", "extractor")
    if checks.extractor is None:
        return
    if source is not None and source.kind != "images":
        what = f"does not go with kind {source.kind}"
        document.refuse(path, what, remedy="leave it out, or write source.kind: images", key=True)
        return
    place = _expanded(checks.extractor, environ)
    _path(document, path, place)
    if not place or not place.strip() or "\0" in place:
        return
    try:
        find_extractor(place, base)
    except SynthkitError as error:
        document.refuse(path, error.what, expected=error.expected, remedy=error.remedy)


def check_fidelity(document: Document) -> None:
    """Rules of the section ``fidelity``: its names are checks, its bounds can be met."""
    _check_names(document)
    if fidelity := section(FidelitySpec, document, "fidelity"):
        _bounds(document, fidelity)


def _check_names(document: Document) -> None:
    fidelity = part(document, ("fidelity",))
    for name in fidelity if isinstance(fidelity, dict) else ():
        if name.partition(".")[0] not in known_checks():
            _, expected, hint = choice(name, known_checks())
            document.refuse(
                ("fidelity", name),
                "there is no such check",
                expected=expected,
                remedy=hint,
                key=True,
            )


def _bounds(document: Document, fidelity: FidelitySpec) -> None:
    bounds = ", ".join(Threshold.model_fields)
    for name, threshold in fidelity.thresholds.items():
        path = ("fidelity", name)
        if not threshold.model_fields_set:
            document.refuse(path, "has no bound", expected=f"one of {bounds}")
        refuse_beyond(document, path, threshold)


def _policy(
    document: Document,
    privacy: PrivacySpec,
    base: Path,
    source: SourceSpec | None,
    environ: Mapping[str, str],
) -> None:
    """The policy can be read, and is not one that this recipe can never meet."""
    path = ("privacy", "policy")
    name = _expanded(privacy.policy, environ)
    if name is None:
        return
    try:
        policy = load_policy(name, base)
        if source is None or source.holdout > 0 or privacy.on_fail == "warn":
            return
        required = [name for name in policy.required if check_class(name).needs_holdout]
    except RecipeError as error:
        document.problems += error.problems
    except SynthkitError as error:
        what = error.what.replace(name, privacy.policy) if name else error.what
        document.refuse(path, what, expected=error.expected, remedy=error.remedy)
    else:
        if required:
            document.refuse(
                ("source", "holdout"),
                f"is 0, and the policy requires {', '.join(required)}, which need a holdout: "
                "the data would always be withheld",
                expected="a share such as 0.5",
                remedy="or write privacy.on_fail: warn",
            )


def _bias(document: Document, bias: BiasSpec) -> None:
    if bias.mode == "corrective":
        document.refuse(("bias", "mode"), "corrective is not in this version", expected="faithful")


def _output(document: Document, output: OutputSpec, environ: Mapping[str, str]) -> None:
    path = _expanded(output.path, environ)
    _database(document, "output", output.path, path)
    if output.artifacts is not None:
        _path(document, ("output", "artifacts"), _expanded(output.artifacts, environ))
    if path is None:
        return
    if is_url(path):
        if not is_remote_file(path) and part(document, ("output",)).get("artifacts") is None:
            document.refuse(
                ("output",),
                "is not complete",
                expected="output.artifacts, the folder of report and model, beside a database URL",
                key=True,
            )
        return
    for key in ("table", "artifacts"):
        if getattr(output, key) is not None:
            _only_for_urls(document, ("output", key))


def _output_against_source(
    document: Document,
    output: OutputSpec,
    source: SourceSpec | None,
    base: Path,
    environ: Mapping[str, str],
) -> None:
    path = _expanded(output.path, environ)
    data = None if source is None else _expanded(source.path, environ)
    if path is None or data is None or is_url(path) or not path.strip():
        return
    if Path(path) == Path(data):
        document.refuse(
            ("output", "path"), "is the source itself", remedy="choose a folder of its own"
        )
    elif source and source.kind == "images" and _lies_inside(path, data, base):
        document.refuse(
            ("output", "path"),
            "lies in the folder of the source, whose sub-folders are read: the next run would learn "
            "from the images of this one",
            expected="a folder outside of source.path",
            remedy="choose one beside it, or keep the images in a folder of their own",
        )


def _lies_inside(path: str, data: str, base: Path) -> bool:
    """Whether an output path is the folder of a source or leads below it; links are followed."""
    if not data.strip() or "\0" in path + data:
        return False
    try:
        place = stored_at(data, base)
    except SynthkitError:  # it is told where the source is read
        return False
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(place))


def _texts(document: Document, path: KeyPath, data: Any, environ: Mapping[str, str]) -> None:
    """Rules of every text: its variables are allowed and set, its characters are characters."""
    if isinstance(data, dict):
        for key, value in data.items():
            _texts(document, (*path, key), value, environ)
    elif isinstance(data, (list, tuple)):
        for i, value in enumerate(data):
            _texts(document, (*path, i), value, environ)
    elif isinstance(data, str):
        if any("\ud800" <= character <= "\udfff" for character in data):
            document.refuse(path, "holds half of a surrogate pair, which is no character")
        for name in variables(data):
            if path not in WITH_VARIABLES:
                *most, last = (".".join(map(str, p)) for p in WITH_VARIABLES)
                where = f"{', '.join(most)} and {last}"
                document.refuse(path, f"holds ${{{name}}}", expected=f"variables in {where} only")
            elif name not in environ:
                document.refuse(
                    path,
                    f"the environment variable {name} is not set",
                    remedy=f"export {name} first",
                )


def _backend(document: Document) -> dict[str, Any]:
    """Checks the backend's options; returns them with their defaults."""
    path = ("generator", "backend")
    generator = part(document, ("generator",))
    modality = modality_of(document)
    default = DEFAULT_BACKENDS[modality]
    name = generator.get("backend", default) if isinstance(generator, dict) else None
    if not isinstance(name, str):
        return {}
    if backend_card(name, choices(modality), document, path, modality) is None:
        return {}
    others = tuple(GeneratorSpec.model_fields)
    config = validated_options(name, document, ("generator",), others, modality)
    return config.model_dump(mode="json") if config else {}
