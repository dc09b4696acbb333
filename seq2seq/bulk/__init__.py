"""Work on a corpus that lies in many files, its shards: translating them, or cleaning pairs of them.

A shard is done by one function, `seq2seq.bulk.worker.do`, that can be called again and again: it writes the outputs of
the shard and then a record of what they were made from, and does nothing where the record still holds. Processes of
this machine or actors of Ray call it; neither the number of workers nor their order changes an output.
"""
