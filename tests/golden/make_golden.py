#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Writes the .golden files: what numpy, scipy, scikit-image and pyclesperanto make of small inputs.
"""Usage: python3 tests/golden/make_golden.py [operation ...]

The inputs are the functions of registry/samples.hpp and tests/support/images.hpp, written again
here, so that only results are stored. A file is lines of text, the last one "data", and then the
arrays one after the other, little endian, x fastest:

    # <versions and command>
    <entry> <u8|u16|u32|f32|f64> <x> <y> <z>
    data
"""
import pathlib
import platform
import sys

import numpy as np
import scipy
import scipy.ndimage as ndi
import scipy.spatial
import skimage
import skimage.filters
import skimage.measure
import skimage.morphology
import skimage.segmentation
import skimage.transform

TYPES = {"u8": np.uint8, "i8": np.int8, "u16": np.uint16, "i16": np.int16, "u32": np.uint32,
         "i32": np.int32, "f32": np.float32}
STORED = {np.dtype(np.uint8): "u8", np.dtype(np.uint16): "u16", np.dtype(np.uint32): "u32",
          np.dtype(np.float32): "f32", np.dtype(np.float64): "f64"}


# ---- the inputs; shapes are (x, y, z) as in the tests, arrays are indexed [z, y, x]

def random_bits(seed, index):
    """SplitMix64, element by element."""
    with np.errstate(over="ignore"):
        step = np.asarray(index, np.uint64) + np.uint64(1)
        z = np.uint64(seed) + step * np.uint64(0x9e3779b97f4a7c15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xbf58476d1ce4e5b9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94d049bb133111eb)
        return z ^ (z >> np.uint64(31))


def random_below(count, seed, index):
    return (random_bits(seed, index) >> np.uint64(32)) % np.uint64(count)


def count_of(shape):
    return shape[0] * shape[1] * shape[2]


def as_image(values, shape):
    return np.ascontiguousarray(values).reshape(shape[2], shape[1], shape[0])


def random_pixels(type_name, shape, seed, few=False):
    bits = random_bits(seed, np.arange(count_of(shape)))
    if few:
        choice = (bits & np.uint64(7)).astype(np.int64)
        if type_name == "f32":
            values = choice.astype(np.float32) * np.float32(0.25) - np.float32(1)
        else:
            values = choice - (4 if type_name[0] == "i" else 0)
    elif type_name == "f32":
        unit = (bits >> np.uint64(40)).astype(np.float32) * np.float32(2.0 ** -24)
        values = unit * np.float32(2000) - np.float32(1000)
    else:
        size = np.dtype(TYPES[type_name]).itemsize
        unsigned = (bits >> np.uint64(64 - 8 * size)).astype(f"u{size}")
        values = unsigned.view(TYPES[type_name])
    return as_image(values.astype(TYPES[type_name]), shape)


def random_mask(shape, percent, seed):
    index = np.arange(count_of(shape))
    below = random_below(100, seed, index)
    value = np.where((random_bits(seed, index) & np.uint64(1)) == 0, 1, 255)
    return as_image(np.where(below >= percent, 0, value).astype(np.uint8), shape)


