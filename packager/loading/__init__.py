"""A Release goes onto a Card: recognise, plan, apply, verify, audit of one card."""
