"""`packager profiles` and `profiles show`."""

from __future__ import annotations

import json

from packager.arranging.profiles.catalog import load_profile, profile_names


def test_the_profiles_are_listed_with_a_path_and_their_limits(cli, office) -> None:
    out = cli("profiles").require().out
    for name, path in (
        ("folders", "02/011.mp3"),
        ("keypad", "011.mp3"),
        ("dfplayer", "02/001.mp3"),
        ("dfplayer-mp3", "mp3/0011.mp3"),
        ("weekly", "02/011.mp3"),
    ):
        line = next(line for line in out.splitlines() if line.split()[0] == name)
        assert line.split()[1] == path
    values = json.loads(cli("profiles", "--json").require().out)
    assert [value["name"] for value in values] == list(profile_names(None))


def test_show_prints_a_valid_profile_file(cli, office) -> None:
    for name in profile_names(None):
        shown = cli("profiles", "show", name).require()
        folder = office / "profiles"
        folder.mkdir(exist_ok=True)
        (folder / f"own-{name}.yaml").write_text(shown.out, "utf-8")
        own = load_profile(f"own-{name}", folder)
        assert (own.limits, own.layout) == (load_profile(name, None).limits, load_profile(name, None).layout)
        assert own.title in shown.err
        assert own.firmware == load_profile(name, None).firmware
        assert all(f"Chip family {firmware}: " in shown.err for firmware in own.firmware)
    guess = cli("profiles", "show", "folders").require().err
    assert "JieLi (杰理) AC69, AC79, AD16; how it walks a card is in part a guess" in guess
    values = json.loads(cli("profiles", "show", "own-dfplayer", "--json").require().out)
    assert (values["numbering"], values["limits"]["folders"]) == ("folder", 99)


def test_unknown_and_invalid_profiles_are_explained(cli, office) -> None:
    assert "did you mean 'keypad'" in cli("profiles", "show", "keypat").require(3).err
    (office / "profiles").mkdir()
    (office / "profiles" / "own.yaml").write_text("title: x\nlayot: flat\n", "utf-8")
    told = cli("profiles").require(3).err
    assert "line 2: unknown key 'layot' - did you mean 'layout'?" in told
    assert "'file_digits' is missing" in told
