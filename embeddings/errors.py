"""What can go wrong with models and vectors.

EmbeddingError
├── ModelNotAvailableError   the weights are not on disk and cannot be fetched
├── ModelDamagedError        files of a prepared model are missing or have another checksum
└── VectorCacheError         the cache of vectors cannot be read or written
"""


class EmbeddingError(Exception):
    """Base of everything this package raises; its message says what happened and the cure."""


class ModelNotAvailableError(EmbeddingError):
    """The weights are not on disk and cannot be fetched."""


class ModelDamagedError(EmbeddingError):
    """Files of a prepared model are missing or have another checksum."""


class VectorCacheError(EmbeddingError):
    """The cache of vectors cannot be read or written."""
