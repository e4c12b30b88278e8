"""The model once more, in plain objects: ordinary Mesa agents, loops, dictionaries and lists.

Written from abm/ODD.md alone, to be obviously right rather than fast. It shares no equation, phase, protocol
or kernel with the columnar model, only the random draws (abm.machine.streams), the names (abm.world), the
numbers of the catalogue and the policy rules. Both must agree step by step.
"""
