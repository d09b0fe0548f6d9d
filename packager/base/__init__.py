"""What every room uses: errors, messages, file formats, manifest, locks. Imports no other room."""
