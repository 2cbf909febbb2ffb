"""``transformer``: predicts any column from any others, and samples one column after the other.

A network learns the distribution of the hidden fields of a row given the visible ones, with masks
drawn anew for every row (Uria, Murray, Larochelle 2014, "A deep and tractable density estimator";
Hoogeboom et al. 2022, "Autoregressive diffusion models"). Any order of the fields is then a way to
sample, and any set of them can be given: conditional sampling and imputation need nothing else.

* ``config``: options. * ``task``: a training step. * ``orders``: sampling and likelihood along
  orders. * ``backend``: the generator.

**Choose it** when cells are to be given in any combination, when training rows must leave as little
trace as possible (it hands out fewer near-copies than ``trees``), or for likelihoods. ``trees`` fits
in a tenth of the time.

NOTE[DIFF]: there is no attention. A sum of vectors of the visible codes and a small network per field
had a lower loss after the same time than attention over the fields: rows have tens of fields, not
thousands, and each place in a row has a meaning of its own. What is said of a field never depends on
the field itself, so that a row teaches all of its fields at once, the visible ones too (see
``nn.conditionals``): the same closeness after half the steps, and a lower loss.
"""
