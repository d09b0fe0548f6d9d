from pathlib import Path

import pytest
from shared import made_once

from packager.speech import EngineOptions
from packager.speech.kokoro.provider import model_path


@pytest.fixture(scope="session")
def kokoro(tmp_path_factory: pytest.TempPathFactory) -> EngineOptions:
    """Options with the installed model, prepared in a folder of the test run.

    A process loads this model once, whichever tests speak with it.
    """

    def prepare(folder: Path) -> EngineOptions:
        options = EngineOptions(cache_folder=folder)
        model_path(options)
        return options

    return made_once(tmp_path_factory, "model", prepare)


@pytest.fixture(scope="session")
def kokoro_model(kokoro: EngineOptions) -> Path:
    return model_path(kokoro)


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    return tmp_path / "clips"
