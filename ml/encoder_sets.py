"""Several encoders side by side: each language is read by some of them, each pair of languages compared by one."""

from collections.abc import Sequence
from dataclasses import dataclass

from ml.encoders import Encoder
from ml.words import primary


@dataclass(frozen=True)
class EncoderSet:
    """In the order of preference: two texts are compared by the first that reads the languages of both.

    Vectors of two encoders are never compared.
    """

    encoders: Sequence[Encoder]

    @property
    def name(self) -> str:
        """Equal names mean equal vectors of all texts."""
        return "+".join(encoder.name for encoder in self.encoders)

    def reading(self, language: str) -> list[Encoder]:
        """Those that know the language, the preferred first."""
        return [encoder for encoder in self.encoders if reads(encoder, language)]


def reads(encoder: Encoder, language: str) -> bool:
    return encoder.languages is None or primary(language) in encoder.languages
