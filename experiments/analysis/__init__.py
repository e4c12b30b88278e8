"""What is made of runs: one module a method, each a plain function that gives a frozen result.

A result has ``tables`` (DataFrames by name), ``figures()`` (matplotlib, by name), ``answer()`` (a few
sentences that a teacher can read) and ``caveats`` (what a reader must know). A method takes a table of
runs (one row a run: the columns of ``Study.runs()``), or, where it chooses its own points, a
simulator: any callable from points (one row a point, one column a varied key) to such a table.
"""
