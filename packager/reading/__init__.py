"""A file in texts/ becomes a Book."""
