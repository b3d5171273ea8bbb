"""How large a file may be, unpacked, and how long its decoding may take."""

from dataclasses import dataclass

from thoracle.imaging.faults import CorruptImageError, TooLargeImageError

# Largest sample layout we read: 8 bytes a pixel, four channels of 16 bits, plus headers.
_FILE_BYTES_PER_PIXEL = 8
# A deflated data set holds at most three 8-bit channels, or one of 16 bits, and its header.
_INFLATED_BYTES_PER_PIXEL = 3
_HEADER_BYTES_MAX = 16 * 2**20
NAME_LIMIT = 200
"""Longest name of a file in an archive, in characters; longer ones lose their beginning."""
VOXELS_MAX = 400_000_000
"""Most voxels of a volume: 512 × 512 × 1500, a whole body at 1 mm."""
VOLUME_BYTES_MAX = 768 * 2**20
"""Largest volume's file: 600 slices of 512 × 512 in float32, uncompressed, are 600 MiB."""
# Two hundred films of 5 MB; an archive is unpacked into the folder for temporary files.
_UNPACKED_BYTES_MAX = 2**30
# Films deflate to a half or a tenth; zlib can reach 1 : 1032, which only a bomb needs.
_INFLATION_MAX = 200

# A small film takes well under 0.2 s of CPU; this much keeps a bomb under 2 s in all.
_CPU_BASE_S = 1.2
# JPEG 2000 is the slowest format; this leaves it several times what it needs, as
# tests/integration/test_decode_bombs.py shows with a film of 3000 × 3000 × 16 bits.
_CPU_S_PER_MB = 0.5
# CPU time, unlike the clock, does not run out because other programs are busy. The clock is
# there for a child that neither works nor ends, which decoding in memory gives no reason for.
_WALL_PER_CPU = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeLimits:
    """What one file may declare, checked before any pixel is touched.

    Attributes
    ----------
    pixels_max
        Most pixels (rows × columns) a picture may declare.
    """

    pixels_max: int

    @classmethod
    def from_settings(cls) -> "DecodeLimits":
        """Return the limits of this installation's settings."""
        from thoracle.core.settings import settings

        return cls(pixels_max=settings().decode_pixels_max)

    @property
    def file_bytes_max(self) -> int:
        """Largest file that is looked at, in bytes."""
        return self.pixels_max * _FILE_BYTES_PER_PIXEL + _HEADER_BYTES_MAX

    def inflated_bytes_max(self, deflated_bytes: int) -> int:
        """Return the most bytes that so many bytes of a deflated DICOM data set may unpack to."""
        by_pixels = self.pixels_max * _INFLATED_BYTES_PER_PIXEL
        return min(by_pixels, deflated_bytes * _INFLATION_MAX) + _HEADER_BYTES_MAX

    def unpacked_bytes_max(self, archive_bytes: int) -> int:
        """Return the most bytes that the files of an archive of so many bytes may have together."""
        return min(_UNPACKED_BYTES_MAX, archive_bytes * _INFLATION_MAX)

    def check_volume_size(self, size_bytes: int) -> None:
        """Refuse a file that is larger than a decoder can hold.

        Raises
        ------
        TooLargeImageError
            More than `VOLUME_BYTES_MAX`.
        """
        if size_bytes > VOLUME_BYTES_MAX:
            raise TooLargeImageError(
                f"The file has {size_bytes} bytes – expected at most {VOLUME_BYTES_MAX} for one "
                "volume. Save it as int16 in .nii.gz."
            )

    def check_voxels(self, *, voxels: int, voxel_bytes: int, file_bytes: int) -> None:
        """Refuse a volume's declared size before memory is taken for it.

        Parameters
        ----------
        voxels, voxel_bytes
            How many the header declares, of how many bytes each.
        file_bytes
            Size of the file, which may be compressed.

        Raises
        ------
        TooLargeImageError
            More than `VOXELS_MAX`, or more than the file can honestly unpack to.
        """
        if voxels > VOXELS_MAX:
            raise TooLargeImageError(
                f"The NIfTI file declares {voxels} voxels – expected at most {VOXELS_MAX}. Cut out "
                "the part that matters."
            )
        allowed = file_bytes * _INFLATION_MAX + _HEADER_BYTES_MAX
        if voxels * voxel_bytes > allowed:
            raise TooLargeImageError(
                f"The NIfTI file declares {voxels * voxel_bytes} bytes of voxels – expected at "
                f"most {allowed} from a file of {file_bytes}. Save the volume uncompressed."
            )

    def check_file_size(self, size_bytes: int) -> None:
        """Refuse a file that is larger than any picture within the limits.

        Raises
        ------
        TooLargeImageError
            No picture within the limits needs so many bytes.
        """
        if size_bytes > self.file_bytes_max:
            raise TooLargeImageError(
                f"The file has {size_bytes} bytes – expected at most {self.file_bytes_max} for one "
                "film. Send one film, not an archive."
            )

    def check_pixels(self, *, rows: int, columns: int, format_name: str) -> None:
        """Refuse a declared picture size before memory is taken for it.

        Raises
        ------
        CorruptImageError
            The picture has no rows or no columns.
        TooLargeImageError
            The picture has more than `pixels_max` pixels.
        """
        if rows < 1 or columns < 1:
            raise CorruptImageError(format_name, f"it declares {rows} rows, {columns} columns")
        if rows * columns > self.pixels_max:
            raise TooLargeImageError(
                f"The {format_name} file declares {rows} × {columns} pixels – expected at most "
                f"{self.pixels_max} in all (setting decode_pixels_max). Save the film smaller, or "
                "raise the setting."
            )


def cpu_allowed_s(size_bytes: int, *, cpu_s: float) -> float:
    """Return how much CPU time a child may spend on a file of this size.

    Parameters
    ----------
    size_bytes
        Size of the file. A bomb is small by its nature; a real film pays for its pixels in bytes.
    cpu_s
        The most for any file: the setting decode_cpu_s.

    Returns
    -------
    float
        Seconds: 1.2 and 0.5 for each megabyte, at most `cpu_s`.
    """
    return min(_CPU_BASE_S + _CPU_S_PER_MB * size_bytes / 1e6, cpu_s)


def wall_allowed_s(size_bytes: int, *, cpu_s: float) -> float:
    """Return after how many seconds on the clock a child is ended that has not answered.

    Parameters
    ----------
    size_bytes
        Size of the file.
    cpu_s
        The setting decode_cpu_s.

    Returns
    -------
    float
        Thirty times the CPU time that the file may take.
    """
    return _WALL_PER_CPU * cpu_allowed_s(size_bytes, cpu_s=cpu_s)
