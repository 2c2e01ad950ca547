// SPDX-License-Identifier: BSD-3-Clause
// Writes the page of a segmentation: data from here, and a script that draws it.
#include "cli/segmentation_page.hpp"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <unordered_map>

#include "cli/json_files.hpp"
#include "cli/overlay.hpp"
#include "cli/pixels.hpp"
#include "cli/plots.hpp"
#include "gpuimg/core/error.hpp"

namespace gpuimg::cli {
namespace {

constexpr const char* style = R"css(
:root{color-scheme:light dark}
body{font:15px/1.4 sans-serif;max-width:1200px;margin:1em auto;padding:0 12px}
h1{font-size:1.3em;overflow-wrap:anywhere}
h2{font-size:1.05em;margin:1.2em 0 .4em}
main{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,1fr);gap:0 24px}
figure{margin:0}
canvas{display:block;width:100%;background:#000;cursor:crosshair}
.bar{border:2px solid;border-top:0;height:4px;margin-top:8px;box-sizing:border-box}
.controls{display:flex;flex-wrap:wrap;gap:6px 16px;align-items:center;margin:0 0 8px}
.controls label{display:flex;gap:6px;align-items:center}
#slice{flex:1;min-width:120px}
#gradient{height:12px;margin-top:8px}
.ends{display:flex;justify-content:space-between;font-size:.9em}
td,th{padding:2px 12px 2px 0;text-align:left;vertical-align:top}
td{overflow-wrap:anywhere}
#rows{max-height:24em;overflow:auto;border:1px solid #8886}
#rows table{border-collapse:collapse;font-size:.85em;white-space:nowrap}
#rows td,#rows th{padding:2px 8px;text-align:right}
#rows th{position:sticky;top:0;background:Canvas;cursor:pointer}
#rows tbody tr{cursor:pointer}
#rows tbody tr:hover{background:#8883}
#rows tbody tr.selected{background:#fd0;color:#000}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#8882;padding:8px}
svg{max-width:100%;height:auto}
@media(prefers-color-scheme:dark){svg{filter:invert(1) hue-rotate(180deg)}}
@media(max-width:700px){main{grid-template-columns:minmax(0,1fr)}}
)css";

constexpr const char* script = R"js(
const element = id => document.getElementById(id);
const canvas = element('picture'), context = canvas.getContext('2d');
const slider = element('slice'), projection = element('projection'), choice = element('column');
const {columns, rows, width, height, scale} = data;
canvas.width = width * scale;
canvas.height = height * scale;

const rowOf = new Map(rows.map((row, i) => [row[0], i]));
const text = value => value === null ? 'none' : String(Number(value.toPrecision(6)));
const ranges = columns.map((name, column) => {
  let least = Infinity, most = -Infinity;
  for (const row of rows) {
    if (row[column] === null) continue;
    least = Math.min(least, row[column]);
    most = Math.max(most, row[column]);
  }
  return [least, most];
});

// The colours of viridis, from anchors at even distances.
const anchors = [[68, 1, 84], [71, 45, 123], [59, 82, 139], [44, 114, 142], [33, 145, 140],
                 [40, 174, 128], [94, 201, 98], [173, 220, 48], [253, 231, 37]];
function viridis(share) {
  const at = share * (anchors.length - 1), i = Math.min(Math.floor(at), anchors.length - 2);
  return anchors[i].map((from, k) => from + (at - i) * (anchors[i + 1][k] - from));
}

// The colour of an object, and how much of its inside it covers.
function colourOf(label, column) {
  const row = rowOf.get(label), value = row === undefined ? null : rows[row][column];
  if (column > 0 && value !== null) {
    const [least, most] = ranges[column];
    return {colour: viridis(most > least ? (value - least) / (most - least) : 0.5), cover: 0.6};
  }
  return {colour: column > 0 ? [160, 160, 160] : data.outlines[label % data.outlines.length],
          cover: 0};
}

let grey = null, labels = null;  // of the slice that is shown
let selected = 0, ticket = 0;

// Red, green, blue and alpha of a PNG image.
async function decode(png) {
  const image = new Image();
  await new Promise((done, failed) => {
    image.onload = done;
    image.onerror = failed;
    image.src = 'data:image/png;base64,' + png;
  });
  const copy = document.createElement('canvas');
  copy.width = width;
  copy.height = height;
  const onto = copy.getContext('2d', {willReadFrequently: true});
  onto.imageSmoothingEnabled = false;
  onto.drawImage(image, 0, 0);
  return onto.getImageData(0, 0, width, height).data;
}

async function show() {
  const mine = ++ticket, projected = projection !== null && projection.checked;
  const slice = slider === null ? 0 : Number(slider.value);
  const i = projected ? data.depth : slice;  // the projection comes after the slices
  const pixels = await decode(data.grey[i]);
  const numbers = data.labels.length > 0 ? await decode(data.labels[i]) : null;
  if (mine !== ticket) return;  // another was asked for meanwhile
  grey = pixels;
  labels = new Uint32Array(width * height);
  if (numbers !== null)
    for (let k = 0, from = 0; k < labels.length; ++k, from += 4)
      labels[k] = numbers[from] << 16 | numbers[from + 1] << 8 | numbers[from + 2];
  if (slider !== null) {
    const z = slice * data.stepZ;
    element('where').textContent = projected ? 'all slices'
        : 'slice ' + z + ' (0 to ' + data.lastSlice + ')' +
          (data.sizeZ > 0 ? ', ' + text(z * data.sizeZ) + ' ' + data.unit : '');
  }
  draw();
  canvas.dataset.shown = projected ? 'projection' : String(slice);
}

function draw() {
  if (grey === null) return;
  const w = canvas.width, h = canvas.height, thick = Math.max(1, Math.round(Math.max(w, h) / 1024));
  const picture = context.createImageData(w, h), to = picture.data;
  const column = Number(choice.value), known = new Map();
  const labelAt = (x, y) => labels[Math.floor(y / scale) * width + Math.floor(x / scale)];
  let x0 = w, y0 = h, x1 = -1, y1 = -1;
  for (let y = 0, k = 0; y < h; ++y)
    for (let x = 0; x < w; ++x, k += 4) {
      const from = Math.floor(y / scale) * width + Math.floor(x / scale), label = labels[from];
      let colour = null, cover = 0;
      if (label !== 0) {
        if (!known.has(label)) known.set(label, colourOf(label, column));
        ({colour, cover} = known.get(label));
        const edge = label === selected ? 2 * thick : thick;
        if ((x >= edge && labelAt(x - edge, y) !== label) ||
            (y >= edge && labelAt(x, y - edge) !== label) ||
            (x + edge < w && labelAt(x + edge, y) !== label) ||
            (y + edge < h && labelAt(x, y + edge) !== label)) {
          cover = 1;
          if (label === selected) colour = [255, 255, 255];
        }
        if (label === selected) {
          x0 = Math.min(x0, x); y0 = Math.min(y0, y);
          x1 = Math.max(x1, x); y1 = Math.max(y1, y);
        }
      }
      for (let i = 0; i < 3; ++i)
        to[k + i] = cover > 0 ? (1 - cover) * grey[4 * from] + cover * colour[i] : grey[4 * from];
      to[k + 3] = 255;
    }
  context.putImageData(picture, 0, 0);
  if (x1 < 0) return;
  const margin = 6 * thick;
  for (const [wide, colour] of [[4 * thick, '#000'], [2 * thick, '#fd0']]) {
    context.lineWidth = wide;
    context.strokeStyle = colour;
    context.strokeRect(x0 - margin, y0 - margin, x1 - x0 + 1 + 2 * margin,
                       y1 - y0 + 1 + 2 * margin);
  }
}

function cell(row, kind, content) {
  const made = document.createElement(kind);
  made.textContent = content;
  row.append(made);
  return made;
}

// ---- the table: so many rows in one order
const mostRows = 1000;
let order = rows.map((row, i) => i), sorted = 0, upwards = true;
function fill() {
  const body = element('rows').querySelector('tbody');
  body.replaceChildren();
  const shown = order.slice(0, mostRows), at = rowOf.get(selected);
  if (at !== undefined && !shown.includes(at)) shown.unshift(at);
  for (const i of shown) {
    const line = body.insertRow();
    line.dataset.label = rows[i][0];
    line.classList.toggle('selected', rows[i][0] === selected);
    for (const value of rows[i]) cell(line, 'td', text(value));
  }
  element('count').textContent = rows.length > mostRows
      ? 'the first ' + mostRows + ' of ' + rows.length + ' in this order' : rows.length + ' in all';
}
function sort(column) {
  upwards = column === sorted ? !upwards : true;
  sorted = column;
  const sign = upwards ? 1 : -1;
  order.sort((a, b) => {
    const left = rows[a][column], right = rows[b][column];
    if (left === null || right === null) return (left === null) - (right === null);
    return sign * (left - right) || a - b;
  });
  [...element('rows').querySelectorAll('th')].forEach((head, i) => {
    head.textContent = columns[i] + (i === column ? (upwards ? ' \u2191' : ' \u2193') : '');
  });
  fill();
}

function select(label) {
  selected = label;
  const box = element('selected');
  box.replaceChildren();
  if (label === 0) {
    box.textContent = 'Click an object, or a row of the table.';
  } else if (!rowOf.has(label)) {
    box.textContent = 'Object ' + label + ' was not measured.';
  } else {
    const lines = document.createElement('table');
    columns.forEach((name, i) => {
      const line = lines.insertRow();
      cell(line, 'td', name);
      cell(line, 'td', text(rows[rowOf.get(label)][i]));
    });
    box.append(lines);
  }
  fill();
  draw();
  const line = element('rows').querySelector('.selected');
  if (line) element('rows').scrollTop = line.offsetTop - element('rows').clientHeight / 2;
}

canvas.addEventListener('click', event => {
  if (labels === null) return;
  const box = canvas.getBoundingClientRect();
  const place = (at, from, size, count) =>
      Math.min(Math.max(Math.floor((at - from) / size * count), 0), count - 1);
  select(labels[place(event.clientY, box.top, box.height, height) * width +
                place(event.clientX, box.left, box.width, width)]);
});
element('rows').querySelector('tbody').addEventListener('click', event => {
  const line = event.target.closest('tr'), label = Number(line.dataset.label);
  const slice = data.sliceOf[rowOf.get(label)];
  select(label);
  if (slider === null || slice < 0) return;
  if (projection.checked && labels.includes(label)) return;
  projection.checked = false;
  slider.value = slice;
  show();
});
if (slider !== null) {
  slider.addEventListener('input', () => { projection.checked = false; show(); });
  projection.addEventListener('change', show);
  document.addEventListener('keydown', event => {
    if (/^(INPUT|SELECT)$/.test(event.target.tagName) && event.target !== projection) return;
    const step = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1}[event.key];
    if (step === undefined) return;
    event.preventDefault();
    slider.value = Number(slider.value) + step;
    projection.checked = false;
    show();
  });
}

