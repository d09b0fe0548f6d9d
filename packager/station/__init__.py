"""The station: cards are plugged in one after another, and each is served."""
