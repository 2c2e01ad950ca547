// SPDX-License-Identifier: BSD-3-Clause
// The page of a segmentation, as far as it can be seen without a browser.
#include "cli/segmentation_page.hpp"

#include <png.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "cli/overlay.hpp"
#include "cli/plots.hpp"
#include "gpuimg/io/png.hpp"
#include "support/files.hpp"
#include "synthesize/field.hpp"

namespace {

using gpuimg::host_image;
using gpuimg::shape;
using gpuimg::table;
using gpuimg::cli::segmentation_page;

std::string page_text(const segmentation_page& page) {
  const test::temporary_folder folder;
  const std::string path = folder.file("page.html");
  gpuimg::cli::write_segmentation_page(path, page);
  const auto bytes = test::bytes_of(path);
  return {bytes.begin(), bytes.end()};
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// The PNG files in a list of the page's data.
std::vector<std::vector<char>> files_in(const std::string& text, const std::string& list) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::vector<char>> files;
  std::size_t at = text.find(list + ":[") + list.size() + 2;
  while (text[at] == '"') {
    const std::size_t end = text.find('"', at + 1);
    std::vector<char> bytes;
    unsigned bits = 0, held = 0;
    for (++at; at < end && text[at] != '='; ++at) {
      bits = (bits << 6 | static_cast<unsigned>(digits.find(text[at]))) & 0xffff;
      if ((held += 6) >= 8) bytes.push_back(static_cast<char>(bits >> (held -= 8) & 255));
    }
    files.push_back(bytes);
    at = end + 3;  // ",\n
  }
  return files;
}

std::vector<std::uint8_t> grey_of(const std::vector<char>& file) {
  const test::temporary_folder folder;
  test::write_bytes(folder.file("a.png"), file);
  return std::get<std::vector<std::uint8_t>>(gpuimg::io::read_png(folder.file("a.png")).pixels);
}

std::vector<std::uint32_t> labels_of(const std::vector<char>& file) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_memory(&image, file.data(), file.size()) != 0);
  CHECK(image.format == PNG_FORMAT_RGB);  // as stored: no palette, no alpha
  std::vector<std::uint8_t> bytes(PNG_IMAGE_SIZE(image));
  REQUIRE(png_image_finish_read(&image, nullptr, bytes.data(), 0, nullptr) != 0);
  std::vector<std::uint32_t> labels;
  for (std::size_t i = 0; i < bytes.size(); i += 3)
    labels.push_back(std::uint32_t{bytes[i]} << 16 | std::uint32_t{bytes[i + 1]} << 8 |
                     bytes[i + 2]);
  return labels;
}

host_image image_of(std::vector<float> pixels, const shape& size) {
  return {.size = size, .pixels = std::move(pixels)};
}
host_image label_image(std::vector<std::uint32_t> labels, const shape& size) {
  return {.size = size, .pixels = std::move(labels)};
}

/// Label, area, centre and mean of each object of a synthetic image.
table measure(const gpuimg::examples::field& field) {
  table t{{"label", "area", "centroid_x", "centroid_y", "centroid_z", "mean_intensity"}, {}};
  for (std::uint32_t label = 1; label <= field.nuclei; ++label)
    t.rows.push_back({static_cast<double>(label), 0, 0, 0, 0, 0});
  for (std::size_t i = 0; i < field.labels.size(); ++i) {
    if (field.labels[i] == 0) continue;
    auto& row = t.rows[field.labels[i] - 1];
    const std::size_t x = i % field.size.x, y = i / field.size.x % field.size.y;
    row[1] += 1;
    row[2] += static_cast<double>(x);
    row[3] += static_cast<double>(y);
    row[4] += static_cast<double>(i / field.size.x / field.size.y);
    row[5] += field.image[i];
  }
  for (auto& row : t.rows)
    for (std::size_t k = 2; k < row.size(); ++k) row[k] /= row[1];
  return t;
}

void write_example(const std::string& path, const gpuimg::examples::field_options& options) {
  const auto field = gpuimg::examples::synthesize(options);
  host_image image{.size = field.size, .pixels = field.image};
  image.pixel_size = {0.5, 0.5, 2};
  image.unit = "um";
  const host_image labels{.size = field.size, .pixels = field.labels};
  const table measurements = measure(field);
  gpuimg::cli::write_segmentation_page(
      path, {"nuclei <1> & \"2\".tif",
             {{"method", "nuclei"}, {"diameter", "24.3 pixels, estimated"}},
             "gpuimg segment 'nuclei <1> & \"2\".tif' </script> results",
             image,
             labels,
             measurements});
}

}  // namespace

