"""The probe card: test tracks on a card that tell which profile an unknown player needs."""