columns.forEach((name, i) => {
  if (i > 0) choice.append(new Option('coloured by ' + name, i));
  const head = cell(element('rows').querySelector('thead tr'), 'th', name);
  head.addEventListener('click', () => sort(i));
});
element('gradient').style.background = 'linear-gradient(to right,' +
    anchors.map(colour => 'rgb(' + colour + ')').join() + ')';
choice.addEventListener('change', () => {
  const column = Number(choice.value), [least, most] = ranges[column];
  element('scale').hidden = column === 0 || least > most;
  element('least').textContent = text(least);
  element('most').textContent = text(most);
  draw();
});
choice.value = '0';
select(0);
show();
)js";

/// An 8-bit PNG file, grey or red, green and blue.
std::string png_of(const std::vector<std::uint8_t>& samples, const shape& size, bool is_rgb) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(size.x);
  image.height = static_cast<png_uint_32>(size.y);
  image.format = is_rgb ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  png_alloc_size_t bytes = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string file(bytes, '\0');
  if (png_image_write_to_memory(&image, file.data(), &bytes, 0, samples.data(), 0, nullptr) == 0)
    throw argument_error("write_segmentation_page: " + std::string(image.message));
  file.resize(bytes);
  return file;
}

/// Text or a list for a script; "<" cannot end it there.
std::string for_script(const json& value) {
  std::string text;
  for (const char c : value.dump(-1, ' ', true, json::error_handler_t::replace))
    if (c == '<')
      text += "\\u003c";
    else
      text += c;
  return text;
}

