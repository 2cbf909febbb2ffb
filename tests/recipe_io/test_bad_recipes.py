"""Bad recipes: every slip is found, at its line and column, with what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthkit.errors import RecipeError
from synthkit.recipe_io import load_recipe

GOOD = "version: 1\nsource: {path: data.csv}\noutput: {path: out}\n"

# (what is added below GOOD, so from line 4 on; place; parts of the message)
ADDED = [
    ("rows: 10", "4:1", ["rows: there is no such key", "Did you mean 'output.rows'?"]),
    ("target: x", "4:1", ["target: there is no such key", "Did you mean 'schema.target'?"]),
    ('name: "\\ud800"', "4:7", ["half of a surrogate pair"]),
    ("nmae: x", "4:1", ["nmae: there is no such key", "Did you mean 'name'?"]),
    ("declared: {target: a}", "4:1", ["declared: there is no such key"]),
    ("name: [a]", "4:7", ["name: is a list; expected text"]),
    ("name: 2020", "4:7", ["is a number; expected text", "quotes"]),
    ("name: true", "4:7", ["is true; expected text", "quotes"]),
    ("seed: -1", "4:7", ["seed: is -1; expected a number at least 0"]),
    ("seed: 1.5", "4:7", ["seed: is 1.5; expected a whole number"]),
    ("seed: true", "4:7", ["seed: is true; expected a whole number"]),
    ("seed: seven", "4:7", ["seed: is text; expected a whole number"]),
    ("seed: 99999999999999999999", "4:7", ["seed: is 99999999999999999999; expected a number below"]),
    ("schema: [a]", "4:9", ["schema: is a list; expected a mapping"]),
    ("schema: {sensitive: sex}", "4:21", ["is text; expected a list such as [sex]"]),
    ("schema: {target: 2020}", "4:18", ["schema.target: is a number; expected text"]),
    ("schema: {target: a, sensitive: [b, a]}", "4:36", ["sensitive[1]: this column is the target"]),
    ("schema: {sensitive: [b, b]}", "4:25", ["sensitive[1]: this column stands twice"]),
    ("schema: {colums: {}}", "4:10", ["schema.colums: there is no such key", "'columns'"]),
    ("schema:\n  columns:\n    a: {kind: reel}", "6:15", ["is 'reel'; expected one of integer, real"]),
    ("schema: {columns: {a: {kind: real, decimals: 18}}}", "4:46", ["is 18; expected a number at most 17"]),
    ("schema: {columns: {a: {kind: text, decimals: 2}}}", "4:36", ["decimals: does not go with kind text"]),
    ("schema: {columns: {a: {kind: real, order: [x, y]}}}", "4:36", ["order: does not go with kind real"]),
    ("schema: {columns: {a: {missing: [x, x]}}}", "4:33", ["missing: holds an entry twice"]),
    ("schema: {columns: {a: {missing: [-999]}}}", "4:34", ["missing[0]: is a number; expected text"]),
    ("schema: {target: a, columns: {a: {kind: text}}}", "4:41", ["is text, and the column is the target"]),
    ("schema: {constraints: {kind: range}}", "4:23", ["constraints: is a mapping; expected a list"]),
    ("schema: {constraints: [{kind: rnge, column: a}]}", "4:24", ["kind is 'rnge'", "Did you mean 'range'?"]),
    ("schema: {constraints: [{column: a}]}", "4:24", ["constraints[0]: kind is missing"]),
    ("schema: {constraints: [{kind: inequality, low: a}]}", "4:24", ["constraints[0].high: is missing"]),
    ("schema: {constraints: [{kind: inequality, low: a, high: a}]}", "4:57", ["is the same column as low"]),
    ("schema: {constraints: [{kind: range, column: a}]}", "4:24", ["the range has no bound"]),
    ("schema: {constraints: [{kind: range, column: a, min: 2, max: 1}]}", "4:54", ["min: is above max"]),
    ("schema:\n  constraints:\n    - {kind: range, column: a, max: 1}\n    - {kind: unique, columns: [b]}\n    - {kind: range, column: a, min: 2}", "8:7", ["cannot be met in one row with schema.constraints[0] at 6:7", "Loosen or drop"]),
    ("schema: {constraints: [{kind: range, column: a, lo: 2}]}", "4:49", ["lo: there is no such key; expected one of kind, column, min, max"]),
    ("schema: {constraints: [{kind: sum, total: a, parts: []}]}", "4:53", ["has 0 entries; expected at least 1"]),
    ("schema: {constraints: [{kind: sum, total: a, parts: [b, a]}]}", "4:53", ["holds a column twice, or the total"]),
    ("schema: {constraints: [{kind: sum, total: a}]}", "4:24", ["constraints[0].parts: is missing"]),
    ("schema: {constraints: [{kind: dependency, to: b}]}", "4:24", ["constraints[0].from: is missing"]),
    ("schema: {constraints: [{kind: dependency, from: a, to: b, src: c}]}", "4:59", ["src: there is no such key"]),
    ("schema: {constraints: [{kind: dependency, from: a, to: a}]}", "4:56", ["is the same column as from"]),
    ("schema:\n  constraints:\n    - {kind: dependency, from: a, to: b}\n    - {kind: sum, total: b, parts: [c, d]}", "7:7", ["'b' is computed by another constraint already", "Drop one"]),
    ("schema:\n  constraints:\n    - {kind: sum, total: a, parts: [b, c]}\n    - {kind: sum, total: c, parts: [a, d]}", "7:7", ["'c' would be computed from itself"]),
    ("schema: {constraints: [{kind: fixed_combinations, columns: [a]}]}", "4:60", ["has 1 entries; expected at least 2"]),
    ("schema: {constraints: [{kind: fixed_combinations, columns: [a, a]}]}", "4:60", ["holds a column twice"]),
    ("schema:\n  constraints:\n    - {kind: unique, columns: [a]}\n    - {kind: unique, columns: [a]}", "7:7", ["constraint stands twice"]),
    ("generator: trees", "4:12", ["generator: is text; expected a mapping of keys"]),
    ("generator: {backend: tres}", "4:22", ["backend: is 'tres'; expected", "Did you mean 'trees'?"]),
    ("generator: {backend: 3}", "4:22", ["generator.backend: is a number; expected text"]),
    ("generator: {budget: soon}", "4:21", ["expected a duration above zero such as 60s"]),
    ("generator: {budget: -5s}", "4:21", ["budget: is -5s; expected a duration above zero such as 60s"]),
    ("generator: {budget: 0}", "4:21", ["budget: is 0; expected a duration above zero"]),
    ("generator: {budget: nan}", "4:21", ["budget: is nan; expected a duration above zero"]),
    ("protect: {rare: -1s}", "4:17", ["rare: is -1s; expected a whole number"]),
    ("fidelity: {c2st: {max: -inf}}", "4:24", ["max: is -inf; expected a finite number"]),
    ("generator: {budget: 60s, no_such_option: 1}", "4:26", ["generator.no_such_option: there is no such key; expected one of backend, budget"]),
    ("protect: {rare: -1}", "4:17", ["protect.rare: is -1; expected a number at least 0"]),
    ("protect: {rare: 2.5}", "4:17", ["protect.rare: is 2.5; expected a whole number"]),
    ("protect: {rar: 2}", "4:11", ["there is no such key; expected one of ", "Did you mean 'rare'?"]),
    ("protect: {pseudonyms: format}", "4:23", ["protect.pseudonyms: is text; expected a mapping of keys"]),
    ("protect: {pseudonyms: {key: 'hunter2 hunter2 hunter2', columns: {a: format}}}", "4:29", ["pseudonyms.key: is spelled out, and a recipe is no place for a secret; expected an environment variable", "${SYNTHKIT_KEY}"]),
    ("protect: {pseudonyms: {key: 'x${LONG}', columns: {a: format}}}", "4:29", ["pseudonyms.key: is spelled out"]),
    ("protect: {pseudonyms: {key: '${NOT_SET_X}', columns: {a: format}}}", "4:29", ["the environment variable NOT_SET_X is not set. Export NOT_SET_X first."]),
    ("protect: {pseudonyms: {key: '${SHORT}', columns: {a: format}}}", "4:29", ["pseudonyms.key: is too short to protect anything; expected a secret of at least 16 characters, 6 of them different. Make one with: openssl"]),
    ("protect: {pseudonyms: {columns: {a: format}}}", "4:11", ["protect.pseudonyms.key: is missing"]),
    ("protect: {pseudonyms: {key: '${LONG}'}}", "4:11", ["protect.pseudonyms.columns: is missing"]),
    ("protect: {pseudonyms: {key: '${LONG}', columns: {}}}", "4:49", ["columns: has 0 entries; expected at least 1"]),
    ("protect: {pseudonyms: {key: '${LONG}', columns: [a]}}", "4:49", ["columns: is a list; expected a mapping of keys"]),
    ("protect: {pseudonyms: {key: '${LONG}', columns: {a: persons names}}}", "4:53", ["columns.a: is text; expected one of format, person names", "Did you mean 'person names'?"]),
    ("protect: {pseudonyms: {key: '${LONG}', columns: {a: format}}}\nschema: {columns: {a: {kind: real}}}", "5:30", ["columns.a.kind: is real, and the column has pseudonyms, which have neither size nor order; expected categorical or identifier or text"]),
    ("protect: {pseudonyms: {key: '${LONG}', columns: {a: format}}}\nschema: {constraints: [{kind: range, column: a, max: 3}]}", "5:24", ["column 'a' (categorical) can have no range"]),
    ("fidelity: {c2ts: {max: 0.7}}", "4:12", ["there is no such check", "Did you mean 'c2st'?"]),
    ("fidelity: {c2st: 0.7}", "4:18", ["fidelity.c2st: is a number; expected a mapping of keys"]),
    ("fidelity: {c2st: {mx: 0.7}}", "4:19", ["fidelity.c2st.mx: there is no such key", "Did you mean 'max'?"]),
    ("fidelity: {c2st: {}}", "4:18", ["has no bound"]),
    ("fidelity: {c2st: {min: 1, max: 0}}", "4:24", ["min: is above max"]),
    ("fidelity: {c2st: {max: 2}}", "4:24", ["fidelity.c2st.max: is 2, where c2st never is; expected a number from 0 to 1"]),
    ("fidelity: {pairs: {max_over_reference: 1.5}}", "4:40", ["is 1.5, where its distance to the reference never is; expected a number from -1 to 1"]),
    ("fidelity: {utility.target: {min: 1.1}}", "4:34", ["is 1.1, where utility.target never is; expected a number at most 1"]),
    ("fidelity: {outcome_gap: {max: -0.1}}", "4:31", ["is -0.1, where outcome_gap never is; expected a number at least 0"]),
    ("fidelity: {exact_copies.unique: {max_ci_low: -2}}", "4:46", ["expected a number from -1 to 1"]),
    ("fidelity: {c2st: {max: .inf}}", "4:24", ["max: is .inf; expected a finite number"]),
    ("privacy: {on_fail: stop}", "4:20", ["is 'stop'; expected one of withhold, warn"]),
    ("privacy: {policy: internl}", "4:19", ["privacy.policy:", "'internal'"]),
    ("bias: {mode: corrective}", "4:14", ["corrective is not in this version; expected faithful"]),
    ("seed: 1\nseed: 2", "5:1", ["seed: this key is given twice, first at 4:1"]),
    ("name: &a x\nseed: *a", "5:7", ["aliases (*) are not supported"]),
    ("name: !!python/object:os.system x", "4:7", ["tags (!) are not supported"]),
    ("<<: {seed: 1}", "4:1", ["<<: there is no such key"]),
    ("? [a, b]\n: 1", "4:3", ["a key must be one word"]),
    ("---\nversion: 1", "4:1", ["a second document begins here; expected one document"]),
    ("schema:\n\ttarget: a", "5:1", ["a tab stands here; expected spaces"]),
    ("schema: {target: a", "5:1", ["the structure breaks off here"]),
    ("name: @x", "4:7", ["this character cannot begin a value", "quotes"]),
    ("name: a: b", "4:8", ["this ':' is out of place"]),
    ("name: ${HOME}", "4:7", ["holds ${HOME}; expected variables in source.path, output.path, output.artifacts, privacy.policy, checks.extractor and protect.pseudonyms.key only"]),
]  # fmt: skip

# (a whole recipe; place; parts of the message)
WHOLE = [
    ("", "1:1", ["the file holds no keys"]),
    ("# nothing\n", "1:1", ["the file holds no keys"]),
    ("- a\n- b\n", "1:1", ["the file holds no keys"]),
    ("version: 2\nsource: {path: a}\noutput: {path: b}", "1:10", ["version: is 2; expected 1"]),
    ("version: '1'\nsource: {path: a}\noutput: {path: b}", "1:10", ["version: is '1'; expected 1. Write it without quotes."]),
    ("source: {path: a}\noutput: {path: b}", "1:1", ["version: is missing; expected version: 1"]),
    ("version: 1\noutput: {path: b}", "1:1", ["source: is missing; expected source: {path: FILE}"]),
    ("version: 1\nsource: {path: a}", "1:1", ["output: is missing"]),
    ("version: 1\nsource: {holdout: 0.5}\noutput: {path: b}", "2:1", ["source.path: is missing"]),
    ("version: 1\nsource: {path: }\noutput: {path: b}", "2:15", ["source.path: is empty; expected text"]),
    ("version: 1\nsource: {path: '  '}\noutput: {path: b}", "2:16", ["source.path: is empty; expected a path"]),
    ("version: 1\nsource: {path: a, holdout: 1}\noutput: {path: b}", "2:28", ["holdout: is 1; expected a number below 1"]),
    ("version: 1\nsource: {path: a, holdout: nan}\noutput: {path: b}", "2:28", ["holdout: is nan; expected a finite number"]),
    ("version: 1\nsource: {path: a, holdout: 50%}\noutput: {path: b}", "2:28", ["holdout: is text; expected a number"]),
    ("version: 1\nsource: {path: a, header: maybe}\noutput: {path: b}", "2:27", ["header: is text; expected true or false"]),
    ("version: 1\nsource: {path: a, delimiter: '||'}\noutput: {path: b}", "2:30", ["has 2 characters; expected at most 1"]),
    ("version: 1\nsource: {path: a, encoding: utf-9}\noutput: {path: b}", "2:29", ["encoding: is no encoding"]),
    ("version: 1\nsource: {path: a, format: parquet, header: true}\noutput: {path: b}", "2:36", ["header: does not go with format parquet"]),
    ("version: 1\nsource: {path: a, max_rows: 0}\noutput: {path: b}", "2:29", ["max_rows: is 0; expected a number at least 1"]),
    ("version: 1\nsource: {path: a, query: select 1}\noutput: {path: b}", "2:19", ["query: goes only with a database URL"]),
    ("version: 1\nsource: {path: 'https://x.org/a.csv'}\noutput: {path: b}", "2:16", ["source.path: names a file on the web or in a bucket, which must be fetched; expected a path", "Download it"]),
    ("version: 1\nsource: {path: 'S3://bucket/a.csv', table: t}\noutput: {path: b}", "2:16", ["must be fetched"]),
    ("version: 1\nsource: {path: a}\noutput: {path: 's3://bucket/b'}", "3:16", ["on the web or in a bucket, which cannot be written", "Name a folder"]),
    ("version: 1\nsource: {path: 'sqlite:///a.db'}\noutput: {path: b}", "2:1", ["expected source.table or query"]),
    ("version: 1\nsource: {path: 'sqlite:///a.db', table: t, query: q}\noutput: {path: b}", "2:44", ["stands beside source.table; expected one of the two"]),
    ("version: 1\nsource: {path: 'postgresql://me:hunter2@h/db', table: t}\noutput: {path: b}", "2:16", ["holds a password", "${DB_PASSWORD}"]),
    ("version: 1\nsource: {path: 'postgresql://me:${NOT_SET_X}@h/db', table: t}\noutput: {path: b}", "2:16", ["the environment variable NOT_SET_X is not set"]),
    ("version: 1\nsource: {kind: text, path: a, label: b}\noutput: {path: b}", "2:16", ["text is not in this version; expected table or images"]),
    *(
        (f"version: 1\nsource: {{kind: images, path: a, {key}: {value}}}\noutput: {{path: b}}", "2:33", [f"source.{key}: does not go with kind images. Leave it out."])
        for key, value in (("table", "t"), ("query", "q"), ("format", "csv"), ("delimiter", "';'"), ("encoding", "utf-8"), ("header", "true"))
    ),
    *(
        (f"version: 1\nsource: {{path: a, {key}: {value}}}\noutput: {{path: b}}", "2:19", [f"source.{key}: does not go with kind table. Leave it out, or write source.kind: images."])
        for key, value in (("size", "28"), ("fit", "crop"), ("channels", "rgb"), ("images", "x"), ("labels", "y"))
    ),
    *(
        (f"version: 1\nsource: {{kind: images, path: a, size: {size}}}\noutput: {{path: b}}", "2:39", [f"source.size: is {shown}; expected a number of pixels from 4 to 1024, or two: [height, width]."])
        for size, shown in (("3", "3"), ("1025", "1025"), ("true", "true"), ("28.5", "28.5"), ("big", "text"), ("[28]", "a list"))
    ),
    ("version: 1\nsource: {kind: images, path: a, size: [28, 3]}\noutput: {path: b}", "2:44", ["source.size[1]: is 3; expected a number at least 4."]),
    ("version: 1\nsource: {kind: images, path: a, size: [2000, 28]}\noutput: {path: b}", "2:40", ["source.size[0]: is 2000; expected a number at most 1024."]),
    ("version: 1\nsource: {kind: images, path: a, fit: crp}\noutput: {path: b}", "2:38", ["fit: is 'crp'; expected one of crop, squash. Did you mean 'crop'?"]),
    ("version: 1\nsource: {kind: images, path: a, channels: rgba}\noutput: {path: b}", "2:43", ["channels: is 'rgba'; expected one of grey, rgb. Did you mean 'rgb'?"]),
    ("version: 1\nsource: {kind: images, path: 'sqlite:///a.db'}\noutput: {path: b}", "2:30", ["source.path: is a database URL, and images are not read from a database; expected a folder"]),
    ("version: 1\nsource: {kind: images, path: 'https://x.org/a.npz'}\noutput: {path: b}", "2:30", ["must be fetched; expected a folder or a file"]),
    ("version: 1\nsource: {kind: images, path: a}\nschema: {target: image}\noutput: {path: b}", "3:18", ["schema.target: column image holds the images themselves, so there is nothing to predict; expected a label"]),
    ("version: 1\nsource: {kind: images, path: a}\nschema: {sensitive: [s, image]}\noutput: {path: b}", "3:25", ["schema.sensitive[1]: column image holds the images themselves, so it forms no groups of people"]),
    ("version: 1\nsource: {kind: images, path: a}\nprotect: {pseudonyms: {key: '${LONG}', columns: {image: format}}}\noutput: {path: b}", "3:50", ["columns.image: holds the images themselves, which have no pseudonyms; expected a label"]),
    ("version: 1\nsource: {kind: images, path: ''}\noutput: {path: b}", "2:30", ["source.path: is empty; expected a path"]),
    ("version: 1\nsource: {kind: tabel, path: a}\noutput: {path: b}", "2:16", ["is 'tabel'", "Did you mean 'table'?"]),
    ("version: 1\nsource: a.csv\noutput: {path: b}", "2:9", ["source: is text; expected a mapping of keys"]),
    ("version: 1\nsource: {path: a}\noutput: {path: a}", "3:16", ["output.path: is the source itself"]),
    ("version: 1\nsource: {path: a}\noutput: {path: b, format: xlsx}", "3:27", ["is 'xlsx'; expected one of csv, parquet, jsonl"]),
    ("version: 1\nsource: {path: a}\noutput: {path: b, rows: 0}", "3:25", ["rows: is 0; expected a number at least 1"]),
    ("version: 1\nsource: {path: a}\noutput: {path: b, rows: 20k}", "3:25", ["rows: is text; expected a whole number"]),
    ("version: 1\nsource: {path: a}\noutput: {path: b, table: t}", "3:19", ["table: goes only with a database URL"]),
    ("version: 1\nsource: {path: a}\noutput: {path: b, artifacts: t}", "3:19", ["artifacts: goes only with a database URL"]),
    ('version: 1\nsource: {path: a}\noutput: {path: "b\\0"}', "3:16", ["output.path: holds the character NUL"]),
    ('version: 1\nsource: {path: "a\\0"}\noutput: {path: b}', "2:16", ["source.path: holds the character NUL"]),
    ("version: 1\nsource: {path: a}\noutput: {path: 'sqlite:///b.db', table: t, artifacts: ''}", "3:55", ["artifacts: is empty"]),
    ("version: 1\nsource: {path: a}\noutput: {path: 'sqlite:///b.db', table: 3, artifacts: o}", "3:41", ["table: is a number; expected text"]),
    ("version: 1\nsource: {path: a}\noutput: {path: 'sqlite:///b.db', artifacts: o}", "3:1", ["expected output.table beside"]),
    ("version: 1\nsource: {path: a}\noutput: {path: 'sqlite:///b.db', table: t}", "3:1", ["expected output.artifacts"]),
    ("version: 1\nsource: {path: a}\noutput: {path: b, balance: income}", "3:28", ["output.balance: is text; expected true for the target, {COLUMN: even} or {COLUMN: {VALUE: SHARE}}."]),
    ("version: 1\nsource: {path: a}\noutput: {path: b, balance: true}", "3:28", ["output.balance: is true, and the schema has no target; expected a target. Name it under schema.target"]),
    ("version: 1\nsource: {path: a}\noutput: {path: b, balance: {a: even, b: even}}", "3:28", ["output.balance: names 2 columns; expected one column. Their shares together are not defined"]),
    ("version: 1\nsource: {path: a}\noutput: {path: b, balance: {a: {x: 1.5}}}", "3:36", ["output.balance.a.x: is 1.5; expected a share above 0 and at most 1."]),
    ("version: 1\nsource: {path: a}\noutput: {path: b, balance: {a: {x: 0.5, y: 0.6}}}", "3:32", ["output.balance.a: has shares that add up to 1.1; expected at most 1."]),
    ("version: 1\nsource: {path: a}\noutput: {path: b, balance: {a: even}}\nschema: {columns: {a: {kind: text}}}", "3:29", ["output.balance.a: column 'a' is of kind text, which is made anew", "Declare a: {kind: categorical}"]),
]  # fmt: skip


@pytest.fixture
def problems_of(tmp_path: Path):
    def run(text: str) -> list[tuple[str, str]]:
        path = tmp_path / "recipe.yaml"
        path.write_text(text)
        with pytest.raises(RecipeError) as caught:
            load_recipe(path, environ={"SHORT": "hunter2", "LONG": "0123456789abcdef"})
        return [
            (problem.where.removeprefix(f"{path}:"), str(problem))
            for problem in caught.value.problems
        ]

    return run


def assert_single(problems: list[tuple[str, str]], place: str, parts: list[str]) -> None:
    assert len(problems) == 1, problems
    found, message = problems[0]
    assert found == place, message
    for part in parts:
        assert part in message


def test_the_recipe_under_the_additions_is_good(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(GOOD)
    assert load_recipe(path).recipe.source.path == "data.csv"


@pytest.mark.parametrize(("added", "place", "parts"), ADDED, ids=[a[0] for a in ADDED])
def test_one_slip_below_a_good_recipe(problems_of, added, place, parts) -> None:
    assert_single(problems_of(GOOD + added + "\n"), place, parts)


@pytest.mark.parametrize(
    "added",
    [
        "{c2st: {max: 1, min: 0}}",
        "{shapes: {min_of_reference: 3}}",
        "{outcome_gap: {max: 3}}",
        "{utility.target: {min: -2}}",
    ],
)
def test_thresholds_within_the_range_of_a_check_are_good(tmp_path: Path, added: str) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(GOOD + f"fidelity: {added}\n")
    assert load_recipe(path).recipe.fidelity.thresholds


@pytest.mark.parametrize(("text", "place", "parts"), WHOLE, ids=[w[0] or "empty" for w in WHOLE])
def test_one_slip_in_a_whole_recipe(problems_of, text, place, parts) -> None:
    assert_single(problems_of(text), place, parts)


def test_all_problems_come_at_once_in_reading_order(problems_of) -> None:
    text = """\
