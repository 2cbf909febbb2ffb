"""Who was in the training data? A suite of attacks, and the strongest of them.

An attacker holds the synthetic rows, a sample of other people of the same kind, and one person's full
record. Each attack turns these into a score that is higher for people in the training data; the holdout
are people who are not.

    contest = contest_of(evidence, run)         # every attack on the same people, computed once
    strongest(contest, rows, rng)               # the best of them, with what choosing it costs

``ground`` says who attacks whom with what, the files beside it hold an attack or two each, ``attacks``
names them, ``contest`` plays them and ``check`` reports. To add an attack: a function of a ``Ground``, a
line in ``attacks``, a paragraph in the threat model; the contract tests find it.

No attack is best everywhere, so the suite reports the maximum, corrected for having chosen it (Ward et
al. 2025, "Synth-MIA", arXiv:2509.18014; Westfall and Young 1993, resampling of the maximum).
"""
