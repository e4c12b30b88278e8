"""What one operates a run with: header, transport bar, levers, scenario chooser, event log, links, files in and out.

Each part of a page is a small Vue template with its Python face in parts.py. They hold no state of the run.
"""
