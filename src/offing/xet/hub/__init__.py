"""A hub and a content store (CAS) over a folder, which Hugging Face's own clients upload to and read from.

    serving (socket, TLS) ── app ── leaving ── trouble (faults, log) ── routing ── *_routes ── state
    state: people, signing │ repositories ── commits, uploads │ recipes ── xorbs ── xorb_index │ contents
           all of them ── disk

The folder:

    tokens.toml                        users and their tokens
    key                                what tokens and URLs are signed with
    {models,datasets,spaces}/OWNER/NAME/card.json, commits/, uploads
    store/{xorbs,files,contents}/      content by its hash: as uploaded, how to put files together, whole
    incoming/                          what is being uploaded; emptied at each start
"""
