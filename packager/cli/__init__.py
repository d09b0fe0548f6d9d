"""The command line: click commands, one file a command; all printing."""

def main() -> None:
    """Entry point, made real below."""
