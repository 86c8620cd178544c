"""The exercises, a file for each topic: statement, reference, cases, hints, and wrong answers with their names."""
