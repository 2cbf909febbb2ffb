"""``diffusion``: rows are drawn out of noise, numbers step by step, and then corrected in rounds.

Noise hides a category wholly (an absorbing state) and a number by degrees: its normal score is seen
through Gaussian noise, beside states of their own for repeated values and missing cells. A network
predicts every field from what is seen of the others, for any mixture of clear, noisy and hidden
fields (see ``nn.noisy``). Sampling lets the fields appear one after the other in random order, each
number through a few levels of less and less noise while the next fields begin; after that, rounds
of a corrector hide some cells of each row again and draw them anew in the light of all others.

* ``config``: options. * ``places``: where codes lie. * ``task``: a training step. * ``denoising``:
sampling. * ``backend``: the generator.

**Choose it** when given cells should count for more than they do in the data (``guidance``), or to
have rows corrected where one pass over the fields leaves errors. ``transformer`` is as close, draws
six times as fast and knows its likelihood; ``trees`` fits in a tenth of the time.

    Song et al. 2021, "Score-based generative modeling through stochastic differential equations"
    (predictor and corrector); Wang et al. 2025, "Remasking discrete diffusion models with
    inference-time scaling" (the corrector of hidden cells); Ho and Salimans 2022, "Classifier-free
    diffusion guidance"; Shi et al. 2025, "TabDiff" (Gaussian noise and masks side by side).

NOTE[DIFF]: fields have times of their own rather than one for the row. That all appear at once costs
.03 (three at a time) to .08 (all) of C2ST AUC on Adult, whatever the number of steps.
"""
