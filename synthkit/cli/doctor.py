"""``synthkit doctor``: what is installed, what is missing, what the machine offers."""

from __future__ import annotations

import os
import platform
import re
import tempfile
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from typing import Any

from synthkit import __version__
from synthkit.cli.application import print_json
from synthkit.cli.options import Json

EXAMPLES = ("synthkit doctor", "synthkit doctor --json")

_REQUIREMENT = re.compile(r"([\w.-]+)[^;]*(?:;.*extra\s*==\s*['\"]([\w-]+)['\"])?")
_FOR_DEVELOPERS = ("all", "dev")


def command(json: Json = False) -> None:
    """Show what is installed and what is missing.

    Versions, extras with the line that installs a missing one, cores, memory and device.
    """
    found = facts()
    if json:
        print_json(found)
        return
    for key in ("synthkit", "python", "platform", "cores", "memory", "device", "temporary folder"):
        print(f"{key:<17} {found[key]}")
    for package, installed in found["packages"].items():
        print(f"  {package:<15} {installed or 'MISSING: reinstall synthkit'}")
    for extra, packages in found["extras"].items():
        missing = [package for package, installed in packages.items() if installed is None]
        state = f"missing; pip install 'synthkit[{extra}]'" if missing else "installed"
        print(f"extra {extra:<11} {state} ({', '.join(packages)})")


def facts() -> dict[str, Any]:
    """What the command shows, as JSON types."""
    packages: dict[str | None, dict[str, str | None]] = {}
    for line in requires("synthkit") or []:
        if (match := _REQUIREMENT.match(line)) and match[2] not in _FOR_DEVELOPERS:
            packages.setdefault(match[2], {})[match[1]] = _version(match[1])
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "synthkit": __version__,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "memory": f"{memory_bytes / 2**30:.1f} GiB",
        "device": _device(),
        "temporary folder": _temporary_folder(),
        "packages": packages.pop(None, {}),
        "extras": packages,
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _device() -> str:
    if find_spec("torch") is None:
        return "cpu (torch is not installed)"
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else "cpu"


def _temporary_folder() -> str:
    try:
        with tempfile.NamedTemporaryFile() as file:
            return f"{os.path.dirname(file.name)} (writable)"
    except OSError as error:
        return f"not writable: {os.strerror(error.errno or 0).lower()}"
