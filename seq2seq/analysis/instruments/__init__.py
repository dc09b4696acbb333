"""What a user can name: each instrument is a module of that name here, with one `Analysis` called ANALYSIS."""

NAMES = (  # in the order of the report
    "usage",
    "lengths",
    "positions",
    "probes",
    "gradients",
    "exposure",
    "round_trip",
    "space",
    "counting",
    "capacity",
)
