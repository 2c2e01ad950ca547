# SPDX-License-Identifier: BSD-3-Clause
"""PyTorch: on its GPU, or on the CPU where it has none. Only floats: torch filters nothing else."""
from peer import THREADS, NoCounterpart, box, missing, radii, serve

try:
    import torch
    from torch.nn import functional
except ImportError as error:
    missing(error)

ON_GPU = torch.cuda.is_available()
WHERE = torch.device("cuda" if ON_GPU else "cpu")


def padded(image, reach):
    """A batch of one image with one channel, and its edges repeated."""
    batch = image[None, None]
    amounts = [n for r in reversed(reach) for n in (r, r)]
    return functional.pad(batch, amounts, mode="replicate")


def along(axis, weights, dimensions):
    return weights.reshape([1, 1] + [len(weights) if i == axis else 1 for i in range(dimensions)])


def gaussian_blur(p, image):
    reach = [int(4 * sigma + 0.5) for sigma in radii(p, image, "sigma")]
    convolve = functional.conv2d if image.ndim == 2 else functional.conv3d
    kernels = []
    for axis, (sigma, r) in enumerate(zip(radii(p, image, "sigma"), reach)):
        weights = torch.exp(-0.5 * (torch.arange(-r, r + 1, device=WHERE) / sigma) ** 2)
        kernels.append(along(axis, weights / weights.sum(), image.ndim))

    def work():
        result = padded(image, reach)
        for kernel in kernels:
            result = convolve(result, kernel)
        return result[0, 0]
    return work


def pooled(name, sign=1):
    def implementation(p, image):
        pool = getattr(functional, f"{name}_pool{image.ndim}d")
        size = box(p, image)
        reach = [n // 2 for n in size]
        return lambda: sign * pool(sign * padded(image, reach), size, stride=1)[0, 0]
    return implementation


OPERATIONS = {
    "add_image_and_scalar": lambda p, a: lambda: a + p["scalar"],
    "add_images_weighted": lambda p, a, b: lambda: torch.add(
        a * p["factor1"], b, alpha=p["factor2"]),
    "binary_and": lambda p, a, b: lambda: a & b,
    "flip": lambda p, a: lambda: torch.flip(a, [-1]),
    "gaussian_blur": gaussian_blur,
    "greater_constant": lambda p, a: lambda: a > p["scalar"],
    "maximum_filter": pooled("max"),
    "maximum_z_projection": lambda p, a: lambda: torch.amax(a, 0),
    "mean_filter": pooled("avg"),
    "minimum_filter": pooled("max", -1),
    "multiply_image_and_scalar": lambda p, a: lambda: a * p["scalar"],
}


def implement(operation, parameters, images):
    if operation not in OPERATIONS:
        raise NoCounterpart
    if images[0].dtype != torch.float32 and operation != "binary_and":
        raise NoCounterpart("floats only")
    return OPERATIONS[operation](parameters, *images)


torch.set_num_threads(THREADS)
torch.set_grad_enabled(False)
torch.backends.cudnn.allow_tf32 = False  # floats, not 19 bits of them
if ON_GPU:
    serve("PyTorch", f"PyTorch {torch.__version__} on {torch.cuda.get_device_name()}", implement,
          lambda a: torch.from_numpy(a).to(WHERE), lambda a: a.cpu().numpy(),
          torch.cuda.synchronize)
else:
    serve("PyTorch", f"PyTorch {torch.__version__} on the CPU",
          lambda *row: implement(*row[:2], [torch.from_numpy(a) for a in row[2]]),
          pull=lambda a: a.numpy())
