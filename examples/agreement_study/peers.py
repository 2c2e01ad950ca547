# SPDX-License-Identifier: BSD-3-Clause
"""scikit-image, SimpleITK and pyclesperanto in the agreement study: measures the given labels of
every image, then segments the image and measures its own labels.

    peers.py scikit-image|SimpleITK|pyclesperanto STUDY
"""
import pathlib
import sys

import numpy
import tifffile

SIGMA = 2  # of the blur, pixels


class ScikitImage:
    def __init__(self):
        import skimage.filters
        import skimage.measure
        self.package = skimage
        self.version = f"scikit-image {skimage.__version__}, numpy {numpy.__version__}"

    def segment(self, image):
        filters = self.package.filters
        blurred = filters.gaussian(image, SIGMA, preserve_range=True)
        return self.package.measure.label(blurred > filters.threshold_otsu(blurred))

    def measure(self, labels, image):
        columns = self.package.measure.regionprops_table(
            labels, image, properties=("label", "area", "intensity_mean", "centroid", "perimeter",
                                       "perimeter_crofton"))
        return {"label": columns["label"], "area": columns["area"],
                "mean_intensity": columns["intensity_mean"], "centroid_x": columns["centroid-1"],
                "centroid_y": columns["centroid-0"], "perimeter": columns["perimeter"],
                "perimeter_crofton": columns["perimeter_crofton"]}


class SimpleITK:
    def __init__(self):
        import SimpleITK as sitk
        self.package = sitk
        self.version = (f"SimpleITK {sitk.Version.VersionString()}, "
                        f"ITK {sitk.Version.ITKVersionString()}")

    def segment(self, image):
        sitk = self.package
        blurred = sitk.SmoothingRecursiveGaussian(sitk.GetImageFromArray(image), SIGMA)
        labels = sitk.ConnectedComponent(sitk.OtsuThreshold(blurred, 0, 1), True)
        return sitk.GetArrayFromImage(labels)

    def measure(self, labels, image):
        sitk = self.package
        found = sitk.LabelIntensityStatisticsImageFilter()
        found.Execute(sitk.GetImageFromArray(labels), sitk.GetImageFromArray(image))
        ids = found.GetLabels()
        perimeters = [found.GetPerimeter(i) for i in ids]  # by Crofton's formula
        return {"label": ids, "area": [found.GetNumberOfPixels(i) for i in ids],
                "mean_intensity": [found.GetMean(i) for i in ids],
                "centroid_x": [found.GetCentroid(i)[0] for i in ids],
                "centroid_y": [found.GetCentroid(i)[1] for i in ids],
                "perimeter": perimeters, "perimeter_crofton": perimeters}


class Pyclesperanto:
    def __init__(self):
        import pyclesperanto as cle
        self.package = cle
        self.version = f"pyclesperanto {cle.__version__}, {cle.get_device().name}"

    def segment(self, image):
        cle = self.package
        blurred = cle.gaussian_blur(image.astype(numpy.float32), sigma_x=SIGMA, sigma_y=SIGMA)
        labels = cle.connected_component_labeling(cle.threshold_otsu(blurred), connectivity="box")
        return cle.pull(labels)

    def measure(self, labels, image):
        columns = self.package.labels_statistics(labels.astype(numpy.uint32), image)
        return {name: columns[name]
                for name in ("label", "area", "mean_intensity", "centroid_x", "centroid_y")}


def write_table(path, columns):
    lines = [",".join(columns)]
    lines += [",".join(repr(float(cell)) for cell in row) for row in zip(*columns.values())]
    path.write_text("\n".join(lines) + "\n")


def main():
    name, study = sys.argv[1], pathlib.Path(sys.argv[2])
    method = {"scikit-image": ScikitImage, "SimpleITK": SimpleITK,
              "pyclesperanto": Pyclesperanto}[name]()
    folder = study / "methods" / name
    for path in sorted((study / "images").glob("*.tif")):
        image = tifffile.imread(path)
        given = tifffile.imread(study / "labels" / path.name)
        write_table(folder / "given" / f"{path.stem}.csv", method.measure(given, image))
        own = method.segment(image)
        tifffile.imwrite(folder / "own" / path.name, own.astype(numpy.uint32))
        write_table(folder / "own" / f"{path.stem}.csv", method.measure(own, image))
    (folder / "version.txt").write_text(method.version + "\n")


main()
