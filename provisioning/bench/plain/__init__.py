"""The measure of the bench: a script that does by boto3 alone the least that the environment takes.

It keeps no journal, asks nothing twice, looks at nothing that it did not wait for, mends nothing and forgets all
when it dies. It takes thing by thing, as a graph of objects has to.
"""
