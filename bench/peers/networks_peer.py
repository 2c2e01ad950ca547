# SPDX-License-Identifier: BSD-3-Clause
"""PyTorch, with the networks of scripts/networks: on its GPU, or on the CPU where it has none.

    networks_peer.py [half]        floats of 16 bits where the GPU gains by them

The row of a network is "row network model=NAME.onnx f32:SHAPE:PATH": a file that
scripts/networks/export.py wrote, and the input with its shape, x first. PyTorch knows a network by
name.
"""
import pathlib
import sys

from peer import THREADS, NoCounterpart, missing, serve

try:
    import torch
except ImportError as error:
    missing(error)

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts" / "networks"))
import weights  # noqa: E402
import zoo  # noqa: E402

ON_GPU = torch.cuda.is_available()
WHERE = torch.device("cuda" if ON_GPU else "cpu")
HALF = sys.argv[1:] == ["half"]


def implement(operation, parameters, images):
    if operation != "network":
        raise NoCounterpart
    network = zoo.find(pathlib.Path(parameters["model"]).stem, tuple(images[0].shape))
    net = weights.ready(network).to(WHERE)

    def work():
        with torch.inference_mode(), torch.autocast(WHERE.type, torch.float16, enabled=HALF):
            return net(images[0])
    return work


torch.set_num_threads(THREADS)
torch.backends.cudnn.benchmark = True
torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = HALF
if ON_GPU:
    name = f"PyTorch {torch.__version__} on {torch.cuda.get_device_name()}"
    serve("PyTorch", name + (" in half" if HALF else ""), implement,
          lambda a: torch.from_numpy(a).to(WHERE), lambda a: a.float().cpu().numpy(),
          torch.cuda.synchronize)
elif HALF:
    missing("a GPU is missing")
else:
    serve("PyTorch", f"PyTorch {torch.__version__} on the CPU",
          lambda *row: implement(*row[:2], [torch.from_numpy(a) for a in row[2]]),
          pull=lambda a: a.numpy())