version: 2
source:
  path: data.csv
  holdout: 1.5
  heder: yes
schema: {sensitive: sex}
generator:
  backend: trees
  budget: soon
  no_such_option: 1
privacy: {on_fail: stop}
bias: {mode: corrective}
output: {rows: -1}
"""
    places = [place for place, _ in problems_of(text)]
    assert places == [
        "1:10",
        "4:12",
        "5:3",
        "6:21",
        "9:11",
        "10:3",
        "11:20",
        "12:14",
        "13:1",
        "13:16",
    ]


def test_a_slip_in_one_key_does_not_hide_the_rules_of_another_section(problems_of) -> None:
    text = GOOD + "seed: x\nschema: {target: a, sensitive: [a]}\n"
    assert [place for place, _ in problems_of(text)] == ["4:7", "5:33"]


def test_a_slip_in_one_key_does_not_hide_the_rules_of_its_neighbours(problems_of) -> None:
    text = (
        GOOD + "schema: {target: a, sensitive: [a], constraints: [{kind: rnge}]}\n"
        "privacy: {policy: relase, on_fail: stop}\n"
    )
    assert [place for place, _ in problems_of(text)] == ["4:33", "4:51", "5:19", "5:36"]


def test_a_slip_in_one_constraint_does_not_hide_those_of_the_others(problems_of) -> None:
    rules = """schema:
  columns:
    n: {kind: text}
    m: {kind: text, decimals: -1}
  constraints:
    - {kind: rnge, column: a}
    - {kind: inequality, low: a, high: a, strict: maybe}
    - {kind: range, column: a, min: 5, max: 1, step: 2}
    - {kind: range, column: b, min: low}
    - {kind: dependency, from: a, to: a}
    - {kind: sum, total: a, parts: []}
    - {kind: sum, total: x, parts: [y]}
    - {kind: sum, total: x, parts: [z]}
    - {kind: sum, total: y, parts: [x]}
    - {kind: inequality, low: n, high: a}
    - {kind: range, column: m, max: 3}
    - {kind: dependency, from: a, to: n}
    - {kind: unique, columns: [a]}
    - {kind: unique, columns: [a]}
