"""``init``: a starter recipe that validates, says why, and holds no value of the data."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from synthkit import resources
from synthkit.cli.roles import guess_sensitive, guess_target, words
from synthkit.cli.starter import word
from synthkit.document import Document
from synthkit.recipe_io import load_recipe

ROWS = "".join(f"{20 + i % 60},city{i % 7},{'MF'[i % 2]},{i % 2}\n" for i in range(200))


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "data" / "my people.csv"
    path.parent.mkdir()
    path.write_text('age,"home: town",sex,churn\n' + ROWS)
    return path


def test_the_starter_recipe_validates_and_names_the_roles(synthkit, table: Path) -> None:
    answer = synthkit("init", "data/my people.csv")
    assert answer.exit_code == 0, answer.err
    assert answer.out.splitlines()[-1] == "wrote recipe.yaml; next: synthkit generate recipe.yaml"
    loaded = load_recipe("recipe.yaml")
    assert loaded.recipe.declared.target == "churn"
    assert loaded.recipe.declared.sensitive == ("age", "sex")
    assert loaded.recipe.output.path == "out/my-people"
    assert synthkit("validate", "recipe.yaml").exit_code == 0


def test_the_terminal_says_what_was_found_and_no_value(synthkit, table: Path) -> None:
    rows = "".join(
        f"{100 + i},?,city{i % 7},{-999 if i % 9 == 0 else i % 80}\n" for i in range(300)
    )
    more = rows.replace("?", "B").replace("1", "3")
    text = "ticket_id,sex,home,score\n" + rows + more
    Path("people.csv").write_text(text)
    answer = synthkit("init", "people.csv")
    assert answer.exit_code == 0, answer.err
    first, *lines = answer.out.splitlines()
    assert first.startswith("600 rows; 4 columns: ")
    assert "with missing cells: sex, score" in lines
    assert "of these, spelled by a placeholder: sex" in lines
    assert "of these, a number that stands for missing: score" in lines
    assert "no target guessed; schema.target names one" in lines
    assert not any(value in answer.out for value in ("city", "999", "?"))
    assert "warning" not in answer.out


def test_whose_rows_they_are_is_proposed_where_a_key_recurs(synthkit, table: Path) -> None:
    rows = "".join(f"{7000 + i % 150},{i % 7}.5,{'ab'[i % 2]}\n" for i in range(600))
    Path("t.csv").write_text("client_id,paid,way\n" + rows)
    answer = synthkit("init", "t.csv")
    assert answer.exit_code == 0, answer.err
    assert "several rows are of one person, told apart by: client_id" in answer.out
    assert load_recipe("recipe.yaml").recipe.declared.person == "client_id"
    Path("u.csv").write_text("paid,way\n" + re.sub(r"(?m)^\d+,", "", rows))
    synthkit("init", "u.csv", "--force")
    assert load_recipe("recipe.yaml").recipe.declared.person is None
    assert "# person: COLUMN" in Path("recipe.yaml").read_text()


def test_names_that_are_kept_as_categories_are_warned_about(synthkit, table: Path) -> None:
    rows = "".join(f"{i},Ann{chr(97 + i % 30 % 26)} Roe{i % 30 // 26 * 'x'}\n" for i in range(600))
    Path("t.csv").write_text("n,name\n" + rows)
    answer = synthkit("init", "t.csv")
    assert answer.exit_code == 0, answer.err
    assert [line for line in answer.out.splitlines() if line.startswith("warning")] == [
        "warning: name: seems to be personal data by name and cells, and frequent values are kept as "
        "categories; if these are people, give them pseudonyms (protect.pseudonyms), declare kind "
        "identifier or text, or leave it out"
    ]
    recipe = Path("recipe.yaml").read_text()
    assert "it seems to hold person names" in recipe
    assert "Roe" not in answer.out + recipe
    answer = synthkit("generate", "recipe.yaml", "--set", "privacy.on_fail=warn")
    assert "column 'name' is categorical: " in answer.err
    assert "Roe" not in answer.out + answer.err


def test_pseudonyms_are_proposed_for_them_as_a_comment(
    synthkit, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f"{i},Ann{chr(97 + i % 26)} Roe\n" for i in range(600))
    Path("t.csv").write_text("n,doctor name\n" + rows)
    assert synthkit("init", "t.csv").exit_code == 0
    recipe = Path("recipe.yaml").read_text()
    lines = recipe.splitlines()
    place = lines.index("# protect:")
    lines[place : place + 4] = [line[2:] for line in lines[place : place + 4]]
    Path("recipe.yaml").write_text("\n".join(lines))
    answer = synthkit("validate", "recipe.yaml")
    assert "the environment variable SYNTHKIT_KEY is not set" in answer.err
    monkeypatch.setenv("SYNTHKIT_KEY", "0123456789abcdef")
    assert synthkit("validate", "recipe.yaml").exit_code == 0
    spec = load_recipe("recipe.yaml").recipe.protect.pseudonyms
    assert spec is not None
    assert spec.columns == {"doctor name": "person names"}
    synthkit("init", "example:adult", "-o", "adult.yaml")
    assert "pseudonyms" not in Path("adult.yaml").read_text()


@pytest.mark.parametrize(("rows", "warned"), [(498, True), (500, False)])
def test_a_table_too_small_for_the_privacy_checks_is_warned_about(
    synthkit, table: Path, rows: int, warned: bool
) -> None:
    Path("t.csv").write_text("a,b\n" + "".join(f"{i % 50},{i % 3}\n" for i in range(rows)))
    answer = synthkit("init", "t.csv")
    assert ("warning: too few rows to judge" in answer.out) is warned
    assert ("leaves 249 and 249" in answer.out) is warned


def test_the_terminal_counts_the_rules_it_declares(synthkit, rides: Path) -> None:
    lines = synthkit("init", "data/rides.csv").out.splitlines()
    assert any(line.startswith("rules between columns: 3 declared, ") for line in lines)


def test_a_recipe_in_place_of_data_points_to_validate(synthkit, table: Path) -> None:
    Path("recipe.yaml").write_text("mine: 1\n")
    answer = synthkit("init", "recipe.yaml", "--force")
    assert answer.exit_code == 2
    assert "recipe.yaml: this is a recipe; expected data" in answer.err
    assert "synthkit validate recipe.yaml" in answer.err
    assert Path("recipe.yaml").read_text() == "mine: 1\n"


def test_every_column_has_its_kind_and_reason_and_no_value_is_told(synthkit, table: Path) -> None:
    synthkit("init", "data/my people.csv", "-o", "a.yaml")
    text = Path("a.yaml").read_text()
    for name in ("age", '"home: town"', "sex", "churn"):
        line = next(line for line in text.splitlines() if line.startswith(f"  #   {name}: "))
        assert "{kind: " in line
        assert len(line.rpartition(" # ")[2]) > 10
    assert "city3" not in text


def test_the_pinned_columns_are_valid_when_uncommented(synthkit, table: Path) -> None:
    synthkit("init", "data/my people.csv", "-o", "a.yaml")
    text = Path("a.yaml").read_text()
    before, _, block = text.partition("  # columns:\n")
    columns, _, after = block.partition("  # Rules")
    pinned = columns.replace("  #   ", "    ")
    Path("a.yaml").write_text(f"{before}  columns:\n{pinned}  # Rules{after}")
    declared = load_recipe("a.yaml").recipe.declared
    assert list(declared.columns) == ["age", "home: town", "sex", "churn"]


@pytest.fixture
def rides(table: Path) -> Path:
    rng = np.random.default_rng(0)
    n = 1000
    fare, tip = np.round(rng.gamma(2, 6, n), 2), np.round(rng.gamma(2, 1, n), 2)
    zone = rng.integers(0, 12, n)
    start = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 10**6, n), unit="min")
    rides = pd.DataFrame(
        {
            "from: zone": np.char.add("zone", zone.astype(str)),
            "town": np.char.add("town", (zone // 4).astype(str)),
            "fare": fare,
            "tip": tip,
            "pay": (fare + tip).round(2),
            "pick up": start,
            "drop off": start + pd.to_timedelta(rng.integers(1, 90, n), unit="min"),
            "low": (low := rng.integers(0, 50, n)),
            "high": low + rng.integers(0, 20, n),
        }
    )
    rides.loc[0, "high"] = -1
    path = table.parent / "rides.csv"
    rides.to_csv(path, index=False)
    return path


def test_rules_that_all_rows_keep_are_declared_and_others_are_shown(synthkit, rides: Path) -> None:
    assert synthkit("init", "data/rides.csv").exit_code == 0
    declared = load_recipe("recipe.yaml").recipe.declared
    assert [rule.label for rule in declared.constraints] == [
        "sum pay = fare + tip",
        "inequality pick up <= drop off",
        "dependency from: zone -> town",
    ]
    text = Path("recipe.yaml").read_text()
    assert "parts: [fare, tip]} # holds in all 1,000 rows; computed, not learned" in text
    line = next(line for line in text.splitlines() if "low: low" in line)
    assert line.startswith("  #   - {kind: inequality, low: low, high: high} # holds in all but 1 ")
    assert "zone3" not in text
    assert "town1" not in text
    Path("recipe.yaml").write_text(text.replace(line, "    " + line.removeprefix("  #   ")))
    assert len(load_recipe("recipe.yaml").recipe.declared.constraints) == 4
    assert synthkit("validate", "recipe.yaml").exit_code == 0


def test_the_target_is_not_computed(synthkit, rides: Path) -> None:
    pd.read_csv(rides).rename(columns={"pay": "price"}).to_csv(rides, index=False)
    assert synthkit("init", "data/rides.csv").exit_code == 0
    declared = load_recipe("recipe.yaml").recipe.declared
    assert declared.target == "price"
    assert not any(rule.label.startswith("sum") for rule in declared.constraints)
    assert "holds in all 1,000 rows, but the target had better be learned" in (
        Path("recipe.yaml").read_text()
    )


def test_a_recipe_in_another_folder_still_finds_the_data(synthkit, table: Path) -> None:
    synthkit("init", "data/my people.csv", "-o", "jobs/one.yaml")
    assert load_recipe("jobs/one.yaml").recipe.source.path == "../data/my people.csv"
    assert synthkit("validate", "jobs/one.yaml").exit_code == 0


def test_a_table_without_telling_names_gets_a_recipe_too(synthkit, table: Path) -> None:
    Path("plain.csv").write_text("a,b\n" + "1,x\n2,y\n3,x\n" * 20)
    assert synthkit("init", "plain.csv").exit_code == 0
    assert load_recipe("recipe.yaml").recipe.declared.target is None
    assert synthkit("validate", "recipe.yaml").exit_code == 0


def test_nothing_is_overwritten_without_force(synthkit, table: Path) -> None:
    Path("recipe.yaml").write_text("precious")
    answer = synthkit("init", "data/my people.csv")
    assert answer.exit_code == 2
    assert "this file exists" in answer.err
    assert Path("recipe.yaml").read_text() == "precious"
    assert synthkit("init", "data/my people.csv", "--force").exit_code == 0
    assert load_recipe("recipe.yaml")


def test_a_place_that_cannot_be_written_is_refused_before_the_data_is_read(
    synthkit, table: Path
) -> None:
    answer = synthkit("init", "no data.csv", "-o", "data/my people.csv/recipe.yaml")
    assert answer.exit_code == 2
    assert "my people.csv: cannot write here: not a directory" in answer.err


@pytest.mark.parametrize("options", [[], ["--force"]])
def test_a_folder_is_no_file_to_write(synthkit, table: Path, options: list[str]) -> None:
    answer = synthkit("init", "data/my people.csv", "-o", "data", *options)
    assert answer.exit_code == 2
    assert "data: is no file" in answer.err


def test_a_full_disk_leaves_no_empty_recipe(
    synthkit, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str, **_: object) -> None:
        path.touch()
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(Path, "write_text", full)
    answer = synthkit("init", "data/my people.csv")
    assert answer.exit_code == 2
    assert "recipe.yaml: cannot write here: no space left on device" in answer.err
    assert [p.name for p in Path().iterdir()] == ["data"]


def test_a_bundled_recipe_is_copied_as_it_is(synthkit, table: Path) -> None:
    assert synthkit("init", "table/adult", "-o", "mine.yaml").exit_code == 0
    assert Path("mine.yaml").read_bytes() == resources.find("recipes", "table/adult").read_bytes()


def test_the_example_data_gets_a_recipe(synthkit, table: Path) -> None:
    assert synthkit("init", "example:adult").exit_code == 0
    declared = load_recipe("recipe.yaml").recipe.declared
    assert declared.target == "income"
    assert declared.sensitive == ("age", "marital_status", "race", "sex")


@pytest.mark.parametrize("data", ["nope.csv", "table/adlt"])
def test_data_that_is_not_there(synthkit, table: Path, data: str) -> None:
    answer = synthkit("init", data)
    assert answer.exit_code == 2
    assert not Path("recipe.yaml").exists()


def test_words_of_names() -> None:
    assert words("isForeign-worker_2") == ["is", "foreign", "worker", "2"]
    assert guess_target(["id", "Income", "x"]) == "Income"
    assert guess_target(["y", "target"]) == "target"
    assert guess_target(["incomes", "x"]) is None
    assert guess_sensitive(["Gender", "marital_status", "message", "asexual"]) == [
        "Gender",
        "marital_status",
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("age", "Age", "AGE", "age_group", "AgeGroup", "age-band", "agegroup", "age_years"),
        *("birth", "birth_date", "DateOfBirth", "dob", "year_of_birth", "YearBorn"),
        *("SeniorCitizen", "senior_citizen", "seniorcitizen", "is_elderly", "house_owner_sex"),
    ],
)
def test_names_of_ages_are_guessed_as_sensitive(name: str) -> None:
    assert guess_sensitive(["x", name, "y"]) == [name]


@pytest.mark.parametrize(
    "name",
    ["HouseAge", "housing_median_age", "account_age_days", "wage", "usage", "stage", "mileage"],
)
def test_ages_of_things_are_not(name: str) -> None:
    assert guess_sensitive([name]) == []


def test_sensitive_numbers_and_dates_are_declared(synthkit, table: Path) -> None:
    rows = "".join(
        f"{i % 2},19{40 + i % 50}-0{1 + i % 9}-12,{1 if i % 3 else 'n'},{i}\n" for i in range(200)
    )
    Path("customers.csv").write_text("SeniorCitizen,birth_date,religion,x\n" + rows)
    answer = synthkit("init", "customers.csv", "-o", "customers.yaml")
    assert answer.exit_code == 0, answer.err
    line = "sensitive, guessed from the names: SeniorCitizen, birth_date, religion"
    assert line in answer.out.splitlines()
    declared = load_recipe("customers.yaml").recipe.declared
    assert declared.sensitive == ("SeniorCitizen", "birth_date", "religion")
    assert synthkit("validate", "customers.yaml").exit_code == 0


@pytest.mark.parametrize(
    "name",
    ["a", "a b", "a: b", "no", "true", "null", "1e3", "007", "#x", "ü", "-", 'q"', "a\nb", ""],
)
def test_any_name_is_one_line_of_yaml(name: str) -> None:
    text = word(name)
    assert "\n" not in text
    assert Document.parse(f"{text}: {text}\nlist: [{text}]", "f").data == {
        name: name,
        "list": [name],
    }


def test_what_was_guessed_of_the_file_is_said_and_the_next_command_can_be_pasted(
    synthkit, tmp_path: Path
) -> None:
    rows = ["Straße".encode("latin-1" if i % 50 == 0 else "utf-8") for i in range(300)]
    data = tmp_path / "mixed.csv"
    data.write_bytes(b"a,b\n" + b"".join(b"%d,%s\n" % (i, cell) for i, cell in enumerate(rows)))
    answer = synthkit("init", data, "-o", tmp_path / "my recipe.yaml")
    assert answer.exit_code == 0, answer.err
    lines = answer.out.splitlines()
    assert "note: mixed.csv is not UTF-8; it was read as cp1252" in lines
    assert lines[-1].endswith(f"next: synthkit generate '{tmp_path}/my recipe.yaml'")


def test_a_folder_of_images_gets_a_recipe_of_its_kind(
    synthkit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = pytest.importorskip("PIL.Image")
    monkeypatch.chdir(tmp_path)
    for label in ("cat", "dog"):
        (tmp_path / "scans" / label).mkdir(parents=True)
        for i in range(3):
            pixels = np.full((8, 8), 40 * i, np.uint8)
            image.fromarray(pixels).save(tmp_path / "scans" / label / f"{i}.png")
    answer = synthkit("init", "scans")
    assert answer.exit_code == 0, answer.err
    assert "6 images: images of 8 x 8 pixels, grey" in answer.out
    assert "too few images to judge" in answer.out
    loaded = load_recipe("recipe.yaml")
    assert (loaded.recipe.source.kind, loaded.recipe.declared.target) == ("images", "label")
    assert loaded.recipe.generator.backend == "vae"
    assert synthkit("validate", "recipe.yaml").exit_code == 0
    assert "cat" not in Path("recipe.yaml").read_text()


def test_images_that_differ_get_a_size_and_channels(
    synthkit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = pytest.importorskip("PIL.Image")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    shapes = [(20, 30), (24, 24, 3), (40, 28, 3), (200, 100), (300, 400, 3)]
    for i, shape in enumerate(shapes):
        image.fromarray(np.full(shape, 9, np.uint8)).save(tmp_path / "photos" / f"{i}.png")
    answer = synthkit("init", "photos")
    assert answer.exit_code == 0, answer.err
    assert "note: the images have 5 sizes, from 24 x 24 pixels to 300 x 400" in answer.out
    assert "the recipe states source.size: 28" in answer.out  # the third shorter side of five
    assert "the recipe states source.channels: rgb" in answer.out
    source = load_recipe("recipe.yaml").recipe.source
    assert (source.size, source.channels) == ((28, 28), "rgb")
    assert "  # size:" not in Path("recipe.yaml").read_text()
    assert synthkit("validate", "recipe.yaml").exit_code == 0
    for i in range(3, 9):
        image.fromarray(np.full((3000, 2000), 9, np.uint8)).save(f"photos/{i}.png")
    assert synthkit("init", "photos", "--force").exit_code == 0
    assert load_recipe("recipe.yaml").recipe.source.size == (64, 64)  # as large as is reasonable


@pytest.mark.parametrize(
    ("inside", "output"), [("", "../scans-synthetic"), ("cat", "../../scans-synthetic")]
)
def test_a_recipe_begun_among_the_images_writes_beside_them(
    synthkit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str, output: str
) -> None:
    image = pytest.importorskip("PIL.Image")
    (tmp_path / "scans" / "cat").mkdir(parents=True)
    image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "scans" / "cat" / "1.png")
    monkeypatch.chdir(tmp_path / "scans" / inside)
    answer = synthkit("init", ".." if inside else ".", "-o", tmp_path / "r.yaml")
    assert answer.exit_code == 0, answer.err
    recipe = load_recipe(tmp_path / "r.yaml").recipe
    assert (recipe.name, recipe.output.path) == ("scans", output)
    assert synthkit("validate", tmp_path / "r.yaml").exit_code == 0


@pytest.mark.parametrize(
    ("names", "remedy"),
    [
        ([], ".tiff, .bmp."),
        (["t10k-images-idx3-ubyte"], "such as t10k-images-idx3-ubyte; in a recipe, with"),
        (["x.png"], "Name the folder of images that it lies in"),
    ],
)
def test_what_is_no_table_is_answered_with_images_in_mind(
    synthkit, tmp_path: Path, names: list[str], remedy: str
) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n")
    data = tmp_path / "x.png" if names == ["x.png"] else tmp_path
    for command in (("init", data), ("audit", "--real", data, "--synthetic", data)):
        answer = synthkit(*command)
        assert answer.exit_code == 2
        assert remedy in answer.err
