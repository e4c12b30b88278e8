"""The subcommands of `abm`, one module each.

A module here is a command: its name is the command's, the first line of its docstring the help,
`register(parser)` adds its arguments and `main(args) -> int` does the work. What is expensive to
import is imported inside `main`, so that `abm --help` stays quick. Other packages bring theirs as a
folder of such modules under an entry point of the group `abm.commands`.
"""
