"""What a load will write, decided from a snapshot of the card. Pure."""
