"""What is said of a mistake that nobody has named: `findings.py` asks the other modules, the most telling first."""