def random_labels(shape, seed):
    ids = np.array([0, 0, 0, 0, 1, 2, 3, 5, 8, 13, 1000, 70001], np.uint32)
    z, y, x = np.meshgrid(*(np.arange(n) for n in shape[::-1]), indexing="ij")
    return ids[random_below(12, seed, x // 3 + 1000 * (y // 3) + 1000000 * (z // 2)).astype(int)]


def blobs(shape, count, radius, seed):
    z, y, x = np.meshgrid(*(np.arange(n) for n in shape[::-1]), indexing="ij")
    pixels = np.zeros(shape[::-1], np.int64)
    for i in range(count):
        cx, cy, cz = (int(random_below(n, seed, 3 * i + k)) for k, n in enumerate(shape))
        height = 10 * (1 + radius * radius - (x - cx) ** 2 - (y - cy) ** 2 - (z - cz) ** 2)
        pixels = np.maximum(pixels, height)
    return pixels.astype(np.uint16)


def spiral(shape):
    nx, ny = shape[0], shape[1]
    mask = np.zeros((ny, nx), np.uint8)

    def taken(x, y):
        return 0 <= x < nx and 0 <= y < ny and mask[y, x] != 0

    def free(x, y):
        return 0 <= x < nx and 0 <= y < ny and mask[y, x] == 0

    x = y = turns = 0
    dx, dy = 1, 0
    mask[0, 0] = 1
    while turns < 2:
        if free(x + dx, y + dy) and not taken(x + 2 * dx, y + 2 * dy):
            x, y, turns = x + dx, y + dy, 0
            mask[y, x] = 1
        else:
            dx, dy, turns = -dy, dx, turns + 1
    return mask[None]


# ---- the operations: each yields (entry, array)

BORDERS = {"nearest": "nearest", "reflect": "reflect", "mirror": "mirror", "wrap": "wrap",
           "constant": "constant"}
FLAT, DEEP = (29, 23, 1), (13, 11, 7)


def squeezed(image):
    """scipy must not filter along the z axis of a 2D image."""
    return image[0] if image.shape[0] == 1 else image


def gaussian_blur():
    flat, deep = random_pixels("f32", FLAT, 1), random_pixels("u16", DEEP, 2)
    for name, mode in BORDERS.items():
        for sigma in ((1, 1), (2.5, 0.7), (0, 9)):
            result = ndi.gaussian_filter(squeezed(flat).astype(np.float64), sigma[::-1], mode=mode,
                                         cval=7)
            yield f"2d_{name}_{sigma[0]:g}_{sigma[1]:g}", result.astype(np.float32)
        for sigma in ((1, 1, 1), (2, 0.6, 1.3)):
            result = ndi.gaussian_filter(deep.astype(np.float64), sigma[::-1], mode=mode, cval=7)
            yield (f"3d_{name}_{sigma[0]:g}_{sigma[1]:g}_{sigma[2]:g}", result.astype(np.float32))


def laplacian_of_gaussian():
    """Pixels beyond a constant border are 0: of others scipy takes the value for derivatives too."""
    flat, deep = random_pixels("f32", FLAT, 1), random_pixels("u16", DEEP, 2)
    for name, mode in BORDERS.items():
        for sigma in ((1, 1), (2.5, 0.7)):
            result = ndi.gaussian_laplace(squeezed(flat).astype(np.float64), sigma[::-1], mode=mode)
            yield f"2d_{name}_{sigma[0]:g}_{sigma[1]:g}", result.astype(np.float32)
        for sigma in ((1, 1, 1), (2, 0.6, 1.3)):
            result = ndi.gaussian_laplace(deep.astype(np.float64), sigma[::-1], mode=mode)
            yield (f"3d_{name}_{sigma[0]:g}_{sigma[1]:g}_{sigma[2]:g}", result.astype(np.float32))


def difference_of_gaussian():
    flat, deep = random_pixels("f32", FLAT, 1), random_pixels("u16", DEEP, 2)
    for name, mode in BORDERS.items():
        for dimensions, image, first, second in (("2d", squeezed(flat), (1, 0.6), (2, 3)),
                                                 ("3d", deep, (1, 1, 0.5), (2, 1.5, 1))):
            pixels = image.astype(np.float64)
            one, other = (ndi.gaussian_filter(pixels, sigma[::-1], mode=mode, cval=7)
                          for sigma in (first, second))
            yield f"{dimensions}_{name}", (one - other).astype(np.float32)
            yield f"subtract_{dimensions}_{name}", (pixels - other).astype(np.float32)
    for name in ("nearest", "constant"):
        for dimensions, image, sigma in (
                ("2d", squeezed(random_pixels("u8", FLAT, 1)), (2, 3)), ("3d", deep, (2, 1.5, 1))):
            pixels = image.astype(np.float64)
            blurred = ndi.gaussian_filter(pixels, sigma[::-1], mode=BORDERS[name], cval=7)
            yield f"divide_{dimensions}_{name}", (pixels / blurred).astype(np.float32)


def footprint(radii, sphere):
    """Of shape (2 rz + 1, 2 ry + 1, 2 rx + 1)."""
    z, y, x = np.meshgrid(*(np.arange(-r, r + 1) for r in radii[::-1]), indexing="ij")
    if not sphere:
        return np.ones(x.shape, bool)
    distance = sum((c / r) ** 2 if r > 0 else np.zeros(c.shape)
                   for c, r in zip((x, y, z), radii))
    return distance <= 1


NEIGHBORHOODS = (((1, 1, 1), False), ((3, 2, 1), False), ((0, 5, 0), False), ((1, 1, 1), True),
                 ((4, 2, 2), True), ((0, 3, 1), True))


def neighborhoods():
    for radii, sphere in NEIGHBORHOODS:
        yield radii, footprint(radii, sphere), "_".join(
            ["sphere" if sphere else "box"] + [str(r) for r in radii])


def neighborhood_filter():
    for dimensions, shape in (("2d", FLAT), ("3d", DEEP)):
        image = random_pixels("u8", shape, 3)
        for radii, points, name in neighborhoods():
            if dimensions == "2d":
                points = points[radii[2]:radii[2] + 1]
            for operation in ("minimum", "maximum"):
                run = getattr(ndi, f"{operation}_filter")
                result = run(image, footprint=points, mode="nearest")
                yield f"{operation}_{dimensions}_{name}", result
            weights = points / points.sum()
            mean = ndi.correlate(image.astype(np.float64), weights, mode="nearest")
            yield f"mean_{dimensions}_{name}", mean.astype(np.float32)


def stencil():
    for dimensions, shape in (("2d", FLAT), ("3d", DEEP)):
        type_name = "f32" if dimensions == "2d" else "i16"
        image = squeezed(random_pixels(type_name, shape, 11)).astype(np.float64)
        axes, ones = range(image.ndim), np.ones((3,) * image.ndim)
        found = {f"gradient_{'xyz'[axis]}": np.gradient(image, axis=-1 - axis) for axis in axes}
        found["laplace_sphere"] = -ndi.laplace(image, mode="nearest")
        found["laplace_box"] = ones.size * image - ndi.correlate(image, ones, mode="nearest")
        differences = [ndi.sobel(image, axis, mode="nearest") for axis in axes]
        found["sobel"] = np.sqrt(sum(d * d for d in differences))
        for name, result in found.items():
            yield f"{name}_{dimensions}", result.astype(np.float32)
        image = random_pixels("u8", shape, 12).astype(np.float64)
        for radii, points, name in neighborhoods():
            if dimensions == "2d":
                points = points[radii[2]:radii[2] + 1]
            variance = ndi.generic_filter(image, np.var, footprint=points, mode="nearest")
            yield f"variance_{dimensions}_{name}", variance.astype(np.float32)


def top_hat():
    for type_name in ("u8", "i8"):
        for dimensions, shape in (("2d", FLAT), ("3d", DEEP)):
            image = random_pixels(type_name, shape, 4)
            for radii, points, name in neighborhoods():
                if dimensions == "2d":
                    points = points[radii[2]:radii[2] + 1]
                eroded = ndi.minimum_filter(image, footprint=points, mode="nearest")
                opened = ndi.maximum_filter(eroded, footprint=points, mode="nearest")
                dilated = ndi.maximum_filter(image, footprint=points, mode="nearest")
                closed = ndi.minimum_filter(dilated, footprint=points, mode="nearest")
                most = np.iinfo(image.dtype).max
                difference = np.clip(image.astype(np.int64) - opened, 0, most)
                yield f"{type_name}_{dimensions}_{name}", difference.astype(np.uint8)
                if type_name == "i8":
                    difference = np.clip(closed.astype(np.int64) - image, 0, most)
                    yield f"bottom_{dimensions}_{name}", difference.astype(np.uint8)


def grayscale_morphology():
    for dimensions, shape in (("2d", FLAT), ("3d", DEEP)):
        image = random_pixels("u8", shape, 8)
        for radii, points, name in neighborhoods():
            if dimensions == "2d":
                points = points[radii[2]:radii[2] + 1]
            for operation in ("opening", "closing"):
                run = getattr(ndi, f"grey_{operation}")
                result = run(image, footprint=points, mode="nearest")
                yield f"{operation}_{dimensions}_{name}", result


def binary_morphology():
    """The outside of the image is never what is looked for, as when the nearest pixel is repeated."""
    for dimensions, shape in (("2d", (45, 23, 1)), ("3d", (37, 11, 7))):
        few, most = random_mask(shape, 5, 5), random_mask(shape, 95, 6)
        fewer, more = random_mask(shape, 1, 7), random_mask(shape, 99, 8)
        for radii, sphere in (((1, 1, 1), False), ((3, 2, 1), False), ((17, 0, 2), False),
                              ((1, 1, 1), True), ((4, 2, 2), True)):
            points = footprint(radii, sphere)
            if dimensions == "2d":
                points = points[radii[2]:radii[2] + 1]
            name = f"{dimensions}_{'sphere' if sphere else 'box'}_" + "_".join(map(str, radii))
            yield f"dilate_{name}", ndi.binary_dilation(few, points).astype(np.uint8)
            eroded = ndi.binary_erosion(most, points, border_value=1)
            yield f"erode_{name}", eroded.astype(np.uint8)
            closed = ndi.binary_erosion(ndi.binary_dilation(fewer, points), points, border_value=1)
            yield f"closing_{name}", closed.astype(np.uint8)
            opened = ndi.binary_dilation(ndi.binary_erosion(more, points, border_value=1), points)
            yield f"opening_{name}", opened.astype(np.uint8)


def distance_transform():
    """Masks that scipy reads as nonzero or not, and labels one by one."""
    for dimensions, shape in (("2d", (45, 23, 1)), ("3d", (37, 11, 7))):
        mask, labels = random_mask(shape, 95, 7), random_labels(shape, 8)
        for name, sampling in (("1", (1, 1, 1)), ("0.5", (0.5, 0.5, 0.5)), ("xyz", (2, 0.7, 0.3))):
            found = ndi.distance_transform_edt(mask, sampling)
            yield f"{dimensions}_{name}", found.astype(np.float32)
        inside = np.zeros(mask.shape)
        for label in np.unique(labels[labels > 0]):
            inside += ndi.distance_transform_edt(labels == label)
        yield f"{dimensions}_labels", inside.astype(np.float32)


def label_morphology():
    """Labels that grow and shrink; `edt` is the distance to the nearest pixel outside."""
    def largest_piece(inside):
        pieces, _ = ndi.label(inside)
        sizes = np.bincount(pieces.ravel())[1:]
        return pieces == 1 + np.argmax(sizes) if sizes.size else inside

    edt = ndi.distance_transform_edt
    for dimensions, shape in (("2d", (45, 23, 1)), ("3d", (37, 11, 7))):
        labels, seeds = (random_labels(shape, seed) % 251 for seed in (8, 9))  # they fit a byte
        seeds[random_mask(shape, 95, 10) != 0] = 0
        for name, distance, spacing in (("0", 0, (1, 1, 1)), ("2.5", 2.5, (1, 1, 1)),
                                        ("100", 100, (1, 1, 1)), ("xyz", 2, (2, 0.7, 0.3))):
            yield (f"expand_{dimensions}_{name}",
                   skimage.segmentation.expand_labels(seeds, distance, spacing).astype(np.uint32))
        names = np.unique(labels[labels > 0])
        for name, radius, spacing in (("1", 1, (1, 1, 1)), ("1.5", 1.5, (1, 1, 1)),
                                      ("xyz", 0.65, (2, 0.7, 0.3))):
            eroded, opened = np.zeros_like(labels), np.zeros_like(labels)
            for label in names:
                core = edt(labels == label, spacing) > radius
                eroded[core] = label
                core = largest_piece(core)
                if core.any():
                    opened[edt(~core, spacing) <= radius] = label
            yield f"erode_{dimensions}_{name}", eroded
            yield f"open_{dimensions}_{name}", opened
        kept = np.zeros_like(labels)
        for label in names:
            kept[largest_piece(labels == label)] = label
        yield f"largest_{dimensions}", kept
        yield f"edges_{dimensions}", skimage.segmentation.find_boundaries(
            squeezed(labels), connectivity=1, mode="thick").astype(np.uint8)


def reconstruction():
    """Markers are a tenth of the pixels. Of maxima and minima, heights are far from rounding."""
    morphology = skimage.morphology
    for dimensions, shape in (("2d", FLAT), ("3d", DEEP)):
        kept = squeezed(random_mask(shape, 10, 31) != 0)
        for connectivity in ("box", "sphere"):
            points = ndi.generate_binary_structure(kept.ndim, kept.ndim if connectivity == "box" else 1)
            for type_name in ("u8", "u16", "i16", "f32"):
                mask = squeezed(random_pixels(type_name, shape, 30, few=dimensions == "2d"))
                name = f"{type_name}_{dimensions}_{connectivity}"
                if name[:3] == "u8_" or name[:3] == ("f32" if connectivity == "box" else "u16"):
                    for method, extreme in (("dilation", mask.min()), ("erosion", mask.max())):
                        found = morphology.reconstruction(np.where(kept, mask, extreme), mask, method,
                                                          footprint=points)
                        yield f"{method}_{name}", found.astype(mask.dtype).reshape(shape[::-1])
                if type_name == "u16":
                    continue
                h = 80 if dimensions == "3d" else 0.75 if type_name == "f32" else 3
                for kind in ("maxima", "minima"):
                    local = getattr(morphology, f"local_{kind}")(mask, footprint=points)
                    yield f"{kind}_{name}", local.astype(np.uint8).reshape(shape[::-1])
                    wide = mask.astype(np.int64 if type_name == "i16" else mask.dtype)  # for ptp
                    high = getattr(morphology, f"h_{kind}")(wide, h, footprint=points)
                    yield f"h_{kind}_{name}", high.astype(np.uint8).reshape(shape[::-1])
            image = squeezed(random_pixels("u8", shape, 32))
            for kind, method, run in (("opening", "dilation", ndi.minimum_filter),
                                      ("closing", "erosion", ndi.maximum_filter)):
                marker = run(image, footprint=points, mode="nearest")
                found = morphology.reconstruction(marker, image, method, footprint=points)
                yield (f"{kind}_{dimensions}_{connectivity}",
                       found.astype(np.uint8).reshape(shape[::-1]))
        filled = ndi.binary_fill_holes(squeezed(random_mask(shape, 60, 33)))
        yield f"filled_{dimensions}", filled.astype(np.uint8).reshape(shape[::-1])


def median():
    for type_name in ("u8", "u16", "f32"):
        for dimensions, shape in (("2d", FLAT), ("3d", DEEP)):
            image = random_pixels(type_name, shape, 16)
            for radii, sphere in (((1, 1, 1), False), ((2, 2, 0), False), ((6, 5, 1), False),
                                  ((1, 1, 1), True), ((5, 4, 2), True)):
                points = footprint(radii, sphere)
                if dimensions == "2d":
                    points = points[radii[2]:radii[2] + 1]
                name = f"{'sphere' if sphere else 'box'}_" + "_".join(map(str, radii))
                yield (f"{type_name}_{dimensions}_{name}",
                       ndi.median_filter(image, footprint=points, mode="nearest"))


def turned(image, degrees, order, resize):
    """Turned about x, y and z, counter-clockwise as displayed, about the centre of the image."""
    back = np.eye(3)  # from the result to the image, of (x, y, z)
    for axis in range(3):
        i, j, radians = (axis + 1) % 3, (axis + 2) % 3, np.deg2rad(degrees[axis])
        turn = np.eye(3)
        turn[i, i] = turn[j, j] = np.cos(radians)
        turn[j, i], turn[i, j] = np.sin(radians), -np.sin(radians)
        back = back @ turn
    back = back[::-1, ::-1]  # of (z, y, x)
    shape = np.array(image.shape)
    size = (np.abs(back.T) @ shape + 0.5).astype(int) if resize else shape
    offset = (shape - 1) / 2 - back @ ((size - 1) / 2)
    return ndi.affine_transform(image, back, offset, tuple(size), order=order, mode="constant")


def resampling():
    for dimensions, shape in (("2d", FLAT), ("3d", DEEP)):
        image = random_pixels("f32", shape, 17)
        for degrees in ((0, 0, 31), (20, -35, 140)):
            if dimensions == "2d" and degrees[0] != 0:
                continue
            for resize in (False, True):
                name = f"{dimensions}_{degrees[2]:g}{'_resize' if resize else ''}"
                yield f"nearest_{name}", turned(image, degrees, 0, resize)
                linear = turned(image.astype(np.float64), degrees, 1, resize)
                yield f"linear_{name}", linear.astype(np.float32)

    # what is at (x, y, z) moves to rows @ (x, y, z, 1)
    rows = np.array([[1.1, 0.2, -0.1, 3.237], [-0.3, 0.9, 0.15, -2.513], [0.1, -0.05, 1.2, 0.741]])
    modes = {"nearest": "edge", "reflect": "symmetric", "mirror": "reflect", "wrap": "wrap"}
    for mode in (*modes, "constant"):
        how = {"mode": "grid-wrap" if mode == "wrap" else mode, "cval": 7}
        for dimensions, shape, size in (("2d", FLAT, 2), ("3d", DEEP, 3)):
            image = squeezed(random_pixels("f32", shape, 19)).astype(np.float64)
            back = np.linalg.inv(rows[:size, :size])
            offset = -back @ rows[:size, 3]
            for order, name in ((0, "nearest"), (1, "linear")):
                moved = ndi.affine_transform(image, back[::-1, ::-1], offset[::-1], order=order, **how)
                yield f"affine_{name}_{mode}_{dimensions}", moved.astype(np.float32)
        if mode in modes:  # scipy's cubic is that of splines
            flat = squeezed(random_pixels("f32", FLAT, 19)).astype(np.float64)
            matrix = np.vstack((rows[:2, (0, 1, 3)], (0, 0, 1)))
            moved = skimage.transform.warp(flat, np.linalg.inv(matrix), order=3, mode=modes[mode],
                                           clip=False)
            yield f"affine_cubic_{mode}_2d", moved.astype(np.float32)
    for dimensions, shape, factors in (("2d", FLAT, (0.4, 1.5, 1)), ("3d", DEEP, (0.5, 1.5, 0.6))):
        image = squeezed(random_pixels("f32", shape, 20)).astype(np.float64)
        factors = np.array(factors[:image.ndim][::-1])
        size = np.maximum((factors * image.shape + 0.5).astype(int), 1)
        sigmas = np.maximum((1 / factors - 1) / 2, 0)
        blurred = ndi.gaussian_filter(image, sigmas, mode="nearest")
        offset = (np.array(image.shape) - 1) / 2 - (size - 1) / 2 / factors
        scaled = ndi.affine_transform(blurred, 1 / factors, offset, tuple(size), order=1,
                                      mode="nearest")
        yield f"scale_{dimensions}", scaled.astype(np.float32)

    for name, shape, options in (("radial_2d", FLAT, (36, 1.5, 0, 14, 11, 1, 1)),
                                 ("radial_3d", DEEP, (40, 7, 20, 4.25, 6.5, 1, 0.5))):
        image = random_pixels("f32", shape, 18).astype(np.float64)
        angles, step, start, center_x, center_y, scale_x, scale_y = options
        radius = int(np.hypot(shape[0] // 2, shape[1] // 2))
        a = np.deg2rad(start + step * np.arange(int(angles / step)))[:, None, None]
        z, r = np.arange(shape[2])[None, :, None], np.arange(radius)[None, None, :]
        at = np.broadcast_arrays(z, center_y + np.cos(a) * r * scale_y,
                                 center_x + np.sin(a) * r * scale_x)
        yield name, ndi.map_coordinates(image, at, order=1, mode="constant").astype(np.float32)


def rearrangement():
    for dimensions, shape, other in (("2d", (37, 33, 1), (37, 4, 1)), ("3d", (35, 3, 34), (35, 2, 34))):
        image, second = random_pixels("u8", shape, 21), random_pixels("u8", other, 22)
        for name, axes in (("xy", (0, 2, 1)), ("xz", (2, 1, 0)), ("yz", (1, 0, 2))):
            yield f"transpose_{name}_{dimensions}", image.transpose(axes)
        yield f"clockwise_{dimensions}", np.rot90(image, -1, (1, 2))
        yield f"counter_clockwise_{dimensions}", np.rot90(image, 1, (1, 2))
        yield f"shift_{dimensions}", np.roll(image, (2, -1, 40), (0, 1, 2))
        yield f"concatenate_y_{dimensions}", np.concatenate((image, second), 1)
        before = (1, 2, 7)
        margins = [(b, b) for b in before]
        yield f"pad_{dimensions}", np.pad(image, margins, constant_values=9)


def scaling():
    flat, deep = random_pixels("f32", FLAT, 21), random_pixels("i16", DEEP, 22)
    for name, image, factors in (("2d", flat, (2, 2)), ("2d", flat, (5, 3)),
                                 ("3d", deep, (2, 2, 1)), ("3d", deep, (3, 2, 3))):
        image, blocks = squeezed(image).astype(np.float64), factors[::-1]
        whole = image[tuple(slice(n - n % block) for n, block in zip(image.shape, blocks))]
        means = skimage.transform.downscale_local_mean(whole, blocks)
        yield f"bin_{name}_{'_'.join(map(str, factors))}", means.astype(np.float32)
    flat, deep = random_pixels("f32", FLAT, 23), random_pixels("u8", DEEP, 24)
    for name, image, shape in (("2d", flat, (40, 31)), ("2d", flat, (11, 23)), ("2d", flat, (1, 58)),
                               ("3d", deep, (17, 5, 9)), ("3d", deep, (13, 11, 1))):
        resized = skimage.transform.resize(squeezed(image).astype(np.float64), shape[::-1], order=1,
                                           mode="edge", anti_aliasing=False)
        yield f"resize_{name}_{'_'.join(map(str, shape))}", resized.astype(np.float32)
        labels = squeezed(random_pixels("u16", image.shape[::-1], 25))
        yield (f"resize_labels_{name}_{'_'.join(map(str, shape))}",
               skimage.transform.resize(labels, shape[::-1], order=0, mode="edge",
                                        anti_aliasing=False, preserve_range=True).astype(np.uint16))


def pointwise():
    shape = (13, 5, 1)
    with np.errstate(all="ignore"):
        for name in TYPES:
            image, few = random_pixels(name, shape, 27), random_pixels(name, shape, 28, few=True)
            yield f"divide_{name}", image.astype(np.float32) / few.astype(np.float32)
            yield f"reciprocal_{name}", np.reciprocal(few.astype(np.float32))
            yield f"modulo_{name}", np.fmod(image, few).astype(np.float64)
        for operation in (np.ceil, np.floor, np.trunc):
            yield operation.__name__, operation(few)
        yield "nan_to_num", np.nan_to_num(image / few)
        yield "nan_to_num_with", np.nan_to_num(image / few, nan=-2, posinf=3, neginf=0.5)


def elementary():
    image = (random_pixels("f32", (40, 5, 1), 29) / np.float32(500)).astype(np.float64)
    names = {"cubic_root": np.cbrt, "exponential": np.exp, "exponential2": np.exp2,
             "exponential10": lambda x: 10.0 ** x, "logarithm": np.log, "logarithm2": np.log2,
             "logarithm10": np.log10, "sin": np.sin, "cos": np.cos, "tan": np.tan,
             "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh,
             "cosh": np.cosh, "tanh": np.tanh, "power": lambda x: x ** 3}
    with np.errstate(all="ignore"):
        for name, function in names.items():
            yield name, function(image)
    bright = random_pixels("u16", (40, 5, 1), 29).astype(np.float64)
    yield "gamma", (bright / bright.max()) ** np.float32(0.45) * bright.max()


def projection():
    for name in TYPES:
        wide = random_pixels(name, (37, 3, 4), 25).astype(np.float64)
        for letter, axis in (("x", 2), ("y", 1), ("z", 0)):
            yield f"minimum_{letter}_{name}", wide.min(axis=axis).astype(np.float32)
            yield f"mean_{letter}_{name}", wide.mean(axis=axis).astype(np.float32)
            if name in ("u8", "i16", "u32", "f32"):  # 37 along x, 3 and 4: odd numbers and an even one
                yield f"median_{letter}_{name}", np.median(wide, axis=axis).astype(np.float32)
            if name in ("u8", "i32", "f32"):
                yield f"place_{letter}_{name}", wide.argmax(axis=axis).astype(np.uint32)
                yield f"std_{letter}_{name}", wide.std(axis=axis).astype(np.float32)
                yield f"variance_{letter}_{name}", wide.var(axis=axis, ddof=1).astype(np.float32)
    small = (random_pixels("f32", (37, 3, 4), 25) / np.float32(500)).astype(np.float64)
    for letter, axis in (("x", 2), ("y", 1), ("z", 0)):
        yield f"product_{letter}", small.prod(axis=axis)


def reduction():
    for name in TYPES:
        image = random_pixels(name, DEEP, 5)
        wide = image.astype(np.float64)
        yield f"minimum_{name}", np.array([wide.min()])
        yield f"maximum_{name}", np.array([wide.max()])
        yield f"sum_{name}", np.array([float(sum(int(v) for v in image.ravel()))
                                       if name != "f32" else np.sum(wide)])
        yield f"mean_{name}", np.array([wide.mean()])
        if name in ("u8", "i32", "f32"):
            yield f"variance_{name}", np.array([wide.var()])
            yield f"variance_1_{name}", np.array([wide.var(ddof=1)])
            low, high = np.percentile(wide, (10, 95), method="lower")
            yield f"normalized_{name}", np.clip((wide - low) / (high - low), 0, 1).astype(np.float32)
        mask = random_pixels("u8", DEEP, 7, few=True) != 0
        for entry, pixels in (("percentiles", wide), ("masked_percentiles", wide[mask])):
            yield f"{entry}_{name}", np.percentile(pixels, (0, 1, 25, 50, 75, 99, 100),
                                                   method="lower")
        data = image.astype(np.float32)
        for bins in (1, 7, 256, 1000):
            yield f"histogram_{name}_{bins}", np.histogram(data, bins)[0].astype(np.uint32)
        low, high = np.quantile(wide, 0.2), np.quantile(wide, 0.7)
        low, high = float(np.float32(round(low))), float(np.float32(round(high)))
        yield f"range_{name}", np.array([low, high])
        counts = np.histogram(data, 50, (np.float32(low), np.float32(high)))[0]
        yield f"histogram_{name}_range", counts.astype(np.uint32)
    few = random_pixels("f32", DEEP, 6, few=True)
    yield "histogram_few", np.histogram(few, 7)[0].astype(np.uint32)
    one, other = (random_pixels("f32", DEEP, seed).astype(np.float64) for seed in (5, 6))
    yield "mean_squared_error", np.array([((one - other) ** 2).mean()])


def threshold_otsu():
    for name in TYPES:
        thresholds = []
        for seed in range(40):
            thresholds.append(skimage.filters.threshold_otsu(otsu_image(name, seed)))
        yield f"thresholds_{name}", np.array(thresholds, np.float64)
        image = otsu_image(name, 3)
        yield f"mask_{name}", (image > thresholds[3]).astype(np.uint8)
    for name, image in (("blobs", blobs(FLAT, 6, 5, 7)), ("two", np.array([[[3, 9]]], np.uint8)),
                        ("same", np.full((1, 1, 5), 7, np.int16)),
                        ("same_float", np.full((1, 1, 5), -2.5, np.float32))):
        yield f"threshold_{name}", np.array([skimage.filters.threshold_otsu(image)], np.float64)


def threshold_multi_otsu():
    """Three modes, each of pixels that spread around it."""
    for name, centres in (("u8", (30, 90, 200)), ("f32", (-500.0, 100.0, 900.0))):
        noise = random_pixels("u8", (41, 23, 3), 31).astype(np.float64) / 255 - 0.5
        spread = (centres[1] - centres[0]) / 3
        modes = np.array(centres)[random_below(3, 32, np.arange(noise.size))].reshape(noise.shape)
        image = np.floor(modes + noise * spread).astype(TYPES[name])
        yield f"image_{name}", image
        for classes in (2, 3, 4):
            yield f"thresholds_{name}_{classes}", np.asarray(
                skimage.filters.threshold_multiotsu(image, classes), np.float64)


def adaptive_threshold():
    """Means of blocks, within factors of the mean of all, and linear interpolation between blocks."""
    for name, shape, blocks in (("2d", (131, 74, 1), (3, 2, 1)), ("3d", (41, 33, 9), (5, 2, 3))):
        noise = random_pixels("u8", shape, 41).astype(np.float64)
        z, y, x = np.indices(noise.shape)
        image = (noise * (0.2 + x / shape[0] + y / shape[1]) / 2.2).astype(np.uint8)
        edges = [[i * n // b for i in range(b + 1)] for n, b in zip(shape, blocks)]
        means = np.empty(blocks[::-1])
        for k in np.ndindex(means.shape):
            box = tuple(slice(e[i], e[i + 1]) for e, i in zip(edges[::-1], k))
            means[k] = np.floor(image[box].mean())
        of_all = np.floor(image.mean())
        means = np.clip(means, of_all * np.float64(np.float32(0.7)), of_all * 1.5)
        between = skimage.transform.resize(means, image.shape, order=1, mode="edge",
                                           anti_aliasing=False).round(9)
        apart = np.abs(image - between)
        assert apart[apart > 0].min() > 1e-4
        yield f"image_{name}", image
        yield f"found_{name}", (image > between).astype(np.uint8)


def otsu_image(type_name, seed):
    """Full range where skimage can count every value, else a range of some thousands; some have few
    values, some two modes."""
    shape = (5 + seed, 7, 1 + seed % 3)
    if seed % 4 == 3:
        return random_pixels(type_name, shape, seed, few=True)
    if type_name in ("u32", "i32"):
        narrow = random_pixels("u16", shape, seed).astype(np.int64) // 8
        image = (narrow + (3000000000 if type_name == "u32" else -2000)).astype(TYPES[type_name])
    else:
        image = random_pixels(type_name, shape, seed)
    if seed % 4 == 2:  # two modes: every third pixel keeps its value, the others move to one end
        flat = image.ravel()
        half = np.arange(flat.size) % 3 != 0
        flat[half] = flat.min() if seed % 8 == 2 else flat.max()
        image = flat.reshape(image.shape)
    return image


def auto_local_threshold():
    """scikit-image where it has the method, of an image whose edges are repeated; else formulas."""
    for dimensions, shape, radius in (("2d", FLAT, (0, 3, 3)), ("3d", DEEP, (2, 2, 2))):
        image = random_pixels("u8", shape, 31).astype(np.float64)
        window = tuple(2 * r + 1 for r in radius)
        padded = np.pad(image, [(r, r) for r in radius], mode="edge")
        inside = tuple(slice(r, r + n) for r, n in zip(radius, image.shape))

        def niblack(k):
            return skimage.filters.threshold_niblack(padded, window, -k)[inside]

        mean = ndi.uniform_filter(image, window, mode="nearest")
        least, most = (ndi.generic_filter(image, f, window, mode="nearest") for f in (np.min, np.max))
        median = ndi.median_filter(image, window, mode="nearest")
        deviation = ndi.generic_filter(image, np.std, window, mode="nearest")
        sauvola = skimage.filters.threshold_sauvola(padded, window, 0.3, 100)[inside]
        phansalkar = mean * (1 + 2 * np.exp(-5 * mean / 100) + 0.3 * (deviation / 100 - 1))
        if dimensions == "2d":
            local = skimage.filters.threshold_local(image[0], 7, "mean", 5.5, "nearest")[None]
            np.testing.assert_allclose(local, mean - 5.5)
        thresholds = {"Mean": mean - 5.5, "Median": median - 5.5,
                      "MidGrey": (least + most) / 2 - 5.25, "Niblack": niblack(0.3) - 5.5,
                      "Phansalkar": phansalkar - 5.5, "Sauvola": sauvola - 5.5}
        for method, threshold in thresholds.items():
            assert np.abs(image - threshold).min() > 1e-4, method
            yield f"{dimensions}_{method}", (image > threshold).astype(np.uint8)
        middle = (least + most) / 2
        yield f"{dimensions}_Contrast", (image >= middle).astype(np.uint8)
        yield f"{dimensions}_Bernsen", np.where(most - least >= 240, image >= middle,
                                                middle >= 100).astype(np.uint8)
        circle = ndi.generic_filter(image, np.mean, mode="nearest",
                                    footprint=footprint(radius[::-1], True))
        assert np.abs(image - circle).min() > 1e-4
        yield f"{dimensions}_sphere", (image > circle).astype(np.uint8)


def detect_maxima():
    for type_name in ("u8", "f32"):
        for dimensions, shape in (("2d", FLAT), ("3d", DEEP)):
            for few in (False, True):
                image = random_pixels(type_name, shape, 8, few=few).astype(np.float64)
                for name, rank in (("box", 3), ("sphere", 1)):
                    points = ndi.generate_binary_structure(3, rank)
                    points[1, 1, 1] = False
                    around = ndi.maximum_filter(image, footprint=points, mode="constant",
                                                cval=-np.inf)
                    yield (f"{type_name}_{dimensions}_{'few' if few else 'even'}_{name}",
                           (image > around).astype(np.uint8))


def detect_scale_maxima():
    for type_name in ("u8", "i16", "f32"):
        for dimensions, shape in (("2d", FLAT), ("3d", DEEP)):
            for few in (False, True):
                scales = np.stack([random_pixels(type_name, shape, seed, few=few)
                                   for seed in (23, 24, 25)]).astype(np.float64)
                greatest = ndi.maximum_filter(scales, size=3, mode="nearest")[1]
                kept = np.where((scales[1] == greatest) & (greatest > 0), greatest, 0)
                yield f"{type_name}_{dimensions}_{'few' if few else 'even'}", kept.astype(np.float32)


def connected_component_labeling():
    structures = {"box": ndi.generate_binary_structure(3, 3),
                  "sphere": ndi.generate_binary_structure(3, 1)}
    masks = {f"{dimensions}_{percent}": random_mask(shape, percent, 9)
             for dimensions, shape in (("2d", FLAT), ("3d", DEEP))
             for percent in (5, 30, 45, 60, 90)}
    masks["spiral"] = spiral((33, 29, 1))
    masks["blobs"] = (blobs((29, 23, 5), 12, 3, 10) > 0).astype(np.uint8)
    for mask_name, mask in masks.items():
        for name, structure in structures.items():
            labels, count = ndi.label(mask, structure)
            yield f"{mask_name}_{name}", labels.astype(np.uint32)


def sequential(labels):
    """Labels 1..n in the order of their value."""
    values = np.unique(labels)
    return np.searchsorted(values[values > 0], labels, side="left").astype(np.uint32) + (labels > 0)


def labeling():
    for dimensions, shape in (("2d", FLAT), ("3d", DEEP)):
        labels = random_labels(shape, 11)
        if dimensions == "3d":
            labels = ndi.label(random_mask(shape, 20, 12))[0]
        yield f"relabel_{dimensions}", sequential(labels).astype(np.uint32)
        for minimum in (1, 2, 10, 60):
            sizes = np.bincount(labels.ravel())
            kept = np.where(sizes[labels] >= minimum, labels, 0)
            yield f"small_{dimensions}_{minimum}", sequential(kept).astype(np.uint32)
        for exclude in ("x", "y", "z", "xyz", ""):
            faces = []
            if "x" in exclude:
                faces += [labels[:, :, 0], labels[:, :, -1]]
            if "y" in exclude:
                faces += [labels[:, 0], labels[:, -1]]
            if "z" in exclude and labels.shape[0] > 1:
                faces += [labels[0], labels[-1]]
            gone = np.unique(np.concatenate([f.ravel() for f in faces])) if faces else []
            kept = np.where(np.isin(labels, gone), 0, labels)
            yield f"edges_{dimensions}_{exclude or 'none'}", sequential(kept).astype(np.uint32)


def fill_label_holes():
    """Masks, whose holes scipy fills; and blocks of labels with noise, of which those holes are filled
    beside which dilation finds one label."""
    for dimensions, shape in (("2d", FLAT), ("3d", DEEP)):
        for percent in (55, 75):
            mask = random_mask(shape, percent, 26) != 0
            yield (f"mask_{dimensions}_{percent}",
                   ndi.binary_fill_holes(squeezed(mask)).reshape(mask.shape).astype(np.uint8))
        z, y, x = np.indices(shape[::-1])
        blocks = np.where(random_mask(shape, 22, 27) != 0, 0, 3 + (x // 9 + y // 8) % 3 * 70001)
        inside = np.pad(squeezed(blocks), 1)
        holes, count = ndi.label(inside == 0)
        for maximum in (1, 2, 2147483647):
            filled = inside.copy()
            for hole in range(2, count + 1):  # the first one is around all
                here = holes == hole
                beside = np.unique(inside[ndi.binary_dilation(here) & ~here])
                if len(beside) == 1 and np.count_nonzero(here) <= maximum:
                    filled[here] = beside[0]
            core = filled[(slice(1, -1),) * filled.ndim]
            yield f"labels_{dimensions}_{maximum}", core.reshape(blocks.shape).astype(np.uint32)


def labels_statistics():
    """One row per label: label, area, centroid x y z, box minimum x y z, maximum x y z (inclusive),
    minimum, maximum, sum, mean and standard deviation of the intensity."""
    for type_name in ("u8", "i16", "f32"):
        for dimensions, shape in (("2d", FLAT), ("3d", DEEP)):
            labels, image = random_labels(shape, 13), random_pixels(type_name, shape, 14)
            rows = []
            wide = image.astype(np.float64)
            for region in skimage.measure.regionprops(labels.astype(np.int64), wide):
                z, y, x = region.centroid
                box = region.bbox
                values = wide[labels == region.label]
                rows.append([region.label, region.area, x, y, z, box[2], box[1], box[0], box[5] - 1,
                             box[4] - 1, box[3] - 1, region.intensity_min, region.intensity_max,
                             values.sum(), region.intensity_mean, values.std()])
            yield f"{type_name}_{dimensions}", np.array(rows, np.float64)


def label_shapes():
    """Shapes in 3D, of pixels of two sizes: by skimage and the definitions."""
    size = (40, 33, 26)
    z, y, x = np.indices(size[::-1])
    labels = np.zeros(size[::-1], np.uint8)
    labels[(x - 9) ** 2 + (y - 8) ** 2 + (z - 8) ** 2 <= 50] = 1
    labels[(x - 9) ** 2 + (y - 8) ** 2 + (z - 8) ** 2 <= 6] = 0  # a cavity
    labels[((x - 27 + y - 9) / 9) ** 2 + ((y - 9 + z - 6) / 5) ** 2 + ((z - 6) / 4) ** 2 <= 1] = 2
    labels[20:25, 3:9, 2:15] = 3
    labels[25, 25:, 32:] = 4  # one plane at the end of the image
    labels[0, 32, 0] = 5
    labels[19, 3, 20:37] = 6
    labels[(x - 25 == y - 15) & (y - 15 == z - 16) & (z >= 16)] = 7  # touching at corners
    labels[np.isin(x + 40 * y, (20 + 40 * 20, 22 + 40 * 21, 39 + 40 * 20)) & (z < 12)] = 8  # pieces
    grown = random_bits(21, np.arange(count_of(size))).reshape(size[::-1]) >> np.uint64(60)
    labels[(labels == 0) & (grown < 5) & (x < 16) & (y > 16) & (y < 31) & (z > 2) & (z < 17)] = 9
    yield "labels", labels
    for name, side in (("cubes", (1, 1, 1)), ("bricks", (0.5, 0.75, 2))):
        yield name, np.array([shape_of(labels == label, side) for label in range(1, 10)])
    found = skimage.measure.regionprops(labels)
    yield "points", np.array([[r.area, r.axis_major_length, r.axis_minor_length]
                              for r in found if r.label in (1, 2, 3, 9)])


def shape_of(mask, side):
    """Volume, surface by Crofton's formula, feret, and axes of the ellipsoid."""
    points = np.argwhere(mask)[:, ::-1]
    corners = (points[:, None] + np.indices((2, 2, 2)).reshape(3, 8).T).reshape(-1, 3)
    corners = np.unique(corners, axis=0)
    feret = max(scipy.spatial.distance.cdist(corners[i:i + 500] * side, corners * side).max()
                for i in range(0, len(corners), 500))
    covariance = np.cov(points.T, bias=True) if len(points) > 1 else np.zeros((3, 3))
    covariance = (covariance + np.eye(3) / 12) * np.outer(side, side)
    away = np.array([d for d in np.ndindex(3, 3, 3) if d != (1, 1, 1)]) - 1
    length = np.linalg.norm(away * side, axis=1)
    cells = scipy.spatial.SphericalVoronoi(away * side / length[:, None])
    shares = cells.calculate_areas() / (4 * np.pi)
    padded, surface = np.pad(mask, 1), 0
    for d, share, along in zip(away, shares, length):
        ends = (padded & ~np.roll(padded, -d[::-1], (0, 1, 2))).sum()
        surface += 4 * share * ends * np.prod(side) / along
    return [len(points) * np.prod(side), surface, feret,
            *np.sqrt(20 * np.linalg.eigvalsh(covariance)[::-1])]


def label_percentiles():
    """One row per label: label, pixels, percentiles 0, 12.5, 50, 99.9 and 100 (method lower)."""
    for type_name in TYPES:
        for dimensions, shape in (("2d", FLAT), ("3d", DEEP)):
            labels, image = random_labels(shape, 18), random_pixels(type_name, shape, 19)
            rows = []
            for label in np.unique(labels[labels > 0]):
                values = image[labels == label]
                found = np.percentile(values, (0, 12.5, 50, 99.9, 100), method="lower")
                rows.append([label, values.size, *found])
            yield f"{type_name}_{dimensions}", np.array(rows, np.float64)


def contacts(labels, image):
    """A row for each two labels that touch: both, how many faces they share, the saddle there."""
    a, b, low = [], [], []
    for axis in range(labels.ndim):
        before = tuple(slice(0, -1) if k == axis else slice(None) for k in range(labels.ndim))
        after = tuple(slice(1, None) if k == axis else slice(None) for k in range(labels.ndim))
        here, there = labels[before], labels[after]
        touch = (here != there) & (here > 0) & (there > 0)
        a.append(np.minimum(here, there)[touch])
        b.append(np.maximum(here, there)[touch])
        low.append(np.minimum(image[before], image[after])[touch])
    a, b, low = (np.concatenate(all_axes).astype(np.float64) for all_axes in (a, b, low))
    rows = [(*pair, np.count_nonzero((a == pair[0]) & (b == pair[1])),
             low[(a == pair[0]) & (b == pair[1])].max()) for pair in sorted(set(zip(a, b)))]
    return np.array(rows, np.float64)


def label_pairs():
    for type_name in TYPES:
        for dimensions, shape in (("2d", FLAT), ("3d", DEEP)):
            labels, image = random_labels(shape, 20), random_pixels(type_name, shape, 21)
            yield f"{type_name}_{dimensions}", contacts(labels, image)


def merged(labels, image, ratio):
    """Labels that touch become one, the highest saddle first, while it is high enough."""
    count = int(labels.max())
    peaks = np.concatenate([[0], ndi.maximum(image, labels, np.arange(1, count + 1))])
    parent = list(range(count + 1))

    def root(label):
        while parent[label] != label:
            label = parent[label]
        return label

    for a, b, _, saddle in sorted(contacts(labels, image), key=lambda row: (-row[3], row[0], row[1])):
        high, low = sorted((root(int(a)), root(int(b))), key=lambda label: (-peaks[label], label))
        if high != low and saddle >= ratio * peaks[low]:
            parent[low] = high
    return sequential(np.array([root(label) for label in range(count + 1)])[labels])


def merge_touching_labels():
    for dimensions, shape in (("2d", (31, 29, 1)), ("3d", (13, 11, 7))):
        noise = random_pixels("f32", shape, 22).astype(np.float64)
        image = ndi.gaussian_filter(squeezed(noise), 1.5)
        image = np.round((image - image.min()) / np.ptp(image) * 200 + 50).reshape(noise.shape)
        seeds = ndi.label(ndi.maximum_filter(image, 3) == image, np.ones((3, 3, 3)))[0]
        labels = skimage.segmentation.watershed(-image, seeds, mask=image > 110)
        yield f"{dimensions}_image", image.astype(np.uint8)
        yield f"{dimensions}_labels", labels.astype(np.uint32)
        for ratio in (0, 0.7, 0.8, 0.9, 1):
            yield f"{dimensions}_{ratio:g}", merged(labels, image, ratio).astype(np.uint32)


VORONOI = (("2d", (40, 30, 1), 7), ("3d", (17, 15, 8), 5))


def masked_voronoi_labeling():
    import pyclesperanto as cle
    for dimensions, shape, count in VORONOI:
        seeds, mask = voronoi_inputs(shape, count)
        result = cle.masked_voronoi_labeling(cle.push(seeds.squeeze()), cle.push(mask.squeeze()))
        yield dimensions, np.asarray(result).astype(np.uint32).reshape(mask.shape)


def voronoi_inputs(shape, count):
    mask = (blobs(shape, count, 7, 15) > 100).astype(np.uint8)
    seeds = ((random_mask(shape, 2, 16) != 0) & (mask != 0)).astype(np.uint8)
    return seeds, mask


def voronoi_otsu_labeling():
    import pyclesperanto as cle
    for dimensions, shape, count in VORONOI:
        image = blobs(shape, count, 6, 17)
        for spot, outline in ((2, 2), (1, 1), (3, 0.5)):
            result = cle.voronoi_otsu_labeling(cle.push(image.squeeze()), spot_sigma=spot,
                                               outline_sigma=outline)
            labels = np.asarray(result).astype(np.uint32).reshape(image.shape)
            yield f"{dimensions}_{spot:g}_{outline:g}", labels


def watershed():
    """Random values that all differ, smoothed by a ramp or not, in masks with holes."""
    for dimensions, shape in (("2d", (45, 23, 1)), ("3d", (37, 11, 7))):
        count = count_of(shape)
        noise = np.argsort(np.argsort(random_bits(9, np.arange(count)))).reshape(shape[::-1])
        z, y, x = np.indices(shape[::-1])
        smooth = np.argsort(np.argsort(
            (np.sin(x * 0.5) + np.sin(y * 0.7) + np.sin(z * 0.9)).ravel(), kind="stable"))
        mask = random_mask(shape, 85, 10) > 0
        markers = np.where(random_below(100, 11, np.arange(count)) < 3,
                           np.arange(1, count + 1), 0).reshape(shape[::-1])
        for name, image in (("noise", noise), ("smooth", smooth.reshape(shape[::-1]))):
            yield f"{dimensions}_{name}_image", image.astype(np.uint16)
            for inside, where in (("all", None), ("masked", mask)):
                found = skimage.segmentation.watershed(image, markers, mask=where)
                yield f"{dimensions}_{name}_{inside}", found.astype(np.uint32)


def estimate_diameter():
    """The definition, by scipy: maxima of -sigma^2 LoG over space and scale, on octaves. The first
    one only where the others' blobs are small."""
    scales = [1.1 * 2 ** (k / 3) for k in range(5)]
    for name, pixels in DIAMETERS.items():
        octave = squeezed(pixels.astype(np.float64))
        axes = octave.ndim
        octave = np.sqrt(np.clip(octave - np.percentile(octave, 1, method="lower"), 0, None))
        most, unit = min(48, min(octave.shape) / 4), 1
        octaves = []
        while scales[1] * unit <= most and min(octave.shape) >= 6:
            stack = np.stack([-s * s * ndi.gaussian_laplace(octave, s, mode="nearest")
                              for s in scales])
            greatest = ndi.maximum_filter(stack, size=3, mode="nearest")
            found = []
            for k in (1, 2, 3):
                if scales[k] * unit <= most:
                    peaks = stack[k][(stack[k] == greatest[k]) & (stack[k] > 0)]
                    found += [(v, scales[k] * unit) for v in peaks]
            octaves.append(found)
            octave = skimage.transform.downscale_local_mean(
                octave[tuple(slice(n // 2 * 2) for n in octave.shape)], (2,) * axes)
            unit *= 2

        def middle(found):
            if not found:
                return 0
            response, sigma = np.array(sorted(found)).T
            area = np.cumsum(sigma ** axes)
            good = response > 0.4 * response[np.searchsorted(area, 0.8 * area[-1])]
            response, sigma = response[good], sigma[good]
            order = np.argsort(sigma, kind="stable")
            weight = np.cumsum((response**2 * sigma)[order])
            return sigma[order][np.searchsorted(weight, 0.5 * weight[-1])]

        found = middle(sum(octaves[1:], []))
        if found < 4.4:
            found = middle(sum(octaves, []))
        yield name, np.array([max(4, 2 * np.sqrt(axes) * found)])


DIAMETERS = {"small_2d": blobs((120, 91, 1), 20, 4, 3), "large_2d": blobs((150, 160, 1), 5, 15, 4),
             "3d": blobs((52, 45, 40), 9, 6, 5),
             "mixed": np.maximum(blobs((150, 160, 1), 4, 16, 6), blobs((150, 160, 1), 40, 4, 7)),
             "noisy": blobs((150, 160, 1), 12, 9, 8) +
                      4 * random_pixels("u8", (150, 160, 1), 9).astype(np.uint16)}


OPERATIONS = (gaussian_blur, laplacian_of_gaussian, difference_of_gaussian, neighborhood_filter,
              stencil, top_hat, grayscale_morphology, binary_morphology, distance_transform,
              label_morphology, reconstruction, median, rearrangement, resampling, scaling,
              pointwise, elementary, projection, reduction, threshold_otsu,
              threshold_multi_otsu, adaptive_threshold, auto_local_threshold,
              detect_maxima, detect_scale_maxima, connected_component_labeling, labeling, fill_label_holes,
              labels_statistics, label_shapes, label_percentiles, label_pairs, merge_touching_labels,
              masked_voronoi_labeling, voronoi_otsu_labeling, watershed, estimate_diameter)


def versions():
    found = [f"Python {platform.python_version()}"]
    found += [f"{module.__name__} {module.__version__}" for module in (np, scipy, skimage)]
    try:
        import pyclesperanto
        found.append(f"pyclesperanto {pyclesperanto.__version__}")
    except ImportError:
        pass
    return ", ".join(found)


def write(operation, folder):
    header, data = "", b""
    for entry, array in operation():
        array = np.ascontiguousarray(array)
        if array.dtype.kind == "u":
            array = array.astype(np.min_scalar_type(array.max()))
        size = (array.shape[::-1] + (1, 1))[:3]
        header += f"{entry} {STORED[array.dtype]} {size[0]} {size[1]} {size[2]}\n"
        data += array.astype(array.dtype.newbyteorder("<")).tobytes()
    path = folder / f"{operation.__name__}.golden"
    command = f"python3 tests/golden/make_golden.py {operation.__name__}"
    path.write_bytes(f"# {versions()}\n# {command}\n{header}data\n".encode("ascii") + data)
    print(f"{path.name}: {path.stat().st_size} bytes")


def main():
    wanted = sys.argv[1:]
    unknown = set(wanted) - {operation.__name__ for operation in OPERATIONS}
    if unknown:
        sys.exit(f"no such operation: {', '.join(sorted(unknown))}")
    for operation in OPERATIONS:
        if not wanted or operation.__name__ in wanted:
            write(operation, pathlib.Path(__file__).resolve().parent)


if __name__ == "__main__":
    main()
