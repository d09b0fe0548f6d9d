"""Messages in the language of the user: gettext, catalogs, messages of click, YAML and the system."""
