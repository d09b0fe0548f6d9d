"""What differs by operating system: listing volumes, ejecting, repair commands."""
