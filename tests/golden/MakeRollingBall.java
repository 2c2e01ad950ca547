// SPDX-License-Identifier: BSD-3-Clause
// Writes rolling_ball.golden: an image of 8 bits and one of floats, the backgrounds that ImageJ's
// rolling balls find, and the image of 8 bits without them. With ImageJ's ij.jar (Debian: imagej)
// and a JDK, from the root of the project:
//
//     java -cp /usr/share/java/ij.jar tests/golden/MakeRollingBall.java
import ij.IJ;
import ij.plugin.filter.BackgroundSubtracter;
import ij.process.ByteProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;

class MakeRollingBall {
  static final int WIDTH = 61, HEIGHT = 47;
  static final double[] RADII = {4.5, 25, 50, 150};

  /// Bright and dark discs on a ground that rises, with noise.
  static double[] image() {
    Random random = new Random(7);
    double[] pixels = new double[WIDTH * HEIGHT];
    for (int i = 0; i < pixels.length; ++i)
      pixels[i] = 60 + i % WIDTH + 20 * Math.sin(i / WIDTH / 9.0) + random.nextInt(12);
    for (int disc = 0; disc < 12; ++disc) {
      int x = random.nextInt(WIDTH), y = random.nextInt(HEIGHT), radius = 2 + random.nextInt(5);
      int height = disc % 3 == 0 ? -40 : 60;
      for (int i = 0; i < pixels.length; ++i)
        if (Math.hypot(i % WIDTH - x, i / WIDTH - y) <= radius) pixels[i] += height;
    }
    return pixels;
  }

  public static void main(String[] arguments) throws Exception {
    StringBuilder header = new StringBuilder();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    double[] pixels = image();
    ByteProcessor bytes = new ByteProcessor(WIDTH, HEIGHT);
    FloatProcessor floats = new FloatProcessor(WIDTH, HEIGHT);
    for (int i = 0; i < pixels.length; ++i) {
      bytes.set(i, (int) Math.max(0, Math.min(255, pixels[i])));
      floats.setf(i, (float) (pixels[i] * 12.34567));
    }
    write("bytes", bytes, header, data);
    write("floats", floats, header, data);
    for (double radius : RADII)
      for (int light = 0; light < 2; ++light)
        for (int smooth = 0; smooth < 2; ++smooth) {
          String name = "_" + (int) radius + (light == 1 ? "_light" : "")
              + (smooth == 1 ? "_smooth" : "");
          ImageProcessor background = floats.duplicate();
          new BackgroundSubtracter().rollingBallBackground(background, radius, true, light == 1,
              false, smooth == 1, true);
          write("background" + name, background, header, data);
          ImageProcessor rest = bytes.duplicate();
          new BackgroundSubtracter().rollingBallBackground(rest, radius, false, light == 1, false,
              smooth == 1, true);
          write("rest" + name, rest, header, data);
        }
    try (OutputStream file = new FileOutputStream("tests/golden/rolling_ball.golden")) {
      String first = "# ImageJ " + IJ.getVersion()
          + "\n# java -cp /usr/share/java/ij.jar tests/golden/MakeRollingBall.java\n";
      file.write((first + header + "data\n").getBytes(StandardCharsets.US_ASCII));
      data.writeTo(file);
    }
  }

  static void write(String name, ImageProcessor image, StringBuilder header,
                    ByteArrayOutputStream data) throws Exception {
    boolean isFloat = image instanceof FloatProcessor;
    ByteBuffer four = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    header.append(name + (isFloat ? " f32 " : " u8 ") + WIDTH + " " + HEIGHT + " 1\n");
    for (int i = 0; i < WIDTH * HEIGHT; ++i)
      if (isFloat)
        data.write(four.putFloat(0, image.getf(i)).array());
      else
        data.write(image.get(i));
  }
}
