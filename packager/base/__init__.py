"""Base: errors, messages, file formats, manifest, locks and stores for all rooms. Imports no other room."""
