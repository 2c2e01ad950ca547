# SPDX-License-Identifier: BSD-3-Clause
"""Writes scores.txt: what others say of 200 pairs of small label images, which the tests make anew
from the number of the pair.

    python3 tests/golden/make_scores.py > tests/golden/scores.txt
"""
import numpy as np
import scipy
import skimage
import sklearn
from scipy import ndimage, optimize
from skimage.metrics import contingency_table, variation_of_information
from sklearn import metrics as sk

WIDTH, HEIGHT, THRESHOLDS = 23, 17, (0.1, 0.3, 0.5, 0.75, 0.9)


def random_numbers(seed):
    """The linear congruential generator of Numerical Recipes, its upper half."""
    state = (seed * 7919 + 1) % 2**32
    while True:
        state = (1664525 * state + 1013904223) % 2**32
        yield state >> 16


def label_image(numbers, objects, spread):
    """Touching cells around random points; a third of the points are background."""
    points = [(next(numbers) % WIDTH, next(numbers) % HEIGHT, next(numbers) % 3) for _ in range(objects)]
    image = np.zeros((HEIGHT, WIDTH), np.uint32)
    for y in range(HEIGHT):
        for x in range(WIDTH):
            best = spread
            for i, (px, py, kind) in enumerate(points):
                d = (x - px) ** 2 + (y - py) ** 2
                if d < best:
                    best = d
                    image[y, x] = 0 if kind == 0 else 3 * i + 1
    return image


def shifted(numbers, image):
    """The image moved by up to two pixels, some of its objects split, joined or gone."""
    dx, dy = next(numbers) % 3, next(numbers) % 3
    moved = np.zeros_like(image)
    moved[dy:, dx:] = image[: HEIGHT - dy, : WIDTH - dx]
    cut = next(numbers) % WIDTH
    for label in np.unique(moved[moved > 0]):
        change = next(numbers) % 5
        where = moved == label
        if change == 0:
            moved[where] = 0
        elif change == 1:
            moved[where & (np.arange(WIDTH)[None, :] < cut)] += 1
        elif change == 2:
            moved[where] = 1
    return moved


def images(case):
    numbers = random_numbers(case)
    truth = label_image(numbers, case % 12, 20 + case % 60)
    kind = case % 10
    if kind == 0:
        return truth, np.zeros_like(truth)
    if kind == 1:
        return np.zeros_like(truth), truth
    if kind == 2:
        return truth, label_image(numbers, 1 + case % 12, 40)
    return truth, shifted(numbers, truth)


def matching(truth, predicted, threshold):
    """As stardist.matching (0.9.1), which is written for label images without gaps."""
    t, p = (np.unique(i, return_inverse=True)[1].reshape(i.shape) for i in (truth + 0, predicted + 0))
    t = t + (truth.min() > 0)
    p = p + (predicted.min() > 0)
    overlap = np.zeros((t.max() + 1, p.max() + 1))
    np.add.at(overlap, (t.ravel(), p.ravel()), 1)
    union = overlap.sum(1, keepdims=True) + overlap.sum(0, keepdims=True) - overlap
    scores = (overlap / np.maximum(union, 1))[1:, 1:]
    n_true, n_pred = scores.shape
    matched = min(n_true, n_pred)
    tp, total = 0, 0.0
    if matched > 0 and np.any(scores >= threshold):
        costs = -(scores >= threshold).astype(float) - scores / (2 * matched)
        i, j = optimize.linear_sum_assignment(costs)
        ok = scores[i, j] >= threshold
        tp, total = int(ok.sum()), float(scores[i, j][ok].sum())
    return tp, n_pred - tp, n_true - tp, total


def surface_distances(a, b):
    """Hausdorff, the greater 95th percentile, the average over both surfaces."""
    def surface(mask):
        return mask & ~ndimage.binary_erosion(mask)
    a, b = surface(a), surface(b)
    if not a.any() or not b.any():
        return [np.inf if a.any() or b.any() else np.nan] * 3
    spacing = (2, 0.5)
    there = ndimage.distance_transform_edt(~b, spacing)[a]
    back = ndimage.distance_transform_edt(~a, spacing)[b]
    return [max(there.max(), back.max()), max(np.percentile(there, 95), np.percentile(back, 95)),
            (there.sum() + back.sum()) / (a.sum() + b.sum())]


def main():
    print(f"# make_scores.py: numpy {np.__version__}, scipy {scipy.__version__}, "
          f"scikit-image {skimage.__version__}, scikit-learn {sklearn.__version__}")
    print("# case, hash of both images; tp fp fn sum at IoU", *THRESHOLDS,
          "; ARI, VI split, VI merged; average precision; HD, HD95, ASSD with spacing 0.5 x 2")
    for case in range(200):
        truth, predicted = images(case)
        mixed = 0
        for value in np.concatenate([truth.ravel(), predicted.ravel()]):
            mixed = (mixed * 31 + int(value)) % 2**32
        line = [case, mixed]
        for threshold in THRESHOLDS:
            line += matching(truth, predicted, threshold)
        line.append(sk.adjusted_rand_score(truth.ravel(), predicted.ravel()))
        line += list(variation_of_information(predicted, truth))
        scores = (predicted % 7) / 7
        line.append(sk.average_precision_score(truth.ravel() > 0, scores.ravel()) if truth.any() else np.nan)
        line += surface_distances(truth > 0, predicted > 0)
        print(*(f"{float(v):.15g}" for v in line))


if __name__ == "__main__":
    main()
