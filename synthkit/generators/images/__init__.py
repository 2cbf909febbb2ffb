"""Backends for images: a labels' model of the table's kind, and a network that draws images in its light.

A row is an image and what is known of it, its label and attributes. These are learned as a table, by
``trees``; the image given them is learned by the backend. So labels can be given, and balanced, as any
column can. ``Picturing`` is what the backends share; each has a file of its own.
"""
