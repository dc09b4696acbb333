"""What h(T) keeps and what it forgets: instruments that read a trained run, and the report that shows what they found.

`subject` is a run and the sentences it is examined on; `instruments` has a module for each instrument, and their list;
what they share lies beside: `section` (what an instrument gives), `drawing` (its pictures), `statistics` and others.
`examination` runs the instruments and `report` writes the page. Nothing here changes a run.
"""

MOST_SENTENCES = 1000  # to look at, of a larger test set
QUICK_SENTENCES = 200  # of a quick look
