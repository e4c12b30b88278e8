"""Subcommands of `abm` that ask something of the model (see abm.commands)."""
