"""What one hub is told: where it keeps its files, how long what it signs is good, what it takes at most."""

from __future__ import annotations

from pathlib import Path

import msgspec

MIB = 1 << 20


class HubSettings(msgspec.Struct, kw_only=True):
    """Settings of a hub; sizes in bytes, times in seconds. What is changed holds from the next request on."""

    folder: Path
    """Where everything is kept."""
    public_url: str = ""
    """What the URLs in answers start with; empty takes the request's own Host."""
    token_seconds: float = 3600
    """How long a token for the content store is good."""
    url_seconds: float = 3600
    """How long a signed URL is good."""
    second_version: bool = True
    """Whether reconstructions are answered in version 2; 404 sends clients to version 1."""
    ranges_together: int = 64
    """Ranges of a xorb that one signed URL may stand for, to be asked for as multiple ranges (version 2)."""
    redirects_to: str = ""
    """Another origin of this hub, where resolve sends clients for large files; empty answers itself."""
    largest_xorb: int = 66 * MIB
    """A xorb is at most 64 MiB; what stands after its chunks is the difference."""
    largest_shard: int = 256 * MIB
    largest_commit: int = 256 * MIB
    """A commit's own body, which holds small files."""
    largest_question: int = MIB
    """Every other body."""
    largest_file: int = 1 << 40
    """A file that is uploaded whole."""
    content_checked_up_to: int = 8 << 30
    """The sha256 that an uploader names is compared with the content, up to so much of one shard."""
