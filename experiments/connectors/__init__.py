"""The model for tools that others wrote: one file a tool, each imported only where it is used."""
