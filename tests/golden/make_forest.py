# SPDX-License-Identifier: BSD-3-Clause
"""Trains a random forest of scikit-learn on a few pixels of blobs, and writes it as APOC keeps its
classifiers, forest.cl.txt, with the classes that scikit-learn gives all pixels, forest.golden.

    python3 tests/golden/make_forest.py
"""
import pathlib
import platform

import numpy as np
import scipy
import scipy.ndimage as ndi
import sklearn
from sklearn.ensemble import RandomForestClassifier

HERE = pathlib.Path(__file__).parent
DEPTH, TREES = 4, 7


def blobs(shape, count, rng):
    """Noisy round blobs, and what they are: 1 outside, 2 at the rim, 3 inside."""
    distance = np.full(shape, np.inf)
    grid = np.indices(shape)
    for _ in range(count):
        centre = [rng.uniform(0, n) for n in shape]
        square = sum((axis - c) ** 2 for axis, c in zip(grid, centre))
        distance = np.minimum(distance, np.sqrt(square) - rng.uniform(3, 6))
    truth = np.where(distance > 1, 1, np.where(distance > -1.5, 2, 3))
    clean = np.array([20, 90, 160])[truth - 1]
    return np.clip(clean + rng.normal(0, 18, shape), 0, 255).astype(np.uint8), truth


def features_of(image):
    return [image] + [f(image, 3, mode="nearest")
                      for f in (ndi.maximum_filter, ndi.minimum_filter, ndi.median_filter)]


def table_of(image):
    return np.stack([f.ravel() for f in features_of(image)], axis=1).astype(np.float32)


def tree_code(tree, node, depth):
    """To the left go numbers up to a threshold: those below the next float."""
    indent = " " * depth
    if tree.children_left[node] == -1:
        weights = enumerate(tree.value[node][0])
        return "".join(f"{indent}s{k}+={float(w)!r};\n" for k, w in weights if w > 0)
    limit = np.float32(tree.threshold[node])
    if limit <= tree.threshold[node]:
        limit = np.nextafter(limit, np.float32(np.inf))
    return (f"{indent}if(i{tree.feature[node]}<{float(limit)!r}){{\n"
            + tree_code(tree, tree.children_left[node], depth + 1) + f"{indent}}} else {{\n"
            + tree_code(tree, tree.children_right[node], depth + 1) + f"{indent}}}\n")


def forest_code(forest):
    features, classes = forest.n_features_in_, forest.n_classes_
    inputs = "".join(f"IMAGE_in{i}_TYPE in{i}, " for i in range(features))
    code = f"""/*
OpenCL RandomForestClassifier
classifier_class_name = PixelClassifier
feature_specification = original maximum_box=1 minimum_box=1 median_box=1
num_ground_truth_dimensions = 2
num_classes = {classes}
num_features = {features}
max_depth = {DEPTH}
num_trees = {TREES}
*/
__kernel void predict ({inputs}IMAGE_out_TYPE out) {{
 sampler_t sampler = CLK_NORMALIZED_COORDS_FALSE | CLK_ADDRESS_CLAMP_TO_EDGE | CLK_FILTER_NEAREST;
"""
    for k, axis in enumerate("xyz"):
        code += f" const int {axis} = get_global_id({k});\n"
    for i in range(features):
        code += f" float i{i} = READ_IMAGE(in{i}, sampler, POS_in{i}_INSTANCE(x,y,z,0)).x;\n"
    for k in range(classes):
        code += f" float s{k}=0;\n"
    for tree in forest.estimators_:
        code += tree_code(tree.tree_, 0, 0)
    code += " float max_s=s0;\n int cls=1;\n"
    for k in range(1, classes):
        code += f" if (max_s < s{k}) {{\n  max_s = s{k};\n  cls={k + 1};\n }}\n"
    return code + " WRITE_IMAGE (out, POS_out_INSTANCE(x,y,z,0), cls);\n}\n"


def classes_of(forest, image):
    """No pixel may be so undecided that it matters how the trees' votes are rounded."""
    votes = np.sort(forest.predict_proba(table_of(image)), axis=1)
    assert (votes[:, -1] - votes[:, -2]).min() > 1e-5
    return forest.predict(table_of(image)).astype(np.uint8).reshape(image.shape)


rng = np.random.default_rng(5)
plane, truth = blobs((40, 48), 9, rng)
volume, _ = blobs((6, 12, 16), 2, rng)
annotated = rng.random(truth.shape) < 0.2
forest = RandomForestClassifier(max_depth=DEPTH, n_estimators=TREES, random_state=0)
forest.fit(table_of(plane)[annotated.ravel()], truth[annotated])
arrays = {"plane": plane, "plane_classes": classes_of(forest, plane),
          "volume": volume, "volume_classes": classes_of(forest, volume)}
print("right:", (arrays["plane_classes"] == truth).mean())

(HERE / "forest.cl.txt").write_text(forest_code(forest))
with open(HERE / "forest.golden", "wb") as out:
    out.write(f"# Python {platform.python_version()}, scikit-learn {sklearn.__version__}, scipy "
              f"{scipy.__version__}, numpy {np.__version__}\n".encode())
    out.write(b"# python3 tests/golden/make_forest.py\n")
    for name, array in arrays.items():
        z, y, x = (1,) * (3 - array.ndim) + array.shape
        out.write(f"{name} u8 {x} {y} {z}\n".encode())
    out.write(b"data\n")
    for array in arrays.values():
        out.write(array.tobytes())