TEST_CASE("segmentation page: grey and labels are in the page, and a volume's projection",
          "[cli]") {
  const shape size{3, 1, 2};
  const host_image image = image_of({0.f, 10, 4, 5, 0, std::nanf("")}, size);
  const host_image labels = label_image({0u, 7, 0xabcdef, 3, 0, 9}, size);
  const table none{{"label"}, {}};
  const std::string text = page_text({"a", {}, "b", image, labels, none});
  const auto grey = files_in(text, "grey"), drawn = files_in(text, "labels");
  REQUIRE(grey.size() == 3);
  REQUIRE(drawn.size() == 3);
  using greys = std::vector<std::uint8_t>;
  using numbers = std::vector<std::uint32_t>;
  CHECK(grey_of(grey[0]) == greys{0, 255, 102});
  CHECK(grey_of(grey[1]) == greys{128, 0, 0});
  CHECK(grey_of(grey[2]) == greys{128, 255, 102});
  CHECK(labels_of(drawn[0]) == numbers{0, 7, 0xabcdef});
  CHECK(labels_of(drawn[1]) == numbers{3, 0, 9});
  CHECK(labels_of(drawn[2]) == numbers{3, 7, 0xabcdef});  // of the brightest pixels
  CHECK(has(text, "id=\"slice\""));
}

TEST_CASE("segmentation page: a 2D image has no slider, and an empty table is one", "[cli]") {
  const host_image image = image_of({1.f, 2}, {2, 1}), labels = label_image({0u, 0}, {2, 1});
  const table none{{"label", "area"}, {}};
  const std::string text = page_text({"a", {}, "b", image, labels, none});
  CHECK(files_in(text, "grey").size() == 1);
  CHECK_FALSE(has(text, "id=\"slice\""));
  CHECK_FALSE(has(text, "<svg"));
  CHECK_FALSE(has(text, "class=\"bar\""));
  CHECK(has(text, "rows:[]}"));
}

TEST_CASE("segmentation page: it needs no other file and no text breaks it", "[cli]") {
  host_image image = image_of({1.f, 2}, {2, 1});
  image.pixel_size = {0.5, 0.5, 0};
  image.unit = "</script><i>";
  const host_image labels = label_image({0u, 1}, {2, 1});
  const table measurements{{"label", "area", "a</script><!--"}, {{1, 1, 2}}};
  const std::string text = page_text({"<b>&\"</script>",
                                      {{"<name>", "</script>&"}},
                                      "gpuimg 'a<b>' \"&\" </script>",
                                      image,
                                      labels,
                                      measurements});
  CHECK(count(text, "</script>") == 2);
  CHECK(count(text, "<script>") == 2);
  CHECK_FALSE(has(text, "<b>"));
  CHECK_FALSE(has(text, "<i>"));
  CHECK_FALSE(has(text, "<!--"));
  CHECK(has(text, "<title>&lt;b>&amp;&quot;&lt;/script></title>"));
  CHECK(has(text, "<td>&lt;name></td><td>&lt;/script>&amp;</td>"));
  CHECK(has(text, "<pre>gpuimg 'a&lt;b>' &quot;&amp;&quot; &lt;/script></pre>"));
  CHECK(has(text, "\"a\\u003c/script>\\u003c!--\""));
  CHECK(count(text, "://") == count(text, "xmlns=\"http://www.w3.org/2000/svg\""));
  for (const char* outside : {" src=", "href=", "url(", "@import", "fetch(", "import("})
    CHECK_FALSE(has(text, outside));
}

TEST_CASE("segmentation page: what is not finite is null, and of another slice is found", "[cli]") {
  const host_image image = image_of({1.f, 2, 3}, {1, 1, 3});
  const host_image labels = label_image({0u, 4, 2}, {1, 1, 3});
  const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  const table measurements{{"label", "area", "x"}, {{2, nan, 0.25}, {4, 1, infinity}, {8, 1, -1}}};
  const std::string text = page_text({"a", {}, "b", image, labels, measurements});
  CHECK(has(text, "rows:[[2,null,0.25],\n[4,1,null],\n[8,1,-1]]"));
  CHECK(has(text, "sliceOf:[2,1,-1]"));
}

