"""What one operates a run with: header, transport bar, levers, scenario chooser, event log.

Each is a small Vue template with its Python face in parts.py. They hold no state of the run.
"""
