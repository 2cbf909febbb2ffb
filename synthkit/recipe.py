"""``Recipe``: the job as inert data. One YAML file, one frozen pydantic model.

    version: 1
    seed: 7
    source: {kind: table, path: example:adult, holdout: 0.5}
    schema: {target: income, sensitive: [sex, race]}
    generator: {backend: trees, budget: 60s}
    output: {path: out/adult, rows: 20000, format: parquet}

A recipe never calls the engine. ``recipe_io`` reads it with line numbers, applies ``--set``
overrides and environment variables, and computes the fingerprint. ``generator`` is an envelope:
``backend`` and ``budget`` are ours, all other keys are the backend's options, validated by the
``Config`` of the class that the registry returns. This module imports pydantic only.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, SkipValidation

from synthkit.schema import TEXTUAL, Constraint, Content, Frozen, Modality, TableKind

UNITS_S = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
IMAGE = "image"  # column of the images of a source
LABEL = "label"  # column of the classes of images, their target unless another is named
IMAGE_SIDES = (4, 1024)  # pixels, the smallest and the largest side of an image


def parse_seconds(text: object) -> float:
    """``60``, ``"60s"``, ``"5m"``, ``"1.5h"`` -> seconds > 0. Raises ``ValueError`` otherwise."""
    match = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*(s|m|min|h)?\s*", str(text))
    if match is None or float(match[1]) <= 0:
        raise ValueError("a duration above zero such as 60s, 5m or 1.5h")
    return float(match[1]) * UNITS_S[match[2] or "s"]


Seconds = Annotated[
    float,
    BeforeValidator(parse_seconds, json_schema_input_type=float | str),
    PlainSerializer(lambda s: f"{s:g}s", return_type=str),
]


def parse_size(value: object) -> tuple[int, int]:
    """``28`` or ``[28, 32]`` -> (height, width) in pixels. Raises ``ValueError`` for anything else.

    The sides of a pair may be beyond the limits: ``Side`` refuses one where it stands.
    """
    sides = list(value) if isinstance(value, (list, tuple)) else [value, value]
    whole = [side for side in sides if isinstance(side, int) and not isinstance(side, bool)]
    low, high = IMAGE_SIDES
    beyond = isinstance(value, int) and not low <= value <= high
    if len(sides) != 2 or len(whole) != 2 or beyond:
        raise ValueError(f"a number of pixels from {low} to {high}, or two: [height, width]")
    return whole[0], whole[1]


Side = Annotated[int, Field(ge=IMAGE_SIDES[0], le=IMAGE_SIDES[1])]
Size = Annotated[
    tuple[Side, Side],
    BeforeValidator(parse_size, json_schema_input_type=Side | tuple[Side, Side]),
]


class SourceSpec(Frozen):
    """Where the real rows come from.

    Args:
        kind: ``table`` or ``images``; ``text`` is not in this version.
        path: ``example:NAME``, a file, folder or glob (searched from the recipe's folder, then
            the working one), or a database URL. Of images: a folder, an idx or a .npz file.
        table, query: what to read from a database URL; exactly one of them.
        holdout: share of rows kept away from training, for the checks; 0 turns most checks off.
        format: csv, parquet or jsonl; by the file's ending and content when left out.
        delimiter, encoding, header: of delimited text; detected when left out.
        size: of kind images, pixels of a side or [height, width], from 4 to 1024, to which all
            images are brought; the images' own when left out, which must then agree.
        fit: of kind images, how an image of another size is brought to it: ``crop`` (when left
            out) scales until the image covers it and keeps the centre, ``squash`` gives up the
            proportions.
        channels: of kind images, ``grey`` or ``rgb``; the images' own when left out.
        images: of kind images, name of the array of images in a .npz file.
        labels: of kind images, name of the array of labels in a .npz file, or path of the file of
            labels of an idx file.
        max_rows: at most so many rows are read; a larger source is sampled evenly at random, and
            the manifest says so.
    """

    kind: Modality = "table"
    path: str
    table: str | None = None
    query: str | None = None
    holdout: float = Field(default=0.5, ge=0.0, lt=1.0)
    format: Literal["csv", "parquet", "jsonl"] | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    encoding: str | None = None
    header: bool | None = None
    size: Size | None = None
    fit: Literal["crop", "squash"] | None = None
    channels: Literal["grey", "rgb"] | None = None
    images: str | None = None
    labels: str | None = None
    max_rows: int = Field(default=2_000_000, ge=1)


class ColumnSpec(Frozen):
    """What the user knows of a column; everything left out is detected.

    Args:
        kind: integer, real, boolean, categorical, ordinal, datetime, duration, identifier, text,
            constant or mixed.
        decimals: digits after the point (real).
        format: datetime format as of ``strftime``, or unit of a duration.
        missing: spellings of a missing cell in delimited text.
        order: categories from low to high (ordinal).
        content: what the text is, so that made-up ones take its place (categorical, identifier, text).
    """

    kind: TableKind | None = None
    decimals: int | None = Field(default=None, ge=0, le=17)
    format: str | None = None
    missing: tuple[str, ...] | None = None
    order: tuple[Any, ...] | None = None
    content: Content | None = None


KINDS_OF_OPTIONS: dict[str, tuple[str, ...]] = {
    "decimals": ("real",),
    "format": ("integer", "real", "datetime", "duration"),
    "order": ("ordinal",),
    "content": TEXTUAL,
}
"""Of what kind a column has to be for an option of ``ColumnSpec``; the others go with any."""


class SchemaSpec(Frozen):
    """Roles, overrides of the detection, and rules. All optional.

    Args:
        target: column that a downstream model shall predict.
        sensitive: columns that define the groups of the bias checks.
        person: column that tells whose a row is, where one person has several; ``each row`` if each row is
            of another person though a column looks like such a key.
        columns: what is known of single columns, by name.
        constraints: rules that every synthetic row must meet.
    """

    target: str | None = None
    sensitive: tuple[str, ...] = ()
    person: str | None = None
    columns: dict[str, ColumnSpec] = Field(default_factory=dict)
    constraints: tuple[Annotated[Constraint, Field(discriminator="kind")], ...] = ()


DEFAULT_BACKENDS: dict[Modality, str] = {"table": "trees", "images": "vae"}


class GeneratorSpec(Frozen):
    """The backend, its wall-clock budget for ``fit``, and (as extra keys) its options.

    Args:
        backend: name of a registered generator, or ``auto``, which lets several race; see
            ``synthkit list backends``. When left out, ``trees`` for a table, ``vae`` for images.
        budget: wall-clock limit of the fit, a race included, such as 60s, 5m or 1.5h; none when left
            out.
    """

    model_config = ConfigDict(extra="allow")

    backend: str = DEFAULT_BACKENDS["table"]
    budget: Seconds | None = None

    @property
    def options(self) -> dict[str, Any]:
        """The backend's own options, still to be validated by its ``Config``."""
        return dict(self.model_extra or {})


