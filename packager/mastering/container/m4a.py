"""M4A: AAC in MPEG-4, encoded by ffmpeg, with the metadata atoms that iTunes introduced."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from packager.arranging.profiles.profile import AudioFormat, TagFormat
from packager.mastering.container import LANGUAGE, SampleReader, StreamInfo, TrackTags, decoded_by_libsndfile
from packager.mastering.ffmpeg import FfmpegError, file_argument, run_ffmpeg

_MOST_BITS_A_SAMPLE = 6  # ISO/IEC 14496-3: 6144 bits for a frame of 1024 samples of one channel


class _M4a:
    def encoder_arguments(self, audio: AudioFormat) -> list[str]:
        """AAC-LC, mono, at the bit rate of the profile or the most that AAC has at this sample rate.

        The index comes before the sound, so that a player finds it without reading the whole file.
        """
        bit_rate = min(audio.bit_rate * 1000, _MOST_BITS_A_SAMPLE * audio.sample_rate)
        return [
            *("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"),
            *("-c:a", "aac", "-b:a", str(bit_rate), "-ar", str(audio.sample_rate), "-ac", "1", "-threads", "1"),
            *("-metadata:s:a:0", f"language={LANGUAGE}", "-movflags", "+faststart", "-f", "ipod"),
        ]

    def write_tags(self, path: Path, tags: TrackTags, tag_format: TagFormat) -> None:
        """Title, album, artist and track number; the language is the stream's."""
        from mutagen.mp4 import MP4

        file = MP4(path)
        file["\xa9nam"] = [tags.title]
        file["\xa9alb"] = [tags.album]
        if tags.artist:
            file["\xa9ART"] = [tags.artist]
        file["trkn"] = [(tags.place, tags.places)]
        file.save(padding=lambda info: 0)

    def stream_info(self, path: Path) -> StreamInfo:
        from mutagen import MutagenError
        from mutagen.mp4 import MP4

        try:
            info = MP4(path).info
        except MutagenError as error:
            raise ValueError(str(error)) from error
        return StreamInfo(info.length, info.sample_rate, info.channels)

    @contextmanager
    def decoded(self, path: Path) -> Iterator[SampleReader]:
        """Decoded by ffmpeg to a temporary file, since libsndfile does not read AAC."""
        with TemporaryDirectory(prefix="packager-") as folder:
            wav = Path(folder) / "decoded.wav"
            try:
                run_ffmpeg(["-i", file_argument(path), "-c:a", "pcm_f32le", "-rf64", "auto", "-f", "wav", str(wav)])
            except FfmpegError as error:
                raise ValueError(error.reason) from error
            with decoded_by_libsndfile(wav) as samples:
                yield samples


CONTAINER = _M4a()
