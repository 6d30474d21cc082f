"""Cloud Firestore (Native mode, Standard edition) in memory: a gRPC server and a small door to control it.

Written from the public documentation; each module names the pages whose facts it stands for.
"""