std::size_t rounded_up(std::size_t value, std::size_t factor) {
  return (value + factor - 1) / factor;
}

/// One pixel out of so many along each axis.
struct thinning {
  std::size_t xy = 1, z = 1;

  [[nodiscard]] shape of(const shape& size) const {
    return {rounded_up(size.x, xy), rounded_up(size.y, xy), rounded_up(size.z, z)};
  }
  template <class T>
  [[nodiscard]] std::vector<T> of(view<const T> pixels) const {
    const shape& size = pixels.shape();
    std::vector<T> kept;
    kept.reserve(of(size).pixels());
    for (std::size_t k = 0; k < size.z; k += z)
      for (std::size_t j = 0; j < size.y; j += xy)
        for (std::size_t i = 0; i < size.x; i += xy) kept.push_back(pixels(i, j, k));
    return kept;
  }
};

thinning thinning_to(const shape& size, std::size_t most_pixels) {
  thinning thin;
  while (thin.of(size).pixels() > most_pixels &&
         std::max(size.x, size.y) > std::min<std::size_t>(1024, most_pixels) * thin.xy)
    ++thin.xy;
  while (thin.of(size).pixels() > most_pixels && thin.z < size.z) ++thin.z;
  while (thin.of(size).pixels() > most_pixels && thin.of(size).pixels() > 1) ++thin.xy;
  return thin;
}

