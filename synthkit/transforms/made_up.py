"""Made-up names and addresses, as the parts that they are put together from.

The parts are Faker's lists of English names and endings. E-mail addresses lie in the domains that
RFC 2606 reserves for examples, so that none of them reaches anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from synthkit.schema import Content


@cache
def parts(content: Content) -> list[Sequence[str]]:
    """The choices for each part in turn; different choices make different texts."""
    from faker.providers.address.en_US import Provider as Address  # not on top: takes a while
    from faker.providers.company.en_US import Provider as Company
    from faker.providers.person.en_US import Provider as Person

    first, last = _words(Person.first_names), _words(Person.last_names)
    shapes: dict[Content, list[Sequence[str]]] = {
        "first names": [first],
        "last names": [last],
        "person names": [first, [" "], last],
        "e-mail addresses": [
            [name.lower() for name in first],
            ["."],
            [name.lower() for name in last],
            ["", *map(str, range(1, 100))],
            ["@example.com", "@example.net", "@example.org"],
        ],
        "street addresses": [
            [str(number) for number in range(1, 1000)],
            [" "],
            last,
            [" "],
            _words(Address.street_suffixes),
        ],
        "company names": [last, ["-", " and "], last, [" "], _words(Company.company_suffixes)],
    }
    return shapes[content]


def _words(names: Iterable[str]) -> list[str]:
    """The single words among the names, once each."""
    return [name for name in dict.fromkeys(names) if name.isalpha()]
