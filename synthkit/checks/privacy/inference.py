"""Can what is known of a person be completed with what is not?

Attacker: holds the synthetic rows and all of a person's record but one cell, the secret; or, where
quasi-identifiers are named, these and no more. Success:
guessing the secret. Baseline: whoever knows the population guesses well where columns go together;
that is what synthetic rows are for, and no leak. Control: the same guesses about holdout rows. The
value is the *excess*: how much more often secrets of training rows are guessed.

Secrets are the sensitive columns and the target; where neither is named, the first columns of the table.
There are two guessers: a model that is trained on the synthetic rows, and the synthetic row that is
nearest in all that is known. The pair that finds the largest excess is shown, with an interval that pays
for the choice (Bonferroni).

What it cannot see: attackers who know other columns, or more than the table holds;
numbers are right within a twentieth of the ranks, not to the digit.

The notions are those of the Article 29 Working Party (2014), Opinion 05/2014 on anonymisation
techniques; the holdout as control is that of El Emam et al. (2020), "Evaluating identity disclosure risk
in fully synthetic health data".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from synthkit.checks.base import Evidence
from synthkit.checks.encoding import CategoryCode
from synthkit.checks.outcome import unanswered
from synthkit.checks.privacy.excess import Excess, excess_result
from synthkit.checks.privacy.holdout import lack_of_control
from synthkit.checks.privacy.rows import MIN_ROWS
from synthkit.checks.privacy.sides import Sides, few_sides_of
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.schema import Schema
from synthkit.stats.distances import nearest_few

TREES, LEAF, FEATURES = 20, 2, 0.4  # of a random forest, which learns by heart what can be
MOST_SECRETS = 6
MOST_CLASSES = 30  # of a secret, beyond which only the nearest row guesses
NEAR = 0.05  # ranks between a guess and a number that still count as right
TITLE = "Guessing one unknown cell of a person"


@dataclass(frozen=True)
class Guesses:
    """How often one guesser is right about one secret.

    Args:
        column: the secret.
        known: what the guesser knows, ``all other columns`` or ``quasi-identifiers``.
        guesser: ``model`` or ``nearest row``.
        counts: of people whose secret it is right about.
    """

    column: str
    known: str
    guesser: str
    counts: Excess


class AttributeInference:
    """Guesses of a secret that are right more often for training rows than for holdout rows."""

    name: ClassVar[str] = "attribute_inference"
    family: ClassVar[Family] = "privacy"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """The largest excess."""
        if reason := lack_of_control(evidence, run):
            return [unanswered(self, self.name, TITLE, reason)]
        sides = few_sides_of(evidence, run)
        names = sides.encoder.names
        quasi = [names.index(name) for name in evidence.quasi_identifiers if name in names]
        found = list(guesses(sides, secrets(evidence.schema, names), quasi))
        if not found:
            reason = "no column has cells to guess beside others that are known"
            return [unanswered(self, self.name, TITLE, reason)]
        worst = min(found, key=lambda guess: guess.counts.order)
        counts = worst.counts
        return [
            excess_result(
                self,
                self.name,
                TITLE,
                counts,
                of=len(found),
                n=len(sides.synthetic),
                summary=(
                    f"Knowing {worst.known} of a person, an attacker guesses '{worst.column}' of "
                    f"{counts.rate:.1%} of the training {evidence.unit}s and of "
                    f"{counts.other_rate:.1%} of the {evidence.unit}s that the generator never "
                    "saw; only the difference is a leak."
                ),
                detail={
                    "column": worst.column,
                    "known": worst.known,
                    "guesser": worst.guesser,
                    "guesses": [
                        {
                            "column": guess.column,
                            "known": guess.known,
                            "guesser": guess.guesser,
                            "members_right": guess.counts.rate,
                            "others_right": guess.counts.other_rate,
                            "excess": guess.counts.excess,
                        }
                        for guess in found
                    ],
                },
            )
        ]


def secrets(schema: Schema, columns: list[str]) -> list[int]:
    """Positions, among the encoded columns, of those that an attacker wants to know."""
    named = [*schema.sensitive, *([schema.target] if schema.target else [])]
    wanted = [name for name in named if name in columns] or columns
    return [columns.index(name) for name in dict.fromkeys(wanted)][:MOST_SECRETS]


def guesses(sides: Sides, wanted: list[int], quasi: list[int]) -> Iterator[Guesses]:
    """Every guesser on every secret that some members and others have, by position of its column.

    Args:
        sides: the people.
        wanted: secrets.
        quasi: what an outsider knows; if there is any, there are guessers who know no more.
    """
    (synthetic, real), d = sides.encoded, len(sides.encoder.parts)
    is_member = np.arange(len(real.cells)) < len(sides.members)
    for secret in wanted:
        is_category = isinstance(sides.encoder.parts[secret], CategoryCode)
        truth, cells = synthetic.cells[:, secret], real.cells[:, secret]
        told, asked = ~np.isnan(truth), ~np.isnan(cells)
        members, others = int((asked & is_member).sum()), int((asked & ~is_member).sum())
        if min(int(told.sum()), members, others) < MIN_ROWS:
            continue
        guessers = {"nearest row": _by_nearest, "model": _by_model}
        if is_category and len(np.unique(truth[told])) > MOST_CLASSES:
            del guessers["model"]
        for known, columns in (("all other columns", range(d)), ("quasi-identifiers", quasi)):
            inside = [i for i in columns if i != secret]
            if not inside:
                continue
            question = Question(
                (synthetic.features[told][:, inside], real.features[asked][:, inside]),
                (synthetic.points_in(inside)[told], real.points_in(inside)[asked]),
                truth[told],
                is_category,
            )
            for guesser, guess in guessers.items():
                apart = np.abs(guess(question) - cells[asked])
                right = apart == 0 if is_category else apart <= NEAR
                hits, alarms = right[is_member[asked]], right[~is_member[asked]]
                name = sides.encoder.names[secret]
                counts = Excess(int(hits.sum()), members, int(alarms.sum()), others)
                yield Guesses(name, known, guesser, counts)


@dataclass(frozen=True)
class Question:
    """A secret, and what is known of n synthetic rows that show it and of m people.

    Args:
        features: (n, k) and (m, k) of a tree learner.
        points: (n, c) and (m, c) coordinates.
        truth: (n,) the secret of the synthetic rows.
        is_category: whether it is a category's code, or else a rank.
    """

    features: tuple[np.ndarray, np.ndarray]
    points: tuple[np.ndarray, np.ndarray]
    truth: np.ndarray
    is_category: bool


def _by_model(question: Question) -> np.ndarray:
    """(m,) what a model of the synthetic rows expects."""
    forest = RandomForestClassifier if question.is_category else RandomForestRegressor
    model = forest(TREES, max_features=FEATURES, min_samples_leaf=LEAF, random_state=0)
    return np.asarray(model.fit(question.features[0], question.truth).predict(question.features[1]))


def _by_nearest(question: Question) -> np.ndarray:
    """(m,) the secret of the synthetic row that is nearest in what is known."""
    near = nearest_few(question.points[1], question.points[0], 1)[0][:, 0]
    return np.asarray(question.truth[near])