/// The slices that are shown, and behind those of a volume their projection.
struct pictures {
  shape size;
  std::vector<std::vector<float>> grey{};
  std::vector<std::vector<std::uint32_t>> labels{};
};

pictures pictures_of(const std::vector<float>& grey, const std::vector<std::uint32_t>& labels,
                     const shape& size) {
  const std::size_t plane = size.x * size.y;
  pictures all{size};
  const auto cut = [&](const auto& from, std::size_t z) {
    const auto first = from.begin() + static_cast<std::ptrdiff_t>(z * plane);
    return std::vector(first, first + static_cast<std::ptrdiff_t>(plane));
  };
  for (std::size_t z = 0; z < size.z; ++z) {
    all.grey.push_back(cut(grey, z));
    all.labels.push_back(cut(labels, z));
  }
  if (size.z == 1) return all;
  auto brightest = all.grey.front();
  auto theirs = all.labels.front();
  for (std::size_t z = 1; z < size.z; ++z)
    for (std::size_t i = 0; i < plane; ++i)
      if (all.grey[z][i] > brightest[i] || std::isnan(brightest[i])) {
        brightest[i] = all.grey[z][i];
        theirs[i] = all.labels[z][i];
      }
  all.grey.push_back(std::move(brightest));
  all.labels.push_back(std::move(theirs));
  return all;
}

