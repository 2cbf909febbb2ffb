"""``Cycle``: a keyed permutation of the numbers below any size, in which no number stays in place.

Source: Black and Rogaway (2002), "Ciphers with arbitrary finite domains", CT-RSA: the generalised
Feistel cipher on Z_a x Z_b, with cycle walking for the at most a + b pairs beyond the size.
"""

from __future__ import annotations

import hmac
from math import isqrt

ROUNDS = 10  # as many as FF1 of NIST SP 800-38G has, which is of the same make


class Cycle:
    """x -> P^-1(P(x) + 1 mod size), for a keyed permutation P: one cycle through all numbers.

    NOTE[DIFF]: the paper gives P itself, which leaves one number in place on average; here that
    would be a real value in the output. Who does not know P can tell a random cycle from a random
    permutation only by the short cycles that it lacks.

    Args:
        size: how many numbers there are, at least 1. The only number of a size of 1 has to stay.
        key: of HMAC-SHA256, the round function.
    """

    def __init__(self, size: int, key: bytes) -> None:
        self.size = size
        self._a = isqrt(size - 1) + 1
        self._b = -(-size // self._a)
        self._mac = hmac.new(key, digestmod="sha256")
        # 64 bits more than a half needs, so that no remainder is noticeably more frequent
        self._bytes = (self._a.bit_length() + 64 + 7) // 8

    def __call__(self, number: int) -> int:
        """The number that takes the place of one below ``size``."""
        mark = self._permuted(number)
        while mark >= self.size:
            mark = self._permuted(mark)
        number = self._restored((mark + 1) % self.size)
        while number >= self.size:
            number = self._restored(number)
        return number

    def _permuted(self, number: int) -> int:
        """P: left is below a before every even round and below b before every odd one."""
        right, left = divmod(number, self._a)
        for turn in range(ROUNDS):
            left, right = right, (left + self._mixed(turn, right)) % self._modulus(turn)
        return right * self._a + left

    def _restored(self, number: int) -> int:
        """The inverse of P."""
        right, left = divmod(number, self._a)
        for turn in reversed(range(ROUNDS)):
            left, right = (right - self._mixed(turn, left)) % self._modulus(turn), left
        return right * self._a + left

    def _modulus(self, turn: int) -> int:
        return self._b if turn % 2 else self._a

    def _mixed(self, turn: int, half: int) -> int:
        """A pseudorandom number, as many bytes of it as are needed."""
        stated = half.to_bytes(self._bytes, "big")
        found = b""
        while len(found) < self._bytes:
            mac = self._mac.copy()
            mac.update(bytes([turn]) + len(found).to_bytes(8, "big") + stated)
            found += mac.digest()
        return int.from_bytes(found[: self._bytes], "big")