FORMAT: Final = "format"
PseudonymWord = Literal["format", Content]


class PseudonymSpec(Frozen):
    """Values that are replaced by made-up ones before anything else looks at them.

    Args:
        key: ``${NAME}``, an environment variable that holds the secret, at least 16 characters; the
            same key gives the same pseudonyms in every run.
        columns: what takes the values' place, by column: person names, first names, last names,
            e-mail addresses, street addresses, company names, or ``format``, which keeps digits,
            letters, their case and everything else where they are. Columns with the same word share
            their pseudonyms.
    """

    key: str
    columns: dict[str, PseudonymWord] = Field(min_length=1)


class ProtectSpec(Frozen):
    """What is hidden from the generator before it trains, and which of its rows are rejected.

    0 turns a protection off.

    Args:
        near_copies: a drawn row is rejected if it lies nearer to a training row than this multiple, at
            most 0.5, of that row's distance to its nearest other training row. Off when left out.
        quasi_identifiers: columns by which somebody may know a person. Only combinations of their
            values that ``k`` training rows share are drawn or given; numbers and dates count by deciles.
        k: training rows that share a combination of the quasi-identifiers, at least 2.
        rare: a category or repeated number seen in fewer training rows is not learned verbatim.
        extremes: the so many smallest and largest values of a numeric column are not learned.
        pseudonyms: columns whose values are replaced by made-up ones, the same wherever a value
            recurs.
    """

    near_copies: float = Field(default=0.0, ge=0, le=0.5)
    quasi_identifiers: tuple[str, ...] = ()
    k: int = Field(default=5, ge=2)
    rare: int = Field(default=5, ge=0)
    extremes: int = Field(default=5, ge=0)
    pseudonyms: PseudonymSpec | None = None


class Threshold(Frozen):
    """What a check's value must meet. All given bounds apply.

    Args:
        min, max: bounds of the value itself.
        max_ci_low: bound of the lower end of the value's 95 % interval: the limit counts as broken
            only if the data show it, not if a small sample happens to exceed it.
        max_over_reference: at most so much above the holdout's value.
        min_of_reference: at least this multiple of the holdout's value.
    """

    min: float | None = None
    max: float | None = None
    max_ci_low: float | None = None
    max_over_reference: float | None = None
    min_of_reference: float | None = Field(default=None, ge=0)


