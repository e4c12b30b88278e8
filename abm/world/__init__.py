"""What exists: state, vocabulary, parameters, levers, and the equations that several phases share."""
