"""Pillow, which reads and writes pictures: whoever imports it asks here first.

require_pillow("reading images")
from PIL import Image
"""

from __future__ import annotations

from synthkit.errors import MissingExtra


def require_pillow(needed_for: str) -> None:
    """Raises ``MissingExtra`` if Pillow is not installed.

    Args:
        needed_for: what needs it, as the beginning of the message.
    """
    try:
        import PIL.Image  # noqa: F401
    except ImportError as error:
        raise MissingExtra("PIL", "images", needed_for) from error
