"""What h(T) keeps and what it forgets: instruments that read a trained run, and the report that shows what they found.

`subject` is a run and the sentences it is examined on; each instrument is a module with one `Analysis`; `statistics`
and `finding` are what they share; `examination` runs them and `report` writes the page. Nothing here changes a run.
"""

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
