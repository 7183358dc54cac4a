"""What the engine says to people, for translation. Made by `make messages` out of its source: not by hand."""

from environments.engine_words import (
    blueprints,
    blueprints_parts,
    engine,
    inspect,
    kinds,
    operations,
    prices,
    readiness,
    verbs,
)

ENGINE_WORDS = (
    *blueprints.WORDS,
    *blueprints_parts.WORDS,
    *engine.WORDS,
    *inspect.WORDS,
    *kinds.WORDS,
    *operations.WORDS,
    *prices.WORDS,
    *readiness.WORDS,
    *verbs.WORDS,
)
