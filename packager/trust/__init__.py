"""Trust: keys, signatures in minisign's format, and the chain of trust files that says which key may do what."""