"""
    assert [place for place, _ in problems_of(GOOD + rules)] == [
        "7:31",  # decimals
        "9:7",
        *("10:40", "10:51"),
        *("11:37", "11:48"),
        "12:37",
        "13:39",
        "14:36",
        *("16:7", "17:7"),  # x and y are computed already
        *("18:7", "19:7", "20:7"),  # kinds
        "22:7",
    ]


def test_a_slip_in_one_column_does_not_hide_those_of_the_others(problems_of) -> None:
    columns = """schema:
  target: note
  sensitive: [3, sex, sex, note]
  columns:
    age: {kind: real, decimals: 77}
    zone: {kind: integer, decimals: 2}
    note: {kind: text, format: '0.00'}
    sex: {kind: intger, order: [m, m]}
"""
    assert [place for place, _ in problems_of(GOOD + columns)] == [
        *("6:15", "6:23", "6:28"),
        "8:33",
        "9:27",
        *("10:18", "10:24"),
        *("11:17", "11:32"),
    ]


def test_no_message_repeats_a_key(problems_of) -> None:
    for key in ("hunter2", "hunter2 hunter2 hunter2", "${SHORT}"):
        spelled = f"protect: {{pseudonyms: {{key: '{key}', columns: {{a: format}}}}}}\n"
        assert "hunter2" not in " ".join(message for _, message in problems_of(GOOD + spelled))


def test_no_message_repeats_a_password(problems_of) -> None:
    text = "version: 1\nsource: {path: 'postgresql://me:hunter2@h/db'}\noutput: {path: b}\n"
    messages = " ".join(message for _, message in problems_of(text))
    assert "password" in messages
    assert "hunter2" not in messages


@pytest.mark.parametrize("key", ["missing", "order"])
def test_no_message_repeats_a_cell_value_that_a_recipe_declares(problems_of, key: str) -> None:
    text = GOOD + f"schema: {{columns: {{a: {{kind: text, {key}: {{x: Zanzibar}}}}}}}}\n"
    (_, message), *_ = problems_of(text)
    assert "Zanzibar" not in message
    assert "is a mapping; expected a list" in message


@pytest.mark.parametrize(
    ("content", "part"),
    [(b"\xff\xfe\x00v", "not UTF-8 text"), (b"version: 1\x00", "a character that text files")],
)
def test_a_file_that_is_no_text(tmp_path: Path, content: bytes, part: str) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_bytes(content)
    with pytest.raises(RecipeError, match=part):
        load_recipe(path)


def test_a_bomb_is_refused_quickly(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text("a: &a [x, x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(50)))
    with pytest.raises(RecipeError, match="aliases"):
        load_recipe(path)
    path.write_text("a: " + "[" * 5000)
    with pytest.raises(RecipeError, match="more than 20 levels"):
        load_recipe(path)
    path.write_text("# " + "x" * 1_000_001)
    with pytest.raises(RecipeError, match="more than 1,000,000 bytes"):
        load_recipe(path)