TEST_CASE("segmentation page: a large image is shown in part, and says so", "[cli]") {
  constexpr shape size{2051, 3, 4};
  std::vector<float> pixels(size.pixels());
  std::vector<std::uint32_t> numbers(size.pixels());
  for (std::size_t i = 0; i < pixels.size(); ++i) numbers[i] = static_cast<std::uint32_t>(1 + i);
  const host_image image = image_of(pixels, size), labels = label_image(numbers, size);
  const table none{{"label"}, {}};
  const auto drawn_of = [&](std::size_t most, std::string& text) {
    text = page_text({"a", {}, "b", image, labels, none, most});
    std::vector<std::vector<std::uint32_t>> drawn;
    for (const auto& file : files_in(text, "labels")) drawn.push_back(labels_of(file));
    return drawn;
  };
  std::string text;
  CHECK(drawn_of(size.pixels(), text).at(3).size() == size.x * size.y);
  CHECK_FALSE(has(text, "The image is large"));

  auto drawn = drawn_of(size.pixels() - 1, text);
  CHECK(has(text, "one pixel of 2 along x and y is shown"));
  REQUIRE(drawn.size() == 5);
  REQUIRE(drawn[1].size() == 1026 * 2);
  CHECK(drawn[1][1] == 3 + size.x * size.y);
  CHECK(drawn[1][1026] == 1 + 2 * size.x + size.x * size.y);

  drawn = drawn_of(2000, text);  // along x and y no further than to 1024
  CHECK(has(text, "one pixel of 3 along x and y and one slice of 2 is shown"));
  REQUIRE(drawn.size() == 3);
  CHECK(drawn[1].front() == 1 + 2 * size.x * size.y);
}

TEST_CASE("segmentation page: labels of 2^24 and above are not drawn", "[cli]") {
  const host_image image = image_of({1.f, 2}, {2, 1}), most = label_image({0u, 0xffffff}, {2, 1}),
                   beyond = label_image({5u, 0x1000000}, {2, 1});
  const table none{{"label"}, {}};
  CHECK(files_in(page_text({"a", {}, "b", image, most, none}), "labels").size() == 1);
  const std::string text = page_text({"a", {}, "b", image, beyond, none});
  CHECK(files_in(text, "labels").empty());
  CHECK(has(text, "The labels go beyond 16777215"));
}

TEST_CASE("segmentation page: a scale bar of a round length", "[cli]") {
  host_image image = image_of(std::vector<float>(100), {100, 1});
  image.pixel_size = {0.65, 0.65, 0};
  image.unit = "um";
  const host_image labels = label_image(std::vector<std::uint32_t>(100), {100, 1});
  const table none{{"label"}, {}};
  CHECK(has(page_text({"a", {}, "b", image, labels, none}), "width:15.38%\"></div>10 um"));
  image.pixel_size[0] = 0.9;
  CHECK(has(page_text({"a", {}, "b", image, labels, none}), "width:22.22%\"></div>20 um"));
}

TEST_CASE("segmentation page: other shapes, no pixels and no u32 labels are refused", "[cli]") {
  const host_image two = image_of({1.f, 2}, {2, 1}), nothing = image_of(std::vector<float>{}, {0});
  const host_image one = label_image({1u}, {1}),
                   no_labels = label_image(std::vector<std::uint32_t>{}, {0});
  const table none{{"label"}, {}};
  CHECK_THROWS_AS(page_text({"a", {}, "b", two, one, none}), gpuimg::argument_error);
  CHECK_THROWS_AS(page_text({"a", {}, "b", nothing, no_labels, none}), gpuimg::argument_error);
  CHECK_THROWS_AS(page_text({"a", {}, "b", two, two, none}), gpuimg::argument_error);
}

// For segmentation_page_in_browser.cmake.
TEST_CASE("segmentation page: examples", "[.][segmentation_page_examples]") {
  const char* folder = std::getenv("GPUIMG_TEST_PAGES");
  REQUIRE(folder != nullptr);
  const std::string in = folder;
  write_example(in + "/flat.html", {.size = {400, 300}, .nuclei = 60, .radius = 12});
  write_example(in + "/volume.html",
                {.size = {256, 200, 24}, .nuclei = 60, .radius = 10, .psf_sigma_z = 1});
}
