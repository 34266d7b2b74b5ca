"""The door to PyAV: films are marked frame by frame; their sound is copied, not encoded again.

An extra (`video`), and never part of an install that did not ask for it: the wheels of PyAV hold
encoders under the GPL, x264 and x265. One frame is in memory at a time, and a few small greys.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from guardrails.core.errors import MarkError
from guardrails.core.mark import Decision, Detection
from guardrails.marks.pictures.pattern import CANONICAL, Floats
from guardrails.marks.pictures.spread_spectrum import SpreadSpectrum, must_have_room
from guardrails.marks.pictures.video import MOST, Sample, detect_in
from guardrails.models.pixels import Pixels, Residual

_PLANES = "yuv420p"
_PLAIN = frozenset({_PLANES, "yuvj420p"})
_FULL = 2
"""FFmpeg's number for a range of 0 to 255; others are 16 to 235."""
_BLACK, _WHITE = 16, 235
_FINE = "gray16le"
_STEPS, _MIDDLE = 256, 1 << 15
"""Of a grey level, and where none is added."""
_COLOURS = ("color_range", "colorspace", "color_primaries", "color_trc")


def embed(
    source: Path,
    target: Path,
    mark: SpreadSpectrum,
    payload: str | None = None,
    *,
    rate: int | None = None,
) -> int:
    """Mark a film, and give how many frames it has.

    Size, times of frames, codec, sound and titles stay; ``rate`` is that of the picture in bits a
    second, as it was if None. What has more than eight bits a channel gets eight.

    Raises:
        MarkError: it is no film, too small a one, or cannot be encoded as it was.
    """
    part = target.with_name(f".{target.stem}.part{target.suffix}")
    try:
        with _film(source), av.open(source) as film, av.open(part, "w") as copy:
            count = _copied(film, copy, mark, payload, rate)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return count


def detect(source: Path, mark: SpreadSpectrum, *, most: int = MOST) -> Detection:
    """Look for the mark in ``most`` frames, from all over a film."""
    try:
        with _film(source):
            sample = _sampled(source, most, keys=True)
            if len(sample.frames) < most:  # there is one key frame in ten seconds, or fewer
                sample = _sampled(source, most, keys=False)
    except MarkError as error:
        return Detection(Decision.UNDECIDABLE, reason=str(error))
    return detect_in(sample, mark)


def _copied(
    film: InputContainer,
    copy: OutputContainer,
    mark: SpreadSpectrum,
    payload: str | None,
    rate: int | None,
) -> int:
    shown = _shown(film)
    must_have_room(shown.width, shown.height)
    written = _like(film, shown, copy, rate)
    copy.metadata.update(film.metadata)
    sounds = {sound: copy.add_stream_from_template(sound) for sound in film.streams.audio}
    residual, count = mark.residual(payload), 0
    for packet in film.demux(shown, *sounds):
        if isinstance(packet.stream, AudioStream):
            if packet.dts is not None:  # an empty one ends a stream
                packet.stream = sounds[packet.stream]
                copy.mux(packet)
            continue
        for frame in packet.decode():
            if isinstance(frame, VideoFrame):
                copy.mux(written.encode(_marked(frame, residual)))
                count += 1
    copy.mux(written.encode(None))
    return count


def _like(
    film: InputContainer, shown: VideoStream, copy: OutputContainer, rate: int | None
) -> VideoStream:
    """Make a stream for frames as they come."""
    codec: Any = shown.codec_context
    written: VideoStream = copy.add_stream(codec.codec.canonical_name, rate=shown.average_rate)
    ours: Any = written.codec_context
    ours.width, ours.height = shown.width, shown.height
    ours.pix_fmt = codec.pix_fmt if codec.pix_fmt in _PLAIN else _PLANES
    ours.time_base = shown.time_base
    ours.bit_rate = rate or shown.bit_rate or film.bit_rate
    if shown.sample_aspect_ratio:
        ours.sample_aspect_ratio = shown.sample_aspect_ratio
    for name in _COLOURS:
        setattr(ours, name, getattr(codec, name))
    return written


