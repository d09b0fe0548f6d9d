"""Commands for built releases."""
