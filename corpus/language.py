"""Tell the language of a text."""

from __future__ import annotations

from functools import cache
from typing import Any

# Below 20 characters py3langid answers by the script alone (DEPENDENCIES: "ignore under 20").
_SHORTEST = 20
_LONGEST = 4000
_CERTAIN = 0.8


def detect(text: str) -> str | None:
    """ISO 639-1 code of the text's language, or None where it is too short or uncertain."""
    sample = " ".join(text[:_LONGEST].split())
    if len(sample) < _SHORTEST or not any(character.isalpha() for character in sample):
        return None
    language, probability = _identifier().classify(sample)
    return str(language) if probability >= _CERTAIN and len(language) == 2 else None


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