class ChecksSpec(Frozen):
    """How the checks measure.

    Args:
        extractor: of kind images, what gives the features that images are compared by: a folder that
            ``save_pretrained`` of transformers wrote, or a ``.pt2`` file of ``torch.export.save``,
            searched from the recipe's folder, then the working one. When left out, a small network
            that is trained on a part of the training images.
        controls: how many releases without a leak the check ``controls`` makes of the real rows, to see
            how often the policy cries wolf, beside half as many with one; 0 turns it off.
    """

    extractor: str | None = None
    controls: int = Field(default=5, ge=0, le=1000)


class FidelitySpec(Frozen):
    """Thresholds by check name, such as ``c2st: {max: 0.7}``; none by default."""

    model_config = ConfigDict(extra="allow")

    __pydantic_extra__: dict[str, Threshold] = Field(init=False)

    @property
    def thresholds(self) -> dict[str, Threshold]:
        """The thresholds by check name."""
        return dict(self.__pydantic_extra__ or {})


class PrivacySpec(Frozen):
    """The policy that decides whether the data leaves, and what happens if it does not pass.

    Args:
        policy: name of a bundled policy or path of a policy file.
        on_fail: ``withhold`` the data (the report is written all the same) or ``warn``.
    """

    policy: str = "internal"
    on_fail: Literal["withhold", "warn"] = "withhold"


class BiasSpec(Frozen):
    """How group differences are treated: kept as they are (``faithful``) or reduced.

    Args:
        mode: ``faithful``; ``corrective`` is not in this version.
    """

    mode: Literal["faithful", "corrective"] = "faithful"


Share = Annotated[float, Field(gt=0, le=1)]
# The types are for editors: ``synthkit.balance`` reads it, in words that say what is wrong where.
BalanceSpec = Annotated[
    Literal[True] | dict[str, Literal["even"] | dict[str, Share]] | None, SkipValidation
]


class OutputSpec(Frozen):
    """What a run leaves behind.

    Args:
        path: output folder, from the working directory; or a database URL (with ``table``), and
            then ``artifacts`` names the folder of report and model.
        table: table of a database URL.
        rows: number of synthetic rows; as many as training rows when left out.
        format: of the data file; csv when left out.
        shard_rows: rows per file; above it, ``data/part-00000…`` are written instead of one file.
        artifacts: folder for report, manifest and model of a run that writes to a database.
        balance: ``{COLUMN: even}`` makes the categories of a column equally frequent, ``{COLUMN:
            {VALUE: SHARE}}`` gives some of its values a share above 0 and at most 1, and ``true``
            stands for the target, evenly. Without it values are as frequent as the model makes them.
        closest_pairs: of kind images, whether ``internal/closest-pairs.png`` shows the synthetic
            images nearest to a training image, each beside it: for people who may see the real ones.
    """

    path: str
    table: str | None = None
    rows: int | None = Field(default=None, ge=1, le=10_000_000_000)
    format: Literal["csv", "parquet", "jsonl"] = "csv"
    shard_rows: int = Field(default=1_000_000, ge=1)
    artifacts: str | None = None
    balance: BalanceSpec = None
    closest_pairs: bool | None = None


class Recipe(Frozen):
    """One job. See the module docstring for the YAML form.

    Args:
        version: of the recipe language, 1.
        name: a label for people; the file's name when left out.
        seed: the only source of randomness; same seed, same data.
        source: where the real rows come from.
        schema: what is known of the columns; detected when left out.
        generator: backend, budget and the backend's options.
        protect: what is hidden from the generator before it trains, and which of its rows are rejected.
        checks: how the checks measure.
        fidelity: thresholds by check name.
        privacy: the policy that decides whether the data leaves.
        bias: how group differences are treated.
        output: what the run leaves behind, and where.
    """

    version: Literal[1]
    name: str | None = None
    seed: int = Field(default=0, ge=0, lt=2**63)
    source: SourceSpec
    declared: SchemaSpec = Field(default_factory=SchemaSpec, alias="schema")
    generator: GeneratorSpec = Field(default_factory=GeneratorSpec)
    protect: ProtectSpec = Field(default_factory=ProtectSpec)
    checks: ChecksSpec = Field(default_factory=ChecksSpec)
    fidelity: FidelitySpec = Field(default_factory=FidelitySpec)
    privacy: PrivacySpec = Field(default_factory=PrivacySpec)
    bias: BiasSpec = Field(default_factory=BiasSpec)
    output: OutputSpec
