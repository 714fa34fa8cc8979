"""`./run manual`: performs the procedures of the user manual in a browser and writes docs/manual/ from what it did.

A procedure is a function of a chapter's module: it drives pages through a `Scribe`, which writes the sentence of each
step and takes the figures. A step that cannot be done breaks the run, so that the manual never shows what is not so.
"""
