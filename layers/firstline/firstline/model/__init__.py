"""Values of Firstline: frozen, without I/O, without a clock. A state changes by a named transition."""