def _marked(frame: VideoFrame, residual: Residual) -> VideoFrame:
    """Change the luma alone: what colours there are stays bit for bit."""
    if frame.rotation:
        raise MarkError("film: players turn it by its metadata, which would be lost, turn it first")
    planes = _planes(frame)
    luma = planes[: frame.height]
    changed = luma + _change(luma, frame, residual)
    planes[: frame.height] = np.rint(changed).clip(0, 255)
    copy = VideoFrame.from_ndarray(planes, format=_PLANES)
    copy.pts, copy.time_base = frame.pts, frame.time_base
    return copy


def _change(luma: Pixels, frame: VideoFrame, residual: Residual) -> Floats:
    """Give what is to be added to the luma: made at the canonical size, and scaled from there."""
    scale = CANONICAL / min(luma.shape)
    small = _scaled(VideoFrame.from_ndarray(luma, format="gray"), scale)
    grey = _stretched(np.asarray(small.to_ndarray(), np.uint8), frame)
    change = residual(np.broadcast_to(grey[:, :, None], (*grey.shape, 3)), grey)
    steps = np.rint(change * _STEPS + _MIDDLE).astype(np.uint16)
    fine = VideoFrame.from_ndarray(steps, format=_FINE)
    whole = fine.reformat(frame.width, frame.height, interpolation="BICUBIC").to_ndarray()
    step = (1.0 if _is_full(frame) else (_WHITE - _BLACK) / 255) / _STEPS
    return (whole.astype(np.float32) - np.float32(_MIDDLE)) * np.float32(step)


def _scaled(grey: VideoFrame, scale: float) -> VideoFrame:
    width, height = (round(side * scale) for side in (grey.width, grey.height))
    return grey.reformat(width, height, interpolation="BICUBIC" if scale > 1 else "AREA")


def _planes(frame: VideoFrame) -> Pixels:
    """Copy a frame out: the decoder still looks at it."""
    if frame.width % 2 or frame.height % 2:
        raise MarkError(f"film: {frame.width} x {frame.height} pixels, both should be even")
    plain = frame if frame.format.name in _PLAIN else frame.reformat(format=_PLANES)
    return np.array(plain.to_ndarray(), np.uint8)


def _stretched(luma: Pixels, frame: VideoFrame) -> Pixels:
    """Give the luma from black at 0 to white at 255."""
    if _is_full(frame):
        return luma
    grey = (luma.astype(np.float32) - _BLACK) * (255 / (_WHITE - _BLACK))
    return np.asarray(np.rint(grey).clip(0, 255), np.uint8)


def _is_full(frame: VideoFrame) -> bool:
    return frame.color_range == _FULL or frame.format.name.startswith("yuvj")


def _sampled(source: Path, most: int, *, keys: bool) -> Sample:
    """Take frames from all over a film; key frames alone are quick to get."""
    with av.open(source) as film:
        shown = _shown(film)
        if keys:
            shown.codec_context.skip_frame = "NONKEY"
        return Sample.of(_greys(film, shown), most)


def _greys(film: InputContainer, shown: VideoStream) -> Iterator[Pixels]:
    for frame in film.decode(shown):
        grey = _stretched(_planes(frame)[: frame.height], frame)
        yield np.repeat(grey[:, :, None], 3, 2)


def _shown(film: InputContainer) -> VideoStream:
    if not film.streams.video:
        raise MarkError("film: there is no picture in it")
    return film.streams.video[0]


@contextmanager
def _film(source: Path) -> Iterator[None]:
    """Whatever FFmpeg says is about the film; its texts name files, so they stay here."""
    try:
        yield
    except FileNotFoundError as error:
        raise MarkError(f"film: '{error.filename or source}' is not there") from None
    except av.error.FFmpegError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise MarkError(f"film: FFmpeg cannot read or write it: {reason}") from None
    except ValueError:  # of PyAV, before FFmpeg is asked
        raise MarkError("film: of a codec that cannot be written, encode it as H.264") from None
