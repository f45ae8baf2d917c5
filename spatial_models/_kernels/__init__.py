"""Compiled inner loops: permutations and scans, where numpy would be too slow or too large.

Imported when first needed. Each kernel works on plain arrays and releases the interpreter
lock, so that threads run it side by side; what it returns depends on its arguments alone.
"""
