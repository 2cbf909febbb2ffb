"""Options of ``trees``. The defaults are the setting that ``benchmarks/front.py`` measures."""

from __future__ import annotations

from pydantic import Field

from synthkit.schema import Frozen

NUMERIC, CATEGORICAL, SMALLEST = 2.5, 0.7, 5


class TreesConfig(Frozen):
    """How the forests are grown.

    Larger leaves and more smoothing copy less and blur more; see the front in ``benchmarks/``.

    Args:
        trees: trees of each field's forest. More trees share the same rows more evenly.
        min_leaf: rows in a leaf at least; by the number of rows when left out.
        smoothing: pseudo-rows by which each node's distribution is shrunk towards its parent's;
            when left out, those that predict unseen rows best, for each field (see ``smoothing``).
        score_rounds: boosting rounds of each score; 0 leaves the scores out.
        correction_rounds: boosting rounds of the classifiers by which sampled rows are thinned (see
            ``correction``); 0 leaves all rows that the conditionals make.
        split_rounds: boosting rounds, at most, of each split of an unordered category; 0 leaves them
            to forests, too.
        tree_rows: a tree is grown on at most so many rows, each tree on other ones.
        particles: candidate rows per sampled row where given cells lie after free ones.
    """

    trees: int = Field(default=10, ge=1, le=1000)
    min_leaf: int | None = Field(default=None, ge=1)
    smoothing: float | None = Field(default=None, gt=0.0, le=1e6)
    score_rounds: int = Field(default=10, ge=0, le=10_000)
    split_rounds: int = Field(default=60, ge=0, le=10_000)
    correction_rounds: int = Field(default=100, ge=0, le=10_000)
    tree_rows: int = Field(default=50_000, ge=100)
    particles: int = Field(default=32, ge=2, le=10_000)

    def leaf_rows(self, n: int, unexplained: float, numeric: bool) -> int:
        """Rows in a leaf at least, for a field of n training rows.

        ``min_leaf``, or in proportion to ``sqrt(n)`` and to the share of the field's variance that
        its scores leave ``unexplained`` (squared for a number, of which a small leaf knows the
        place): where there is little to know, small leaves only copy. The factors were chosen on
        halves of the training rows of four tables, not derived.
        """
        factor = NUMERIC * unexplained if numeric else CATEGORICAL
        rows = factor * unexplained * min(n, self.tree_rows) ** 0.5
        return self.min_leaf or max(round(rows), SMALLEST)
