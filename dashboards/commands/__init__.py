"""Subcommands of `abm` that show things; found through the entry point `dashboards`."""