/// For each row, the slice in which its object is largest; -1 where it is not in the picture.
std::vector<std::int64_t> slices_of(const table& measurements, const pictures& all) {
  std::unordered_map<std::uint32_t, std::size_t> row_of;
  for (std::size_t i = 0; i < measurements.rows.size(); ++i)
    row_of.emplace(static_cast<std::uint32_t>(measurements.rows[i].front()), i);
  std::vector<std::size_t> most(measurements.rows.size()), counts(most.size());
  std::vector<std::int64_t> slices(most.size(), -1);
  for (std::size_t z = 0; z < all.size.z; ++z) {
    std::fill(counts.begin(), counts.end(), 0);
    for (const std::uint32_t label : all.labels[z])
      if (const auto found = row_of.find(label); label != 0 && found != row_of.end())
        ++counts[found->second];
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (counts[i] > most[i]) {
        most[i] = counts[i];
        slices[i] = static_cast<std::int64_t>(z);
      }
  }
  return slices;
}

std::string rows_for_script(const table& measurements) {
  std::string text = "[";
  for (const auto& row : measurements.rows) {
    text += text.size() == 1 ? "[" : ",\n[";
    for (std::size_t i = 0; i < row.size(); ++i)
      text += (i == 0 ? "" : ",") + (std::isfinite(row[i]) ? brief(row[i], 10) : "null");
    text += "]";
  }
  return text + "]";
}

/// A bar of a round length, about a fifth of the image.
std::string scale_bar(const host_image& image) {
  const double pixel = image.pixel_size[0], whole = pixel * static_cast<double>(image.size.x);
  if (!(pixel > 0) || !std::isfinite(whole)) return "";
  const double power = std::pow(10, std::floor(std::log10(whole / 5)));
  double length = power;
  for (const double factor : {2.0, 5.0})
    if (factor * power <= whole / 4) length = factor * power;
  return "<div class=\"bar\" style=\"width:" + brief(100 * length / whole) + "%\"></div>" +
         brief(length) + " " + escaped(image.unit) + "\n";
}

std::string histogram_of_areas(const table& measurements) {
  const auto& names = measurements.columns;
  const auto column = std::find(names.begin(), names.end(), "area") - names.begin();
  std::vector<double> areas;
  if (static_cast<std::size_t>(column) < names.size())
    for (const auto& row : measurements.rows)
      if (const double area = row[static_cast<std::size_t>(column)]; std::isfinite(area))
        areas.push_back(area);
  if (areas.empty()) return "";
  return histogram_plot({"Areas, n = " + std::to_string(areas.size()), "area, pixels", "objects"},
                        areas);
}

}  // namespace

