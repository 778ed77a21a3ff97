"""The year in sentences: each a value of words and numbers, each number with the figure that defines it."""

from stats.sentences.aloud import cell_aloud, key_figure_aloud, share_aloud
from stats.sentences.parts import LinkedNumber, Sentence
from stats.sentences.year import Section, year_in_sentences

__all__ = [
    "LinkedNumber",
    "Section",
    "Sentence",
    "cell_aloud",
    "key_figure_aloud",
    "share_aloud",
    "year_in_sentences",
]
