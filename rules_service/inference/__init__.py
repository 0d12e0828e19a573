"""The concluders: durable-rules in its supervised worker, the chainer beside it, the memo and the guard.

``factory.make_concluder`` builds one. This module imports nothing, because the worker process starts here.
"""
