"""MP3: LAME's encoder, ID3v2.3 tags with Chinese text, and GBK ID3v1 for players that know nothing else."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from packager.arranging.profiles.profile import AudioFormat, TagFormat
from packager.mastering.container import LANGUAGE, SampleReader, StreamInfo, TrackTags, decoded_by_libsndfile

_LATIN1 = 0  # ID3v2.3 asks for ISO-8859-1 in numeric strings and codes
_UTF16 = 1  # with byte order mark
_ID3V1_FIELD = 30  # bytes
_ID3V1_NO_GENRE = 255
_INFO_FRAME_BYTES = 177  # side information and LAME header of the frame that tells the length


class _Mp3:
    def encoder_arguments(self, audio: AudioFormat) -> list[str]:
        """Constant bit rate, mono, and nothing in the bytes but the sound.

        The Info frame tells players the exact length. Where a frame of this bit rate is too short for it, ffmpeg
        would make that frame longer and the bit rate variable. Then it is left out, and players compute the
        length from the size.
        """
        samples_per_frame = 1152 if audio.sample_rate >= 32_000 else 576
        frame_bytes = samples_per_frame // 8 * audio.bit_rate * 1000 // audio.sample_rate
        has_info_frame = frame_bytes >= _INFO_FRAME_BYTES
        return [
            *("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"),
            *("-c:a", "libmp3lame", "-b:a", f"{audio.bit_rate}k"),
            *("-ar", str(audio.sample_rate), "-ac", "1", "-threads", "1"),
            *("-id3v2_version", "0", "-write_xing", str(int(has_info_frame)), "-f", "mp3"),
        ]

    def write_tags(self, path: Path, tags: TrackTags, tag_format: TagFormat) -> None:
        """ID3v2.3 in UTF-16, and ID3v1 where the profile wants it."""
        from mutagen.id3 import ID3, TALB, TIT2, TLAN, TPE1, TRCK

        id3 = ID3()
        id3.add(TIT2(encoding=_UTF16, text=[tags.title]))
        id3.add(TALB(encoding=_UTF16, text=[tags.album]))
        if tags.artist:
            id3.add(TPE1(encoding=_UTF16, text=[tags.artist]))
        id3.add(TRCK(encoding=_LATIN1, text=[f"{tags.place}/{tags.places}"]))
        id3.add(TLAN(encoding=_LATIN1, text=[LANGUAGE]))
        id3.save(path, v1=0, v2_version=3, padding=lambda info: 0)
        if tag_format.id3v1_gbk:
            with path.open("ab") as stream:
                stream.write(id3v1_gbk(tags))

    def stream_info(self, path: Path) -> StreamInfo:
        from mutagen import MutagenError
        from mutagen.mp3 import MP3

        try:
            info = MP3(path).info
        except MutagenError as error:
            raise ValueError(str(error)) from error
        return StreamInfo(info.length, info.sample_rate, info.channels)

    def decoded(self, path: Path) -> AbstractContextManager[SampleReader]:
        """Decoded by another library than ffmpeg, which made the file."""
        return decoded_by_libsndfile(path)


CONTAINER = _Mp3()


def id3v1_gbk(tags: TrackTags) -> bytes:
    """The 128 bytes of an ID3v1.1 tag with its text in GBK, as players made for China read it."""
    comment = bytes(28)
    return b"".join(
        (
            b"TAG",
            _field(tags.title),
            _field(tags.artist),
            _field(tags.album),
            bytes(4),  # no year: nothing in a track depends on the day it was made
            comment,
            bytes((0, tags.place if tags.place <= 255 else 0, _ID3V1_NO_GENRE)),
        )
    )


def _field(text: str) -> bytes:
    """`text` in GBK, cut at a whole character and filled up with zeros."""
    data = b""
    for character in text:
        encoded = character.encode("gbk", errors="replace")
        if len(data) + len(encoded) > _ID3V1_FIELD:
            break
        data += encoded
    return data.ljust(_ID3V1_FIELD, b"\0")
