"""The command line: one module for each noun; quxiang.py finds them."""
