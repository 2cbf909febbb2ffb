"""The report: evidence drawn for people.

``profile`` describes columns and pairs as plain data, ``html`` draws a ``Report`` as one page,
``summary`` says it in a few lines of text.
"""
