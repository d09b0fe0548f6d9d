"""Player numbers as people type them."""

from pathlib import Path

from command_line import Cli


def test_numbers_may_be_separated_by_chinese_signs(cli: Cli, tmp_path: Path) -> None:
    office = tmp_path / "office"
    assert cli("init", office).code == 0
    outcome = cli("--workspace", office, "players", "add", "P001、p002，Ｐ００３", "P004;x")
    assert outcome.code == 3 and "'x'" in outcome.err
    assert all(f"P00{number} added" in outcome.err for number in (1, 2, 3, 4))
