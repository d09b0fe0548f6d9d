"""What the lexicon says reaches the tracks: exactly those that hold the word."""

from pathlib import Path

from tones import Office, open_office

from packager.textnorm import load_lexicon


def _build(office: Office, lexicon: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What was spoken and which tracks were made with this lexicon.yaml."""
    path = office.root / "lexicon.yaml"
    path.write_text(lexicon, "utf-8")
    built = office.build(lexicon=load_lexicon(path))
    return built.spoken, built.made


def test_an_entry_has_the_chunks_of_its_word_spoken_anew_and_nothing_else(tmp_path: Path) -> None:
    office = open_office(tmp_path / "office")
    everything, _made = _build(office, "{}")
    assert len(everything) > 4
    spoken, made = _build(office, "words: {敲门: qiao1 men5}")
    assert sorted(spoken) == sorted(text for text in everything if "敲门" in text)
    assert made == ("01/001.mp3", "02/011.mp3") or made == ("02/011.mp3",)
    assert _build(office, "words: {敲门: qiao1 men5}") == ((), ())
    spoken, _made = _build(office, "words: {敲门: qiao1 men2}")
    assert spoken and all("敲门" in text for text in spoken)
    assert _build(office, "{}") == ((), ())  # the clips and tracks of the first build are still there


def test_a_spoken_form_by_book_is_said_in_that_book_alone(tmp_path: Path) -> None:
    office = open_office(tmp_path / "office")
    _build(office, "{}")
    spoken, made = _build(office, "books: {读本: {开门: 打开门}}")
    assert [text for text in spoken if "不打开门" in text] and made == ("02/012.mp3",)
    assert _build(office, "books: {别的书: {开门: 打开门}}") == ((), ())
