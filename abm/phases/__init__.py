"""The nine phases of a step, one file each; ``simulation.SCHEDULE`` has their order."""
