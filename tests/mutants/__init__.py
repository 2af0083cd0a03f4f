"""Deliberate faults in the code, each of which a named test must catch: ``make mutants``."""
