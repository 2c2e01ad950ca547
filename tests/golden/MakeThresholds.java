// SPDX-License-Identifier: BSD-3-Clause
// Writes threshold_method.golden: histograms of many kinds, and ImageJ's thresholds of them. With
// ImageJ's ij.jar (Debian: imagej) and a JDK, from the root of the project:
//
//     java -cp /usr/share/java/ij.jar tests/golden/MakeThresholds.java
//
// All sums of counts times squared levels are below 2^31, beyond which ImageJ's overflow.
import ij.IJ;
import ij.process.AutoThresholder;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;

class MakeThresholds {
  static final int KINDS = 12, EACH = 8, LEVELS = 256;
  static final String[] METHODS = {"Default",      "Huang",    "Intermodes", "IsoData",
                                   "Li",           "MaxEntropy", "Mean",     "MinError",
                                   "Minimum",      "Moments",  "Otsu",       "Percentile",
                                   "RenyiEntropy", "Shanbhag", "Triangle",   "Yen"};

  static int[] histogram(int kind, int number) {
    Random random = new Random(1000 * kind + number);
    int[] counts = new int[LEVELS];
    if (kind == 0 || kind == 1) {  // any level, many pixels or few
      for (int i = 0; i < LEVELS; ++i) counts[i] = random.nextInt(kind == 0 ? 300 : 3);
    } else if (kind == 2) {  // two values
      counts[random.nextInt(LEVELS)] += 1 + random.nextInt(1000);
      counts[random.nextInt(LEVELS)] += 1 + random.nextInt(1000);
    } else if (kind == 3) {  // two values, equally often; the ends and neighbours
      int[][] pairs = {{0, 255},  {0, 1},   {254, 255}, {10, 11},
                       {10, 100}, {1, 254}, {0, 7},     {7, 255}};
      for (int level : pairs[number]) counts[level] = 30;
    } else if (kind == 4) {  // few values
      for (int i = 0; i < 3 + number; ++i)
        counts[random.nextInt(LEVELS)] += 1 + random.nextInt(3000);
    } else if (kind == 5) {  // one, two or three modes
      for (int mode = 0; mode <= number % 3; ++mode) {
        double middle = 20 + 220 * random.nextDouble(), width = 2 + 25 * random.nextDouble();
        for (int i = 200 + random.nextInt(3000); i > 0; --i)
          ++counts[level(middle + width * random.nextGaussian())];
      }
    } else if (kind == 6) {  // a dark background with a long tail
      double decay = 2 + 50 * random.nextDouble(), darkest = 30 * random.nextDouble();
      for (int i = 200 + random.nextInt(10000); i > 0; --i)
        ++counts[level(darkest - decay * StrictMath.log(1 - random.nextDouble()))];
    } else if (kind == 7) {  // a bright background with a long tail
      double decay = 2 + 50 * random.nextDouble(), brightest = 255 - 30 * random.nextDouble();
      for (int i = 200 + random.nextInt(10000); i > 0; --i)
        ++counts[level(brightest + decay * StrictMath.log(1 - random.nextDouble()))];
    } else if (kind == 8) {  // some neighbouring values
      int first = random.nextInt(LEVELS - 6);
      for (int i = 0; i < 6; ++i) counts[first + i] = 1 + random.nextInt(50);
    } else if (kind == 9) {  // saturated pixels at an end
      double middle = 20 + 220 * random.nextDouble(), width = 2 + 40 * random.nextDouble();
      for (int i = 3000; i > 0; --i) ++counts[level(middle + width * random.nextGaussian())];
      counts[number % 2 == 0 ? 0 : 255] += 1 + random.nextInt(20000);
    } else if (kind == 10) {  // only every so many levels
      for (int i = number; i < LEVELS; i += 2 + number) counts[i] = 1 + random.nextInt(500);
    } else {  // one value
      int[] all = {0, 1, 2, 100, 128, 253, 254, 255};
      counts[all[number]] = 1 + 20 * number;
    }
    return counts;
  }

  static int level(double value) {
    return (int) Math.max(0, Math.min(LEVELS - 1, Math.floor(value)));
  }

  public static void main(String[] arguments) throws Exception {
    PrintStream terminal = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream()));  // ImageJ reports failures
    ByteArrayOutputStream histograms = new ByteArrayOutputStream();
    ByteArrayOutputStream thresholds = new ByteArrayOutputStream();
    for (int i = 0; i < KINDS * EACH; ++i) {
      int[] counts = histogram(i % KINDS, i / KINDS);
      long squares = 0;
      for (int k = 0; k < LEVELS; ++k) {
        squares += (long) counts[k] * k * k;
        if (counts[k] > 0xffff) throw new Exception("a count has more than 16 bits");
        histograms.write(counts[k] & 0xff);
        histograms.write(counts[k] >> 8);
      }
      if (squares >= 1L << 31) throw new Exception("ImageJ's sums overflow");
      for (String method : METHODS) {
        int threshold = new AutoThresholder().getThreshold(method, counts.clone());
        if (threshold < 0 || threshold >= LEVELS) throw new Exception("a threshold is no level");
        thresholds.write(threshold);
      }
    }
    try (OutputStream file = new FileOutputStream("tests/golden/threshold_method.golden")) {
      int count = KINDS * EACH;
      String header = "# ImageJ " + IJ.getVersion()
          + "\n# java -cp /usr/share/java/ij.jar tests/golden/MakeThresholds.java\n"
          + "histograms u16 256 " + count + " 1\nthresholds u8 16 " + count + " 1\ndata\n";
      file.write(header.getBytes(StandardCharsets.US_ASCII));
      histograms.writeTo(file);
      thresholds.writeTo(file);
    }
    terminal.println(histograms.size() + thresholds.size() + " bytes");
  }
}
