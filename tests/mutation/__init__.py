"""Mutants: does a test notice when one line of the model's decisions is changed?

    python -m tests.mutation [--n 100] [--seed COMMIT] [--processes 2] [--only WORD]

One-line mutants of negotiation, diagnosis, search, delivery, surplus, the policy phase and the policy rules are chosen
by chance, the seed being the commit's hash. A mutant is dead when a world of the golden file, played in plain Python,
comes out otherwise than before (or raises), or else when a test of its part fails. What survives is printed as a diff.
"""
