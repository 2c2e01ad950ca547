# SPDX-License-Identifier: BSD-3-Clause
# Uses the page of a segmentation in headless Chromium as a person does, and looks at what it shows.
# Needs PROGRAM (the tests), BROWSER and WORK.
cmake_minimum_required(VERSION 3.22)

if(NOT BROWSER)
  message(STATUS "skipped: there is no Chromium")
  return()
endif()
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
set(ENV{GPUIMG_TEST_PAGES} ${WORK})
execute_process(COMMAND ${PROGRAM} "[segmentation_page_examples]" RESULT_VARIABLE result
                OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "no pages were written: ${output}")
endif()

# What a person does. The place of an object is that of its mean coordinates, which are inside.
set(use [==[
<script>
(async () => {
  const told = document.createElement('pre');
  told.id = 'told';
  const tell = (name, value) => { told.textContent += name + '=' + value + ';\n'; };
  const until = async (shown) => {
    for (let i = 0; canvas.dataset.shown !== shown && i < 100; ++i)
      await new Promise(done => setTimeout(done, 20));
    tell('shown', canvas.dataset.shown);
  };
  const row = rows[Math.floor(rows.length / 2)], slice = data.sliceOf[rowOf.get(row[0])];
  const pixel = () => context.getImageData((row[2] + 0.5) * scale, (row[3] + 0.5) * scale, 1, 1).data;
  try {
    await until(slider ? slider.value : '0');
    if (slider) {
      slider.value = slice;
      slider.dispatchEvent(new Event('input', {bubbles: true}));
      await until(String(slice));
      tell('slider', canvas.dataset.shown === String(slice) && slice !== data.depth / 2);
    }
    const before = pixel();
    tell('grey', before[0] === before[1] && before[1] === before[2]);
    choice.value = '1';
    choice.dispatchEvent(new Event('change', {bubbles: true}));
    const share = (row[1] - ranges[1][0]) / (ranges[1][1] - ranges[1][0]), after = pixel();
    tell('coloured', viridis(share).every(
        (c, i) => Math.abs(after[i] - (0.4 * before[i] + 0.6 * c)) <= 1));
    tell('legend', !element('scale').hidden &&
        element('least').textContent === text(Math.min(...rows.map(r => r[1]))) &&
        element('most').textContent === text(Math.max(...rows.map(r => r[1]))));
    tell('viridis', [[0, '68,1,84'], [0.25, '59,82,139'], [0.5, '33,145,140'], [1, '253,231,37']].every(
        ([share, colour]) => String(viridis(share)) === colour));
    const box = canvas.getBoundingClientRect();
    canvas.dispatchEvent(new MouseEvent('click', {bubbles: true,
        clientX: box.left + (row[2] + 0.5) / width * box.width,
        clientY: box.top + (row[3] + 0.5) / height * box.height}));
    tell('clicked', selected === row[0]);
    tell('row', element('rows').querySelector('.selected').textContent === row.map(text).join(''));
    tell('details', element('selected').textContent.startsWith('label' + row[0] + 'area' + row[1]));
    element('rows').querySelectorAll('th')[1].click();
    const areas = [...element('rows').querySelectorAll('tbody tr')].map(
        line => Number(line.children[1].textContent));
    tell('sorted', areas.length === rows.length && areas.every((a, i) => !i || a >= areas[i - 1]));
    const other = rows.find(r => data.sliceOf[rowOf.get(r[0])] !== slice) || rows[0];
    element('rows').querySelector('tr[data-label="' + other[0] + '"] td').click();
    tell('found', selected === other[0]);
    const place = String(data.sliceOf[rowOf.get(other[0])]);
    await until(place);
    tell('jumped', canvas.dataset.shown === place);
    if (slider) {
      document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowLeft', bubbles: true}));
      const to = String(Math.max(place - 1, 0));
      await until(to);
      tell('arrow', canvas.dataset.shown === to && slider.value === to);
      projection.click();
      await until('projection');
    }
    tell('done', true);
  } catch (error) { tell('error', error); }
  document.body.append(told);
})();
</script>]==])
set(seen_in_both grey coloured legend viridis clicked row details sorted found jumped done)
set(seen_in_flat ${seen_in_both})
set(seen_in_volume ${seen_in_both} slider arrow)
foreach(page IN ITEMS flat volume)
  file(APPEND ${WORK}/${page}.html "${use}")
  execute_process(COMMAND ${BROWSER} --headless --no-sandbox --disable-gpu --user-data-dir=${WORK}/profile
                          --virtual-time-budget=10000 --dump-dom file://${WORK}/${page}.html
                  RESULT_VARIABLE result OUTPUT_VARIABLE dom ERROR_VARIABLE errors TIMEOUT 60)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${BROWSER}: ${result}\n${errors}")
  endif()
  string(REGEX MATCH "<pre id=\"told\">[^<]*" told "${dom}")
  foreach(name IN LISTS seen_in_${page})
    if(NOT told MATCHES "[\n>]${name}=true")
      message(SEND_ERROR "${page}: ${name} is not so: ${told}")
    endif()
  endforeach()
  if(page STREQUAL "volume" AND NOT told MATCHES "shown=projection")
    message(SEND_ERROR "${page}: no projection: ${told}")
  endif()
endforeach()
