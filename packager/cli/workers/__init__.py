"""Commands about workers on other computers."""
