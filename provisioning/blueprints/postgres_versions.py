"""Which versions of PostgreSQL can be chosen, until when AWS supports them, and why others cannot."""

from __future__ import annotations

from provisioning.choices import Named, Refused

# The end of standard support with RDS and Aurora (release calendars of both); after it AWS charges for the version.
_ENDS = {
    "14": "14, supported until 28 February 2027",
    "15": "15, supported until 29 February 2028",
    "16": "16, supported until 28 February 2029",
    "17": "17, supported until 28 February 2030",
    "18": "18, supported until 28 February 2031",
}
POSTGRES_VERSIONS = Named(words=_ENDS)
EXTENDED_SUPPORT = Refused(
    words={
        "11": "AWS runs it in extended support only, for 146 USD a month more on two vCPUs. Choose a later one.",
        "12": "AWS runs it in extended support only, for 146 USD a month more on two vCPUs. Choose a later one.",
        "13": "AWS runs it in extended support only, for 146 USD a month more on two vCPUs. Choose a later one.",
    }
)
AURORA_REFUSES = Refused(words={**EXTENDED_SUPPORT.words, "18": "Aurora does not have it yet."})
