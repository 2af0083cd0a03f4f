"""What Firstline does, one operation a file, each a paragraph: read, decide, commit, emit. Imports nothing by itself,
so that receive stays lean."""
