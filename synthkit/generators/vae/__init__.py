"""``vae``: a variational autoencoder with a learned prior, for tables whose latents are of use.

Choose it for the latent space itself: every row has a place there (``encode``), two rows have rows
between them (``interpolate``), and rows that the model cannot rebuild stand out
(``reconstruction_score``). For synthetic rows alone, ``trees`` is closer to the real ones.

An encoder gives each row, or the known part of one, a Gaussian in the latent space; a decoder gives
each cell a softmax over its codes, from the latents and the cells before it. Cells are drawn from
these softmaxes, never their largest taken. Latents for new rows come from a mixture of Gaussians,
trained along with the networks and then refitted to draws from the posteriors of the training rows
by EM; the posteriors themselves are never drawn from, as that would copy rows.

Kingma and Welling 2014 (VAE), Tomczak and Welling 2018 (learned mixture prior), Kingma et al. 2016
(free nats), Burda et al. 2016 (importance weights, here for given cells).
"""
