"""``${NAME}`` in a recipe: how a secret stays out of the recipe, of its copies and of messages.

A recipe, its fingerprint and the ``recipe.yaml`` of a run keep the placeholder. The stage that opens
the connection expands it at the last moment::

    engine = connect(expand(recipe.source.path))       # postgresql://me:${DB_PASSWORD}@host/db
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from synthkit.errors import SynthkitError

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
# Schemes of files that somebody must fetch; none of them is a database's.
_REMOTE = re.compile(
    r"(https?|ftps?|sftp|s3[an]?|gs|gcs|az|abfss?|wasbs?|adl|hdfs)://", re.IGNORECASE
)
MUST_BE_FETCHED = "names a file on the web or in a bucket, which must be fetched"
FETCHED = "a path, or a database URL"
FETCH = "download it, and give the path of the copy"
_PASSWORD = re.compile(r"[a-zA-Z][\w+.-]*://[^/@\s]*:([^/@\s]+)@")


def variables(text: str) -> list[str]:
    """The names of the variables in a text, in order."""
    return _VARIABLE.findall(text)


def expand(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """The text with its variables replaced. Not for messages, logs or files.

    Raises:
        SynthkitError: a variable that is not set.
    """
    for name in variables(text):
        if name not in environ:
            raise SynthkitError(
                f"the environment variable {name} is not set", remedy=f"export {name} first"
            )
    return _VARIABLE.sub(lambda match: environ[match[1]], text)


def is_set(text: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether all variables of a text have a value, so that it can be expanded."""
    return all(name in environ for name in variables(text))


def is_url(path: str) -> bool:
    """Whether a source or output path is a database URL."""
    return "://" in path


def is_remote_file(path: str) -> bool:
    """Whether a path names a file on the web or in a bucket, which is read or written by nobody here."""
    return _REMOTE.match(path) is not None


def has_password(url: str) -> bool:
    """Whether a URL spells out a password instead of naming a variable."""
    match = _PASSWORD.match(url)
    return match is not None and not _VARIABLE.fullmatch(match[1])
