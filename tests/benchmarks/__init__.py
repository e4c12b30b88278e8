"""How fast the laboratory is, against its targets. Not part of the test suite: times depend on the machine.

python -m tests.benchmarks                     everything, a few minutes
python -m tests.benchmarks --quick             the same on smaller worlds
python -m tests.benchmarks --only twin growth  some of it
python -m tests.benchmarks --json figures.json keep the figures
python -m tests.benchmarks --page docs/performance.md refresh the page that shows them
"""
