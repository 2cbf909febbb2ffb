"""``Key``: the secret that pseudonyms are made with.

key = Key.of(os.environ["SYNTHKIT_KEY"])
key.derived("format", "A-99")       # 32 bytes, unrelated to those of any other purpose
key.digest                          # tells keys apart; does not give one away
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from synthkit.errors import SynthkitError

SHORTEST = 16  # characters; chosen, not derived
FEWEST = 6  # of them different; of 16 random hexadecimal digits fewer are, once in 27,000 times
_SALT = b"synthkit pseudonyms 1"


@dataclass(frozen=True)
class Key:
    """A secret, stretched to 32 bytes by scrypt (Percival and Josefsson 2016, RFC 7914).

    Stretching takes a twentieth of a second and 16 MB, which is what each guess costs somebody who
    tries out likely secrets against pseudonyms or the ``digest``. It makes up for a weak secret in
    part only: a random one is what protects.

    NOTE[DIFF]: the salt is fixed, since the same secret has to give the same pseudonyms everywhere.
    """

    _stretched: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: str, *, where: str = "key", at: tuple[str | int, ...] | None = None) -> Key:
        """The key of a secret; white space around it does not count.

        Args:
            secret: at least 16 characters.
            where, at: what an error shall name; see ``SynthkitError``.

        Raises:
            SynthkitError: a secret that is too short.
        """
        if flaw := flaw_of(secret):
            what, expected, remedy = flaw
            raise SynthkitError(what, where=where, expected=expected, remedy=remedy, at=at)
        # what the environment holds need not be UTF-8
        plain = secret.strip().encode("utf-8", "surrogateescape")
        return cls(hashlib.scrypt(plain, salt=_SALT, n=2**14, r=8, p=1, dklen=32))

    def derived(self, *purpose: str) -> bytes:
        """32 bytes for one purpose: HMAC-SHA256 over its words, each with its length in front."""
        words = [word.encode("utf-8", "surrogatepass") for word in purpose]
        message = b"".join(len(word).to_bytes(8, "big") + word for word in words)
        return hmac.digest(self._stretched, message, "sha256")

    @property
    def digest(self) -> str:
        """16 hexadecimal digits by which a run knows its key again.

        They enter the fingerprint of a run, so that ``--resume`` does not go on with rows of one key
        and a model of another, and a finished run is not taken for one with this key.
        """
        return self.derived("digest").hex()[:16]


def flaw_of(secret: str) -> tuple[str, str, str] | None:
    """``(what, expected, remedy)`` of a secret that is none; None if it will do."""
    plain = secret.strip()
    if len(plain) < SHORTEST:
        what = "is too short to protect anything"
    elif len(set(plain)) < FEWEST:
        what = "repeats itself too much to protect anything"
    else:
        return None
    expected = f"a secret of at least {SHORTEST} characters, {FEWEST} of them different"
    return what, expected, "make one with: openssl rand -hex 32"
