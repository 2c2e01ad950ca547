// SPDX-License-Identifier: BSD-3-Clause
// Writes find_maxima.golden: images, and ImageJ's maxima of them, of several prominences. With
// ImageJ's ij.jar (Debian: imagej) and a JDK, from the root of the project:
//
//     java -cp /usr/share/java/ij.jar tests/golden/MakeMaxima.java
//
// Images are noise with few values or with values that all differ, and smoothed noise.
import ij.IJ;
import ij.plugin.filter.MaximumFinder;
import ij.process.ByteProcessor;
import ij.process.FloatProcessor;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

class MakeMaxima {
  static final int WIDTH = 47, HEIGHT = 31;
  static final double[] PROMINENCES = {0, 3, 40, 400, 5000};

  static float[] image(String kind) {
    Random random = new Random(7);
    float[] pixels = new float[WIDTH * HEIGHT];
    if (kind.equals("few")) {
      for (int i = 0; i < pixels.length; ++i) pixels[i] = random.nextInt(9);
      return pixels;
    }
    for (int i = 0; i < pixels.length; ++i) pixels[i] = random.nextInt(1000);
    for (int round = kind.equals("smooth") ? 4 : 0; round > 0; --round) {
      float[] before = pixels.clone();
      for (int i = 0; i < pixels.length; ++i) {
        int x = i % WIDTH, y = i / WIDTH, sum = 0, count = 0;
        for (int k = -1; k <= 1; ++k)
          for (int j = -1; j <= 1; ++j)
            if (x + j >= 0 && x + j < WIDTH && y + k >= 0 && y + k < HEIGHT) {
              sum += (int) before[i + j + WIDTH * k];
              ++count;
            }
        pixels[i] = sum / count;
      }
    }
    // Their ranks: no two are equal.
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < pixels.length; ++i) order.add(i);
    final float[] values = pixels;
    Collections.sort(order, (a, b) -> Float.compare(values[a], values[b]));
    float[] ranks = new float[pixels.length];
    for (int i = 0; i < ranks.length; ++i) ranks[order.get(i)] = i;
    return ranks;
  }

  public static void main(String[] arguments) throws Exception {
    StringBuilder header = new StringBuilder();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (String kind : new String[] {"few", "noise", "smooth"}) {
      float[] pixels = image(kind);
      header.append(kind + " u16 " + WIDTH + " " + HEIGHT + " 1\n");
      for (float value : pixels) {
        data.write((int) value & 255);
        data.write((int) value >> 8);
      }
      for (double prominence : PROMINENCES) {
        ByteProcessor found = new MaximumFinder().findMaxima(
            new FloatProcessor(WIDTH, HEIGHT, pixels.clone()), prominence,
            MaximumFinder.SINGLE_POINTS, false);
        header.append(kind + "_" + (int) prominence + " u8 " + WIDTH + " " + HEIGHT + " 1\n");
        for (int i = 0; i < pixels.length; ++i) data.write(found.get(i) != 0 ? 1 : 0);
      }
    }
    try (OutputStream file = new FileOutputStream("tests/golden/find_maxima.golden")) {
      String first = "# ImageJ " + IJ.getVersion()
          + "\n# java -cp /usr/share/java/ij.jar tests/golden/MakeMaxima.java\n";
      file.write((first + header + "data\n").getBytes(StandardCharsets.US_ASCII));
      data.writeTo(file);
    }
  }
}
