"""What each check asks and what its number means, in plain words, for the report and the summary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from synthkit.report.wording import in_units
from synthkit.results import CheckResult, Report


@dataclass(frozen=True)
class Term:
    """One metric.

    Args:
        title: two or three words.
        question: what it answers, for people who know no statistics.
        meaning: what is computed, and how to read it.
    """

    title: str
    question: str
    meaning: str

    def of(self, unit: str) -> Term:
        """The entry in words for rows or images."""
        words = (in_units(text, unit) for text in (self.title, self.question, self.meaning))
        return replace(self, **dict(zip(("title", "question", "meaning"), words, strict=True)))


TERMS: dict[str, Term] = {
    "c2st": Term(
        "Told apart",
        "Can a model tell synthetic rows from real ones?",
        "Classifier two-sample test: AUC of gradient-boosted trees that separate synthetic rows "
        "from held-out real ones. At 0.5 they can only guess, at 1 they always know.",
    ),
    "shapes": Term(
        "Column shapes",
        "Is every single column distributed as in the real rows?",
        "Mean total variation between real and synthetic columns: the share of rows that would "
        "have to change their value. It says nothing about how columns go together.",
    ),
    "pairs": Term(
        "Pairs of columns",
        "Do columns go together in twos as they really do?",
        "Mean total variation over pairs of columns, numbers in tenths.",
    ),
    "triples": Term(
        "Triples of columns",
        "Do columns go together in threes as they really do?",
        "Mean total variation over triples of columns, numbers in tenths. Sparse cells make even "
        "real rows differ, so read it beside the holdout.",
    ),
    "utility.target": Term(
        "Useful for the target",
        "Does a model trained on synthetic rows predict as well as one trained on real rows?",
        "Trained on synthetic, tested on held-out real rows (AUC, or R² for a number with more than "
        "two values; accuracy for classes of images), beside the same model trained on real rows.",
    ),
    "utility.global": Term(
        "Useful throughout",
        "Can every column be predicted from the others as well as with real rows?",
        "Each column in turn is the target of a model trained on synthetic rows and tested on "
        "held-out real ones; the mean over columns.",
    ),
    "augmentation": Term(
        "Gain by balancing",
        "Does a classifier learn rare classes better with the synthetic rows?",
        "Balanced accuracy (mean over classes of the share recognised) on held-out real rows of a "
        "classifier trained on the real rows with synthetic ones added to the rarer classes, less that "
        "of one trained on the real rows alone. Above 0 the synthetic rows help; compare with what "
        "repeating real rows does.",
    ),
    "exact_copies": Term(
        "Exact copies",
        "Are real people in there, word for word?",
        "Share of synthetic rows that equal a training row in every column, of images in every pixel. "
        "Some coincide by "
        "chance, so the same share for real rows that were held out stands beside it.",
    ),
    "exact_copies.unique": Term(
        "Unique rows handed out",
        "Are rows that only one person has among the synthetic ones?",
        "Share of the training rows that are one of a kind and reappear, less the same share of held-out "
        "rows. 0 is ideal.",
    ),
    "replay.personal": Term(
        "Identifiers handed out",
        "Do names, numbers or texts of single people reappear?",
        "Share of the identifiers and texts that one person alone has and that reappear, less the same "
        "share of people who were held out, in the worst column. 0 is ideal.",
    ),
    "replay.digits": Term(
        "Digits handed out",
        "Do numbers of single people reappear to the last digit?",
        "The same of numbers, dates and durations.",
    ),
    "disclosure": Term(
        "Sightings",
        "Are people from the training data sighted more often than people who were not in it?",
        "A sighting is a combination of at most five cells that one real person alone has and a synthetic "
        "row shows. The share of all sightings that are of training rows: 0.5 if the generator learned "
        "nothing of single people.",
    ),
    "disclosure.combinations": Term(
        "Worst combination",
        "Is there a combination of columns by which people are found?",
        "In the combination where it is largest: the share of people who are alone in it and sighted, "
        "less the same share of people who were held out. The interval pays for the choice.",
    ),
    "dcr_share": Term(
        "Nearer to training rows",
        "Do synthetic rows keep closer to the rows they were learned from than to strangers?",
        "Distance to the closest record: the share of synthetic rows nearer to a training row "
        "than to a held-out one. 0.5 is ideal. A smoke test for copying, not a proof of privacy.",
    ),
    "membership_nearest": Term(
        "Membership",
        "Can one tell who was in the training data?",
        "AUC of guessing that a real row was used for training from its distance to the nearest "
        "synthetic row. 0.5 is ideal. Stronger attacks exist.",
    ),
    "membership": Term(
        "Strongest attack",
        "Can an attacker who knows other people tell who was in the training data?",
        "AUC of the best of several attacks that use the synthetic rows and a sample of other people. "
        "0.5 is guessing; the interval pays for having chosen the best.",
    ),
    "membership.unusual": Term(
        "Unusual people",
        "Can one tell whether an unusual person was in the training data?",
        "The same among the people who are least like others (five percent, or two hundred if that is more), whom averages hide.",
    ),
    "membership.groups": Term(
        "Worst group",
        "Is one group of people told more easily than others?",
        "The same in the group of a sensitive column that is told best.",
    ),
    "membership.epsilon": Term(
        "Proven epsilon",
        "How much privacy loss do the attacks prove?",
        "A lower bound, with 95 % confidence, of the epsilon of differential privacy that hit and false "
        "alarm rates of the attacks rule out. 0 if nothing is proven, which is no guarantee.",
    ),
    "attribute_inference": Term(
        "Guessed cells",
        "Can one guess what is not known of a person from what is?",
        "How much more often a hidden cell is guessed of training rows than of rows that were held out. "
        "What is guessed of both is knowledge of the population, and no leak.",
    ),
    "linkability": Term(
        "Linked files",
        "Do synthetic rows tie two files about the same people together?",
        "How much more often the two halves of a training row have a synthetic row in common than those "
        "of a row that was held out.",
    ),
    "singling_out": Term(
        "Picked out",
        "Do synthetic rows tell how to pick out exactly one person?",
        "How many more conditions, written from one synthetic row, are met by exactly one training row "
        "than by exactly one of as many rows that were held out.",
    ),
    "controls.false_alarms": Term(
        "False alarms",
        "How often does this audit stop a release in which nothing leaks?",
        "Held-out rows in the place of synthetic ones, judged by the same checks and limits. The share of "
        "such releases that are stopped; 0 is ideal.",
    ),
    "controls": Term(
        "Power",
        "Does this audit stop a release in which something leaks?",
        "Training rows, training rows with a little noise, or one in a hundred among held-out rows, judged "
        "by the same checks and limits. The share of such releases that are stopped; 1 is ideal.",
    ),
    "frechet": Term(
        "Distance of features",
        "Are the synthetic images, as a whole, where real images are?",
        "Fréchet distance of the features of synthetic and held-out real images, as in FID but with a "
        "network of this data's own, or that of checks.extractor. 0 is best; two sets of real images stand beside it. Compare it "
        "only with the same data, number of images and network.",
    ),
    "kernel_distance": Term(
        "Kernel distance",
        "Are they where real images are, by a measure that few images do not distort?",
        "Unbiased squared maximum mean discrepancy of features with a cubic kernel, as in KID. 0 on "
        "average for real images, and sometimes below.",
    ),
    "manifold.precision": Term(
        "Look real",
        "Does each synthetic image look like a real one?",
        "Share of synthetic images that are as near to a held-out image as its fifth nearest real "
        "neighbour.",
    ),
    "manifold.recall": Term(
        "Nothing left out",
        "Is each kind of real image among the synthetic ones?",
        "Share of held-out images that are as near to a synthetic image as its fifth nearest synthetic "
        "neighbour. Odd synthetic images raise it; coverage is sturdier.",
    ),
    "manifold.density": Term(
        "Density",
        "Do the synthetic images lie where real images are many?",
        "How many held-out images have a synthetic one among their five nearest, per synthetic image and "
        "over five: about 1 for real images.",
    ),
    "manifold.coverage": Term(
        "Coverage",
        "Has every real image a synthetic one nearby?",
        "Share of held-out images with a synthetic image no further than their fifth nearest real one.",
    ),
    "class_score": Term(
        "Clear classes",
        "Is each image clearly of a class, and is no class preferred?",
        "Inception score with a classifier of this data's own classes: between 1 and the number of "
        "classes. The holdout's is the aim; more is a caricature.",
    ),
    "diversity": Term(
        "Variety",
        "Do images of a class differ as much as real ones do?",
        "How much pixels vary within a class, over the same among training images; the mean over "
        "classes. 1 is as varied as real, less is blurred or repeated, more is noise.",
    ),
    "diversity.modes": Term(
        "Classes that occur",
        "Is any class left out?",
        "Share of classes that a classifier finds among the synthetic images with at least a tenth of "
        "their real share.",
    ),
    "label_match": Term(
        "Labels right",
        "Does each image show what its label says?",
        "Share of synthetic images whose label a classifier of real images confirms, beside the same "
        "for real images that were held out.",
    ),
    "near_copies.pixels": Term(
        "Near copies",
        "Are there training images with a little noise on them?",
        "Share of synthetic images at least three times nearer to one training image than to the second "
        "nearest, beyond the same share of held-out images. 0 is ideal.",
    ),
    "near_copies.features": Term(
        "Near copies, features",
        "Are there training images that were shifted or redrawn a little?",
        "As by pixels, in the features of a network that was trained on the training images, or "
        "those of checks.extractor.",
    ),
    "near_copies.hash": Term(
        "Near copies, hash",
        "Are there training images in another brightness or contrast?",
        "Share of synthetic images with nearly the same difference hash (64 bits, up to 2 differ) as a "
        "training image, beyond the same share of held-out images.",
    ),
    "validity": Term(
        "Valid cells",
        "Could these cells have stood in the original table?",
        "Shares of cells or rows that break a type, a range, a category set, a constraint or a key "
        "of the real table, and how the shares of missing cells differ. 0 is best.",
    ),
    "dependencies": Term(
        "Rules kept",
        "Do rules between columns hold as in the original table?",
        "Sums, orders, equalities and dependencies of columns that hold in the training rows: the "
        "share of synthetic rows that keep all of them. 1 is best, the holdout's share beside it.",
    ),
    "representation": Term(
        "Representation",
        "Is every group as large as it really is?",
        "Largest difference of a sensitive group's share between real and synthetic rows.",
    ),
    "outcome_gap": Term(
        "Outcome gap",
        "Do groups differ in the outcome as much as they really do?",
        "Difference of the target's rate (or mean, in standard deviations) between the two "
        "sensitive groups that lie furthest apart, and how much it changes, whichever way. Faithful "
        "data keeps the real gap, unfair or not; 0 is best. A gap that grows, shrinks, vanishes or "
        "turns round is a change.",
    ),
}


def term(name: str) -> Term | None:
    """The entry of a check by its name or the longest prefix before a dot that has one."""
    while name:
        if name in TERMS:
            return TERMS[name]
        name = name.rpartition(".")[0]
    return None


def title(check: CheckResult) -> str:
    """The check's own headline, or the glossary's, or its name."""
    known = term(check.name)
    return check.title or (known.title if known else check.name)


def short_title(check: CheckResult, unit: str = "row") -> str:
    """The glossary's two or three words, for rows or images, or else ``title``."""
    known = term(check.name)
    return known.of(unit).title if known else title(check)


def used_terms(checks: Iterable[CheckResult], unit: str = "row") -> list[tuple[str, Term]]:
    """The entries that a set of checks needs, each with its name, in glossary order."""
    found = [term(check.name) for check in checks]
    return [(name, entry.of(unit)) for name, entry in TERMS.items() if entry in found]


def headlines(report: Report) -> list[CheckResult]:
    """The up to three numbers that stand for the report: told apart, useful, copied."""
    utility = next(
        (
            n
            for n in ("utility.target", "utility.global")
            if n in report and report[n].value is not None
        ),
        "utility.target" if "utility.target" in report else "utility.global",
    )
    copied = "membership" if "membership" in report else "dcr_share"
    return [report[name] for name in ("c2st", utility, copied) if name in report]
