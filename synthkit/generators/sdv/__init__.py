"""Synthesizers of SDV (the Synthetic Data Vault), for comparison and for those who know them.

``sdv-gaussian-copula`` learns one correlation matrix, in seconds; ``sdv-ctgan`` and ``sdv-tvae`` are
the GAN and the VAE of Xu et al. 2019 ("Modeling tabular data using conditional GAN"). Fitting is
SDV's own, version 2. ``trees`` is usually closer to the data.

Licence: sdv, rdt, ctgan and copulas are under the Business Source License 1.1, which is not an open
one; synthkit does not depend on them. ``pip install 'synthkit[sdv]'`` is the user's choice.

* ``columns`` turns a batch into the table that SDV learns, and back: categories ``c0`` ... and normal
  scores. SDV sees no name, spelling or number of the data.
* ``fitting`` calls SDV: its global random numbers, warnings and prints stay inside.
* ``copula``, ``ctgan``, ``tvae`` take what was learned out of the fitted object as plain arrays, and
  draw from these with NumPy. A stored model therefore needs neither SDV nor torch, and no pickle.
* ``rejection`` draws rows with known categories.
"""
