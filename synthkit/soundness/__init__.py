"""Whether what a user declares can hold, as far as it can be told without looking at rows.

Recipes are judged before any data is read, and schemas made in Python by the same words:

* ``unknown_columns``: names that the table does not have, with the nearest ones;
* ``misfits``: constraints on columns of kinds that they cannot have;
* ``exclusions``: ranges and orders that leave a column no value;
* ``flaws``: all that is wrong with constraints, each alone and beside each other.
"""
