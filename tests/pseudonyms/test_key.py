"""The secret: what it must be, and that nothing shows it."""

from __future__ import annotations

import pytest

from synthkit.errors import SynthkitError
from synthkit.pseudonyms import Key

SECRET = "a secret for tests only"


def test_a_secret_that_repeats_itself_is_none() -> None:
    with pytest.raises(SynthkitError, match=r"repeats itself too much.*6 of them different"):
        Key.of("ab" * 20)


@pytest.mark.parametrize("secret", ["", "hunter2", "x" * 15, f"  {'x' * 15}\n"])
def test_a_short_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(SynthkitError, match=r"too short.*at least 16.*openssl") as caught:
        Key.of(secret)
    assert not secret.strip() or secret.strip() not in str(caught.value)


def test_same_secret_same_key_whatever_white_space_is_around_it() -> None:
    assert Key.of(SECRET) == Key.of(f" {SECRET}\n")
    assert Key.of(SECRET) != Key.of(SECRET.upper())


def test_it_does_not_show_what_it_is_made_of() -> None:
    key = Key.of(SECRET)
    assert repr(key) == "Key()"
    assert len(bytes.fromhex(key.digest)) == 8
    assert key.digest != Key.of(SECRET + "!").digest


def test_purposes_are_told_apart_by_words_and_not_by_letters() -> None:
    key = Key.of(SECRET)
    purposes = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ("c", "ab")]
    assert len({key.derived(*purpose) for purpose in purposes}) == len(purposes)


def test_a_secret_that_is_no_text_is_a_key_all_the_same() -> None:
    assert Key.of("abcdef" + "\udcff" * 16) != Key.of("abcdef" + "\udcfe" * 16)
