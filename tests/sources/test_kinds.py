"""What lies at a path is told by what is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from synthkit.sources.kinds import kind_of


def test_examples_and_files_are_told_by_their_content(tmp_path: Path) -> None:
    assert kind_of("example:adult", tmp_path) == "table"
    assert kind_of("example:digits", tmp_path) == "images"
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    np.savez(tmp_path / "x.npz", images=np.zeros((3, 8, 8), np.uint8))
    (tmp_path / "idx").write_bytes(b"\0\0\x08\x03" + bytes(12))
    found = {name: kind_of(name, tmp_path) for name in ("t.csv", "x.npz", "idx")}
    assert found == {"t.csv": "table", "x.npz": "images", "idx": "images"}


def test_a_folder_is_of_images_if_it_holds_one_at_any_depth(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "a.csv").write_text("a\n1\n")
    deep = tmp_path / "scans" / "cat" / "old"
    deep.mkdir(parents=True)
    (deep / "1.PNG").write_bytes(b"")
    assert kind_of("tables", tmp_path) == "table"
    assert kind_of("scans", tmp_path) == "images"


@pytest.mark.parametrize("path", ["missing", "sqlite:///a.db", "*.csv"])
def test_what_leads_nowhere_is_left_to_the_tables_reader(path: str, tmp_path: Path) -> None:
    assert kind_of(path, tmp_path) == "table"
