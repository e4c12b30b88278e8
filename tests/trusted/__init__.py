"""How often each sentence of the methods is false, how often it sees what is there, how often its intervals hold it."""
