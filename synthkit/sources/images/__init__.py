"""Images as a source: every image is a cell, beside it the columns that are known of it.

    spec = SourceSpec(kind="images", path="photos", size=64)
    raw = read_table(spec, base, rng)
    raw.frame["image"].iloc[0]     # uint8, (64, 64, 3)

A source of images is a folder (``folder``), an idx file (``idx``) or a ``.npz`` file (``npz``). Each
becomes an ``Album`` of images that are not decoded yet; ``source`` draws the rows, ``load`` brings
the drawn ones to one shape. What had to be changed or left out is counted in ``Origin.notices``.
"""
