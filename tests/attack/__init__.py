"""The attack: what people, machines and strangers may do to the laboratory, done to it on purpose, and counted.

    python -m tests.attack                      # all parts, and docs/trust.md
    python -m tests.attack --only input --n 50000 --seed 7

input: odd files, settings, links and messages for every reader; only an InputError may come of them.
faults: kills, signals, full disks and flipped bits while sweeps are written; nothing may be lost, or be read wrong.
network: what a stranger may send to the dashboard; nothing may be crossed, injected or left hanging.

``corpus/`` keeps what once fell, for every later run. All is bounded in count and time, on this machine only.
"""
