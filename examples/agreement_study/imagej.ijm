// SPDX-License-Identifier: BSD-3-Clause
// ImageJ in the agreement study: measures the given labels of every image, then segments the image
// and measures its own labels. The argument is the study's folder, with a slash at its end.
study = getArgument();
given = study + "methods/ImageJ/given/";
own = study + "methods/ImageJ/own/";

setBatchMode(true);
run("Set Measurements...", "area mean centroid perimeter");
files = getFileList(study + "images/");
for (i = 0; i < files.length; i++) {
  name = File.getNameWithoutExtension(files[i]);
  open(study + "images/" + files[i]);
  rename("image");
  open(study + "labels/" + files[i]);
  rename("labels");
  File.saveString(measurements(), given + name + ".csv");
  close("labels");
  segment();
  saveAs("Tiff", own + name + ".tif");
  rename("labels");
  File.saveString(measurements(), own + name + ".csv");
  close("*");
}
File.saveString("ImageJ " + IJ.getFullVersion + ", Java " + getInfo("java.version") + "\n",
                study + "methods/ImageJ/version.txt");

// Makes the label image of the objects in "image".
function segment() {
  selectImage("image");
  run("Select None");
  run("Duplicate...", "title=blurred");
  run("Gaussian Blur...", "sigma=2");
  setAutoThreshold("Otsu dark");
  run("Analyze Particles...", "size=0-Infinity show=[Count Masks]");
  close("blurred");
}

// A table of the objects of "labels" in "image": each label is selected and measured.
function measurements() {
  table = "label,area,mean_intensity,centroid_x,centroid_y,perimeter\n";
  selectImage("labels");
  getStatistics(area, mean, least, last);
  for (label = 1; label <= last; label++) {
    selectImage("labels");
    setThreshold(label, label);
    run("Create Selection");
    if (selectionType() != -1) {
      selectImage("image");
      run("Restore Selection");
      List.setMeasurements;
      table += d2s(label, 0) + "," + value("Area") + "," + value("Mean") + "," + value("X") + "," +
               value("Y") + "," + value("Perim.") + "\n";
    }
  }
  return table;
}

// With as many decimals as ImageJ writes.
function value(name) {
  return d2s(List.getValue(name), 9);
}