void write_segmentation_page(const std::string& path, const segmentation_page& page) {
  const shape& whole = page.image.size;
  if (whole.empty() || whole != page.labels.size)
    throw argument_error(
        "write_segmentation_page: image and labels must have pixels and the same "
        "shape, got " +
        to_string(whole) + " and " + to_string(page.labels.size));
  const auto all_labels = page.labels.as<std::uint32_t>();
  const bool are_shown = *std::max_element(all_labels.begin(), all_labels.end()) < std::uint32_t{1}
                                                                                       << 24;
  const thinning thin = thinning_to(whole, page.most_pixels);
  const shape size = thin.of(whole);

  std::string data = "const data={grey:[";
  pictures all;
  {
    const host_image as_float = to_float(page.image);
    const contrast to_grey = contrast_of(as_float.as<float>());
    all = pictures_of(thin.of(as_float.as<float>()), thin.of(all_labels), size);
    std::vector<std::uint8_t> bytes;
    for (const auto& slice : all.grey) {
      bytes.clear();
      std::transform(slice.begin(), slice.end(), std::back_inserter(bytes), to_grey);
      data += "\"" + base64(png_of(bytes, size, false)) + "\",\n";
    }
    data += "],labels:[";
    for (const auto& slice : all.labels) {
      if (!are_shown) break;
      bytes.clear();
      for (const std::uint32_t label : slice)
        for (const int shift : {16, 8, 0})
          bytes.push_back(static_cast<std::uint8_t>(label >> shift & 255));
      data += "\"" + base64(png_of(bytes, size, true)) + "\",\n";
    }
  }
  json outlines = json::array();
  for (const rgb& colour : outline_colours) outlines.push_back(colour);
  const double size_z = page.image.pixel_size[2];
  data += "],width:" + std::to_string(size.x) + ",height:" + std::to_string(size.y) +
          ",depth:" + std::to_string(size.z) + ",stepZ:" + std::to_string(thin.z) +
          ",lastSlice:" + std::to_string(whole.z - 1) +
          ",scale:" + std::to_string(overlay_scale(size)) +
          ",sizeZ:" + (size_z > 0 && std::isfinite(size_z) ? brief(size_z, 10) : "0") +
          ",unit:" + for_script(page.image.unit) + ",outlines:" + for_script(outlines) +
          ",columns:" + for_script(page.measurements.columns) +
          ",sliceOf:" + for_script(slices_of(page.measurements, all)) +
          ",\nrows:" + rows_for_script(page.measurements) + "};\n";

  const auto& pixel = page.image.pixel_size;
  const bool has_aspect = pixel[0] > 0 && pixel[1] > 0;
  const double aspect = static_cast<double>(whole.x) * (has_aspect ? pixel[0] : 1) /
                        (static_cast<double>(whole.y) * (has_aspect ? pixel[1] : 1));
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
      escaped(page.title) + "</title>\n<style>" + style + "</style></head><body>\n<h1>" +
      escaped(page.title) + "</h1>\n";
  if (thin.xy > 1 || thin.z > 1)
    html += "<p>The image is large: one pixel of " + std::to_string(thin.xy) + " along x and y" +
            (thin.z > 1 ? " and one slice of " + std::to_string(thin.z) : std::string{}) +
            " is shown. The measurements are of all.</p>\n";
  if (!are_shown)
    html +=
        "<p>The labels go beyond 16777215, the most that this page can draw: it shows the "
        "image alone.</p>\n";
  html += "<main><div>\n<div class=\"controls\">";
  if (size.z > 1)
    html +=
        "<label for=\"slice\" id=\"where\">slice</label><input type=\"range\" id=\"slice\" "
        "min=\"0\" max=\"" +
        std::to_string(size.z - 1) + "\" value=\"" + std::to_string(size.z / 2) +
        "\" autocomplete=\"off\"><label><input type=\"checkbox\" id=\"projection\" "
        "autocomplete=\"off\">maximum projection</label>";
  html +=
      "<label>objects <select id=\"column\" autocomplete=\"off\"><option value=\"0\">outlines "
      "only</option></select></label></div>\n<figure style=\"width:min(100%,80vh*" +
      brief(aspect) + ")\"><canvas id=\"picture\" style=\"aspect-ratio:" + brief(aspect) +
      "\"></canvas>\n" + scale_bar(page.image) +
      "<div id=\"scale\" hidden><div id=\"gradient\"></div><div class=\"ends\"><span "
      "id=\"least\"></span><span id=\"most\"></span></div></div></figure>\n"
      "</div><div>\n<h2>Object</h2><div id=\"selected\"></div>\n<h2>Segmentation</h2><table>\n";
  for (const auto& [name, value] : page.facts)
    html += "<tr><td>" + escaped(name) + "</td><td>" + escaped(value) + "</td></tr>\n";
  write_text(
      path, html +
                "</table></div></main>\n<h2>Measurements: <span id=\"count\"></span></h2>\n"
                "<div id=\"rows\"><table><thead><tr></tr></thead><tbody></tbody></table></div>\n" +
                histogram_of_areas(page.measurements) + "<h2>Repeat</h2>\n<pre>" +
                escaped(page.command) + "</pre>\n<script>" + data + "</script>\n<script>" + script +
                "</script>\n</body></html>\n");
}

}  // namespace gpuimg::cli
