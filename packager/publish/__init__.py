"""Publishing: a finished release becomes what people open on telephones, in podcast apps and as books.

    release + track records + tags (source) -> Publication: books, chapters, passages, sentences with times
    Publication + options -> one writer for each channel (formats) -> OutputFiles
    OutputFiles -> temporary folder -> record with hashes -> verified -> renamed into place (folder)

Nothing is spoken again: audio files are copied and checked, or transcoded.
"""
