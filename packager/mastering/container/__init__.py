"""Audio containers: encoding and tags."""
