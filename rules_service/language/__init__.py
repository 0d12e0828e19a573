"""The expression language: grammar, checker, generated Python, formatting, sentences and templates."""
