"""Measure the speech rate of each offline voice, and print the paces that it can have.

    python benchmarks/calibration.py                      all offline voices, two minutes a voice on two cores
    python benchmarks/calibration.py --clips DIR --write  keep the clips in DIR, and write the result

--write puts the measurements into packager/speech/kokoro/voices.json. In a workspace,
`packager voices calibrate VOICE` makes the same measurement.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict
from pathlib import Path

from voices import update_voices

from packager.mastering import PACES
from packager.mastering.calibration import Calibration, calibrate
from packager.speech import ClipCache, SpeechPool
from packager.speech.kokoro.provider import PROVIDER


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, help="keep clips here, to continue after an interruption")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    found: dict[str, Calibration] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        SpeechPool(ClipCache(options.clips or Path(folder)), jobs=options.jobs) as pool,
    ):
        for info in PROVIDER.voices():
            found[str(info.voice)] = one = calibrate(info.voice, pool)
            stretches = ", ".join(
                f"{pace}: {one.stretch(pace):.2f}" if one.reaches(pace) else f"{pace}: out of reach" for pace in PACES
            )
            print(
                f"{info.voice!s:<22} {one.rate:5.0f} characters a minute of speech, can have {one.slowest} "
                f"to {one.fastest}; stretch at {stretches}",
                flush=True,
            )
    if options.write:
        update_voices(
            {
                name: {"calibration": {key: value for key, value in asdict(each).items() if key != "bounds"}}
                for name, each in found.items()
            }
        )


if __name__ == "__main__":
    main()
