// SPDX-License-Identifier: BSD-3-Clause
// Writes binary_watershed.golden: discs that overlap, and ImageJ's watershed of them. With ImageJ's
// ij.jar (Debian: imagej) and a JDK, from the root of the project:
//
//     java -cp /usr/share/java/ij.jar tests/golden/MakeWatershed.java
import ij.IJ;
import ij.plugin.filter.EDM;
import ij.process.ByteProcessor;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;

class MakeWatershed {
  static final int WIDTH = 230, HEIGHT = 170;

  static ByteProcessor discs(int count, int least, int most, int seed) {
    Random random = new Random(seed);
    ByteProcessor image = new ByteProcessor(WIDTH, HEIGHT);
    for (int n = 0; n < count; ++n) {
      int x = random.nextInt(WIDTH), y = random.nextInt(HEIGHT);
      int radius = least + random.nextInt(most - least + 1);
      for (int i = 0; i < WIDTH * HEIGHT; ++i) {
        int dx = i % WIDTH - x, dy = i / WIDTH - y;
        if (dx * dx + dy * dy <= radius * radius) image.set(i, 255);
      }
    }
    return image;
  }

  public static void main(String[] arguments) throws Exception {
    StringBuilder header = new StringBuilder();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    ByteProcessor[] images = {discs(60, 6, 13, 1), discs(25, 15, 25, 2), discs(150, 3, 7, 3)};
    String[] names = {"discs", "large", "small"};
    for (int k = 0; k < images.length; ++k)
      for (String name : new String[] {names[k], names[k] + "_parted"}) {
        header.append(name + " u8 " + WIDTH + " " + HEIGHT + " 1\n");
        if (name.endsWith("_parted")) new EDM().toWatershed(images[k]);
        for (int i = 0; i < WIDTH * HEIGHT; ++i) data.write(images[k].get(i) != 0 ? 1 : 0);
      }
    try (OutputStream file = new FileOutputStream("tests/golden/binary_watershed.golden")) {
      String first = "# ImageJ " + IJ.getVersion()
          + "\n# java -cp /usr/share/java/ij.jar tests/golden/MakeWatershed.java\n";
      file.write((first + header + "data\n").getBytes(StandardCharsets.US_ASCII));
      data.writeTo(file);
    }
  }
}
