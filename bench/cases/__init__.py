"""The cases of `python -m bench`, each a section of docs/BENCHMARKS.md."""
