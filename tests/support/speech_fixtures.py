from pathlib import Path

import pytest

from packager.speech import EngineSource, kokoro_source


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> EngineSource:
    """The installed model, joined into a folder of the test run."""
    return kokoro_source(None, tmp_path_factory.mktemp("model"))


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    return tmp_path / "clips"
