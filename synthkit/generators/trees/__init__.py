"""``trees``, the default backend: columns one after another, each from a forest.

The joint distribution is a product of conditionals, one per field, in an order chosen from the
data (``relations``). An unordered category is drawn by boosted yes-or-no questions (``boosted``).
Every other conditional is a forest whose leaves hold the codes of the rows that fell into them
(``forest``). Two things keep it from handing out those rows:

* boosted *scores* of the field, predicted out of fold from the fields before it, stand beside them
  as features (``scores``). A few splits on a score say what many splits on fields would, so leaves
  can be large and still be sharp;
* a leaf's distribution is shrunk towards its ancestors' (``forest``), its numbers are moved towards
  their neighbours (``blur``), and a code is drawn from it, not a row: the next field starts anew from
  the codes so far, in another random tree.

A field that another one determines exactly is looked up instead, and two categories that never stand
in one training row do not in a sampled one (``restricted``). The conditionals are kept coarse,
and what they get wrong together is mended by thinning the rows that they make (``correction``).
Sampling with given cells and imputation use weighted particles (``particles``); the likelihood of a
row is the product of the conditionals (``chain``) times its chance to be kept.

NOTE[DIFF]: in the line of synthpop (Nowok, Raab, Dibben 2016) and of adversarial random forests
(Watson et al. 2023): boosted scores, shrinkage along the path, and the order of columns and
categories are ours. Hierarchical shrinkage of trees: Agarwal et al. 2022, here of distributions.
"""
