"""An audio container that a test adds with this one file: 16-bit PCM in WAV."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from packager.arranging.profiles.profile import AudioFormat, TagFormat
from packager.mastering.container import SampleReader, StreamInfo, TrackTags, decoded_by_libsndfile


class _Wav:
    def encoder_arguments(self, audio: AudioFormat) -> list[str]:
        return [*("-map_metadata", "-1", "-fflags", "+bitexact", "-ar", str(audio.sample_rate)), "-f", "wav"]

    def write_tags(self, path: Path, tags: TrackTags, tag_format: TagFormat) -> None:
        with path.open("ab") as stream:
            stream.write(tags.title.encode())

    def stream_info(self, path: Path) -> StreamInfo:
        with decoded_by_libsndfile(path) as samples:
            count = 0
            while len(block := samples.read(10_000)):
                count += len(block)
            return StreamInfo(count / samples.sample_rate, samples.sample_rate, samples.channels)

    def decoded(self, path: Path) -> AbstractContextManager[SampleReader]:
        return decoded_by_libsndfile(path)


CONTAINER = _Wav()
