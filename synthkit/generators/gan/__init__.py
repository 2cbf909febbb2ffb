"""``gan``: a conditional GAN over codes, whose rows are thinned where classifiers tell them apart.

To choose where a generator that is trained against a critic is asked for, or for comparison with the
GANs of other tools: on the tables measured so far ``trees`` is closer to the data.

A generator makes the codes of all fields at once from noise and a *condition*, one code of one field
(``nn.gan``); numbers are bins. The critic sees a row, its condition and the mean of a group of rows,
and is trained by the relativistic pairing loss with penalties on both sides (``task``). Training is
judged by tables of two fields of rows that no step saw (``tables``), stops with a clear error if the
generator makes ever the same rows (``monitor``), and gives the averaged weights of its best round.
Afterwards boosted classifiers learn what the generator still gets wrong, and rows are kept by their
odds (``generators.correction``), which is cheap, as a row takes one pass through a small network.

Given cells are approximate: see ``backend``.

    Xu, Skoularidou, Cuesta-Infante, Veeramachaneni 2019, "Modeling tabular data using conditional
    GAN" (CTGAN). Huang, Gokaslan, Kuleshov, Tompkin 2024, "The GAN is dead; long live the GAN!".
    Azadi, Olsson, Darrell, Goodfellow, Odena 2019, "Discriminator rejection sampling".
"""
