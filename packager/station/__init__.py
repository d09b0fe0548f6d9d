"""The station: load one card after another through several readers, without typing a command for each."""
