"""What may be in a ``.pt2`` file: tensors and a graph of torch's own operations, nothing that runs.

``torch.export.load`` unpickles some entries, finds operations by the dotted names that the file gives,
evaluates its expressions of sizes, executes its guards, and writes its names into code. Each of these
could run what the file's author liked, so an archive is looked through before torch sees it: only the
entries of a plain program, no pickled tensor or object, sample inputs that load as plain tensors,
operations of ``aten`` and the like, and expressions, guards and names of which none is more than that.

    require_plain(Path("features.pt2"), "features.pt2")
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from synthkit.errors import ModelError

_ENTRY = re.compile(
    r"[^/]+/(models/model\.json|data/sample_inputs/model\.pt"
    r"|data/(weights/weight|constants/tensor)_\d+|data/(weights|constants)/model_\w+_config\.json"
    r"|(\.data/)?(version|serialization_id|byteorder)|archive_(format|version)|extra/[\w.]+)"
)
# Of aten, ``from_file`` opens any file; some functions of ``operator`` call what they are given.
_TARGET = re.compile(
    r"torch\.ops\.(aten|prims)\.(?!from_file)[\w.]+|torch\.sym_\w+|math\.\w+"
    r"|torch\.ops\.higher_order\.wrap_with_(set_grad_enabled|autocast)"
    r"|_operator\.(getitem|add|sub|mul|truediv|floordiv|mod|pow|neg|pos|abs|eq|ne|lt|le|gt|ge|and_|or_|not_)"
)
_EXPRESSION = re.compile(r"(?s)(?!.*__)([\w\s(),=+*/%<>-]|'(\w+|-?\d+\.\d+)'|\b\d+\.\d+\b)*")
_GUARD = re.compile(
    r"(L\['\w+'\]\.(size|stride)\(\)\[\d+\]|\b(and|or|not|[A-Z]\w*)\b|[\d\s().,+*/%<>=!-])*"
)
_NAME = re.compile(r"[\w.]*")
_TYPE = re.compile(r'"type": ?"(?!builtins\.(tuple|list|dict)")')


def require_plain(file: Path, shown: str) -> None:
    """Refuses an archive that holds more than a plain program, before it is loaded.

    Raises:
        ModelError: it does, or cannot be read.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            program = [name for name in names if name.endswith("/models/model.json")]
            if len(program) != 1:
                raise ModelError(
                    "the file holds no exported program, or one of an older torch",
                    where=shown,
                    expected="a file that torch.export.save wrote",
                    remedy="export the network again",
                )
            strange = len(set(names)) < len(names) or not all(map(_ENTRY.fullmatch, names))
            if strange or not _is_plain(archive, names, program[0]):
                raise ModelError(
                    "the file holds more than tensors and operations of torch",
                    where=shown,
                    expected="a program of torch's own operations",
                    remedy="export the network without objects and operations of its own",
                )
    except (zipfile.BadZipFile, ValueError, OSError, KeyError, AttributeError) as error:
        raise ModelError(
            "the file is damaged", where=shown, expected="a file that torch.export.save wrote"
        ) from error


def _is_plain(archive: zipfile.ZipFile, names: list[str], program: str) -> bool:
    for name in names:
        if name.endswith("_config.json"):
            entries = json.loads(archive.read(name))["config"].values()
            if any(entry["use_pickle"] for entry in entries):
                return False
        if name.endswith(".pt") and not _is_tensors(archive.read(name)):
            return False
    content = json.loads(archive.read(program))
    guards = content.get("guards_code", [])
    return all(map(_GUARD.fullmatch, guards)) and all(map(_is_harmless, _texts(content)))


def _is_tensors(content: bytes) -> bool:
    """Whether sample inputs load without a pickle that may run something."""
    if not content:
        return True
    try:
        return isinstance(torch.load(io.BytesIO(content), weights_only=True), (tuple, dict))
    except Exception:  # of a pickle that is refused, or damaged
        return False


def _texts(content: Any) -> Iterator[tuple[str, str]]:
    """All texts in JSON under the key that they stand at."""
    if isinstance(content, dict):
        for key, value in content.items():
            if isinstance(value, str):
                yield key, value
            else:
                yield from _texts(value)
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value)


def _is_harmless(entry: tuple[str, str]) -> bool:
    key, value = entry
    if key == "target":
        return _TARGET.fullmatch(value) is not None
    if key in ("in_spec", "out_spec"):
        return _TYPE.search(value) is None
    if key == "expr_str":
        return _EXPRESSION.fullmatch(value) is not None
    is_name = key == "name" or key.endswith("_name")
    return not is_name or _NAME.fullmatch(value) is not None
