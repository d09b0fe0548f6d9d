"""Commands that turn books into releases."""
