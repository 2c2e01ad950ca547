// SPDX-License-Identifier: BSD-3-Clause
// Writes label_shapes_imagej.golden: objects of many kinds, and what ImageJ's Analyze Particles says
// of each, with square pixels and with others. With ImageJ's ij.jar (Debian: imagej) and a JDK, from
// the root of the project:
//
//     java -Djava.awt.headless=true -cp /usr/share/java/ij.jar tests/golden/MakeLabelShapes.java
//
// Every object is one piece, as Analyze Particles takes each piece for a particle of its own.
import ij.IJ;
import ij.ImagePlus;
import ij.measure.Measurements;
import ij.measure.ResultsTable;
import ij.plugin.filter.ParticleAnalyzer;
import ij.process.ByteProcessor;
import ij.process.ImageProcessor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;

class MakeLabelShapes {
  static final int CELL = 24, COLUMNS = 6, ROWS = 6;
  static final String[] NAMES = {"Perim.", "Circ.", "Feret", "MinFeret", "FeretAngle", "Major",
                                 "Minor",  "Angle", "AR",    "Round",    "Solidity"};

  static boolean inside(int kind, double x, double y) {
    double u = x - 11, v = y - 11;
    switch (kind) {
      case 0: return x == 0 && y == 0;  // a pixel
      case 1: return x < 17 && y == 0;
      case 2: return x == 3 && y < 24;
      case 3: return x < 9 && y < 9;
      case 4: return x >= 2 && x < 22 && y > 3 && y < 11;
      case 5: return x == y && x < 15;  // touching at corners
      case 6: return x < 2 && x == y;
      case 7: return u * u + v * v <= 100;
      case 8: return u * u + v * v <= 110 && u * u + v * v >= 25;  // with a hole
      case 9: return u * u + v * v <= 6;
      case 10: return Math.pow((u + 0.6 * v) / 9, 2) + Math.pow((v - 0.6 * u) / 4, 2) <= 1;
      case 11: return Math.pow((u - 0.3 * v) / 11, 2) + Math.pow((v + 0.3 * u) / 3, 2) <= 1;
      case 12: return x < 4 || y > 19;                                  // L
      case 13: return x < 5 || x > 18 || y > 14;                        // U
      case 14: return y <= x / 2;                                       // triangle
      case 15: return 2 * Math.abs(u) + 3 * Math.abs(v) <= 22;          // rhomb
      case 16: return Math.abs(u) <= 1 || Math.abs(v) <= 2;             // cross
      case 17: return (x + y) % 2 == 0 && x < 12 && y < 10;             // chequered
      case 18: return x % 4 == 0 || y == 12;                            // comb
      case 19: return x + 2 * y > 26 && x + 2 * y < 31;                     // slanted
      default: return u * u + v * v >= 60 && u * u + v * v <= 121 && (u > -3 || v > 2);
    }
  }

  /// Pixels that grow around one, each at a neighbour of one that is there.
  static void grow(ImageProcessor image, int label, int x0, int y0, int count) {
    Random random = new Random(label);
    image.set(x0 + 12, y0 + 12, label);
    while (count > 1) {
      int x = 1 + random.nextInt(CELL - 2), y = 1 + random.nextInt(CELL - 2);
      int dx = random.nextInt(3) - 1, dy = random.nextInt(3) - 1;
      if (image.get(x0 + x, y0 + y) == label || image.get(x0 + x + dx, y0 + y + dy) != label)
        continue;
      image.set(x0 + x, y0 + y, label);
      --count;
    }
  }

  static double[] measure(ImageProcessor image, int label, double width, double height)
      throws Exception {
    ImageProcessor copy = image.duplicate();
    copy.setThreshold(label, label, ImageProcessor.NO_LUT_UPDATE);
    ImagePlus plus = new ImagePlus("", copy);
    plus.getCalibration().pixelWidth = width;
    plus.getCalibration().pixelHeight = height;
    ResultsTable table = new ResultsTable();
    int measurements = Measurements.PERIMETER | Measurements.FERET | Measurements.ELLIPSE
        | Measurements.SHAPE_DESCRIPTORS | Measurements.AREA;
    ParticleAnalyzer analyzer =
        new ParticleAnalyzer(ParticleAnalyzer.SHOW_NONE, measurements, table, 0, 1e9);
    if (!analyzer.analyze(plus) || table.size() != 1)
      throw new Exception("label " + label + ": " + table.size() + " particles");
    double[] row = new double[NAMES.length];
    for (int i = 0; i < NAMES.length; ++i) row[i] = table.getValue(NAMES[i], 0);
    return row;
  }

  public static void main(String[] arguments) throws Exception {
    ImageProcessor image = new ByteProcessor(CELL * COLUMNS, CELL * ROWS);
    int count = COLUMNS * ROWS;
    for (int i = 0; i < count; ++i) {
      int x0 = i % COLUMNS * CELL, y0 = i / COLUMNS * CELL;
      if (i > 20) {
        grow(image, i + 1, x0, y0, 1 + (i - 20) * (i - 20));
        continue;
      }
      for (int y = 0; y < CELL; ++y)
        for (int x = 0; x < CELL; ++x)
          if (inside(i, x, y)) image.set(x0 + x, y0 + y, i + 1);
    }
    int columns = NAMES.length;
    ByteBuffer rows = ByteBuffer.allocate(2 * count * columns * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (int pixels = 0; pixels < 2; ++pixels)
      for (int i = 0; i < count; ++i)
        for (double value : measure(image, i + 1, 0.5, pixels == 0 ? 0.5 : 0.8))
          rows.putDouble(value);
    try (OutputStream file = new FileOutputStream("tests/golden/label_shapes_imagej.golden")) {
      String size = " f64 " + columns + " " + count + " 1\n";
      String header = "# ImageJ " + IJ.getVersion()
          + "\n# java -Djava.awt.headless=true -cp /usr/share/java/ij.jar"
          + " tests/golden/MakeLabelShapes.java\n# columns: " + String.join(" ", NAMES)
          + "\nlabels u8 " + image.getWidth() + " " + image.getHeight() + " 1\nsquare" + size
          + "oblong" + size + "data\n";
      file.write(header.getBytes(StandardCharsets.US_ASCII));
      file.write((byte[]) image.getPixels());
      file.write(rows.array());
    }
  }
}
