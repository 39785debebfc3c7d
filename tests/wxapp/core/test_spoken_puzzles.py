"""A puzzle is spoken in Mandarin: every digit it can have, by more than one voice."""

import wave
from io import BytesIO

from registry.accounts import puzzles
from wxapp.core import puzzle_pictures

LONGEST_DIGIT = 1.0
"""Seconds."""


def test_every_digit_a_puzzle_can_have_is_spoken_by_three_voices() -> None:
    spoken = {
        folder.name: sorted(each.name for each in folder.iterdir())
        for folder in puzzle_pictures.VOICES.iterdir()
        if folder.is_dir()
    }
    assert spoken == {digit: ["high.wav", "low.wav", "mid.wav"] for digit in puzzles.DIGITS}


def test_the_recordings_are_what_the_library_mixes() -> None:
    for path in puzzle_pictures.VOICES.rglob("*.wav"):
        with wave.open(str(path)) as sound:
            assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (
                1,
                1,
                8000,
            )
            assert 0.2 < sound.getnframes() / sound.getframerate() < LONGEST_DIGIT


def test_two_digits_sound_like_none_of_the_others() -> None:
    """No recording was copied to the folder of another digit."""
    contents = [path.read_bytes() for path in puzzle_pictures.VOICES.rglob("*.wav")]
    assert len(set(contents)) == len(contents)


def test_five_digits_take_some_fifteen_seconds() -> None:
    with wave.open(BytesIO(puzzle_pictures.spoken("23457"))) as sound:
        assert 8 < sound.getnframes() / sound.getframerate() < 25
