"""Commands for voices and synthesized speech."""
