# SPDX-License-Identifier: BSD-3-Clause
"""ONNX Runtime on the CPU, of rows as networks_peer.py has them."""
from peer import THREADS, NoCounterpart, missing, serve

try:
    import onnxruntime
except ImportError as error:
    missing(error)


def implement(operation, parameters, images):
    if operation != "network":
        raise NoCounterpart
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(
        parameters["model"], options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda: session.run(None, {name: images[0]})[0]


serve("ONNX Runtime", f"ONNX Runtime {onnxruntime.__version__} on the CPU", implement)
