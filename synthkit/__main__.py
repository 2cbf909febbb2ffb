"""``python -m synthkit`` is the ``synthkit`` command."""

from synthkit.cli import main

main()
