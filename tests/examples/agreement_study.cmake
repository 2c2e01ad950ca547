# SPDX-License-Identifier: BSD-3-Clause
# scripts/agreement_study.sh on two small synthetic images, with gpuimg alone; then how the tables of
# two methods that do not exist are paired. Needs SCRIPT, BIN and WORK.
cmake_minimum_required(VERSION 3.22)

# run(<command>...): must succeed
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output
                  ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN}: ${output}")
  endif()
endfunction()

# expect(<file> <regular expression>...)
function(expect path)
  file(READ ${path} text)
  foreach(expression IN LISTS ARGN)
    if(NOT text MATCHES "${expression}")
      message(SEND_ERROR "${path} has no ${expression}:\n${text}")
    endif()
  endforeach()
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK}/images)
foreach(seed IN ITEMS 1 2)
  run(${BIN}/synthesize ${WORK}/images/field${seed}_img.tif --size 160 12${seed} --nuclei 20
      --radius 8 --seed ${seed} --labels ${WORK}/images/field${seed}_mask.tif)
endforeach()
file(WRITE ${WORK}/images/alone_img.tif "an image without labels is not read")

set(study ${WORK}/study)
run(${CMAKE_COMMAND} -E env IJ_JAR=${WORK}/no.jar ${SCRIPT} --bin ${BIN} --python ${WORK}/no_python
    --images ${WORK}/images --out ${study})
set(same "\\| gpuimg \\| gpuimg_reference")
set(all_identical "([1-9][0-9]+) \\| ([0-9]+) \\| 0 \\| 0 \\| 0 to 0 \\| 0 to 0 \\| 1 \\| yes \\|\n")
expect(${study}/summary.md "\n2 images" "\n- gpuimg: gpuimg [0-9.]+, " "\n- gpuimg_reference: gpuimg "
       "\n- left out: ImageJ " "\n- left out: scikit-image " "\n- left out: SimpleITK "
       "\n- left out: pyclesperanto " "\n## The same labels" "\n## Labels of their own"
       "\n### area, pixels\n" "\n### mean_intensity, grey levels\n" "\n### centroid_y, pixels\n")
file(READ ${study}/summary.md text)
string(REGEX MATCHALL "${same} \\| ${all_identical}" rows "${text}")
list(LENGTH rows count)
if(NOT count EQUAL 8)  # four quantities, twice
  message(SEND_ERROR "${count} rows are identical instead of 8:\n${text}")
endif()
foreach(row IN LISTS rows)
  string(REGEX MATCH "${same} \\| ${all_identical}" ignored "${row}")
  if(NOT CMAKE_MATCH_1 EQUAL CMAKE_MATCH_2)
    message(SEND_ERROR "not all of the pairs are identical: ${row}")
  endif()
endforeach()
foreach(picture IN ITEMS bland_altman scatter histogram)
  expect(${study}/pairs/own/gpuimg-gpuimg_reference/area/${picture}.svg "^<svg " "</svg>\n$")
endforeach()

# A is the truth, B what gpuimg found. Given labels are paired by label, those of their own where they
# match, with what both measured.
set(study ${WORK}/made_up)
foreach(method IN ITEMS A B)
  file(MAKE_DIRECTORY ${study}/methods/${method}/given ${study}/methods/${method}/own)
  file(APPEND ${study}/methods.txt "${method}\n")
endforeach()
file(WRITE ${study}/methods/A/given/x.csv "label,area,centroid_x\n1,100,5\n2,200,6\n3,300,7\n")
file(WRITE ${study}/methods/B/given/x.csv "perimeter,area,label\n9,301,3\n8,201,2\n")
set(gpuimg ${WORK}/study/methods/gpuimg)
foreach(name IN ITEMS field1 field2)
  file(COPY_FILE ${WORK}/study/labels/${name}.tif ${study}/methods/A/own/${name}.tif)
  file(COPY_FILE ${gpuimg}/given/${name}.csv ${study}/methods/A/own/${name}.csv)
endforeach()
file(COPY ${gpuimg}/own DESTINATION ${study}/methods/B)
run(${BIN}/agreement_study pair ${study})
expect(${study}/pairs/given/A-B/A.csv "^area \\(pixels\\)\n200\n300\n$")
expect(${study}/pairs/given/A-B/B.csv "^area \\(pixels\\)\n201\n301\n$")
expect(${study}/pairs/given/A-B/pair.json "\"objects_a\": 3,.*\"objects_b\": 2,.*\"paired\": 2\n")

# gpuimg agree says which objects of two label images match, and their areas.
foreach(name IN ITEMS field1 field2)
  run(${BIN}/gpuimg agree ${study}/methods/A/own/${name}.tif ${study}/methods/B/own/${name}.tif
      --labels --out ${study}/${name})
  file(STRINGS ${study}/${name}/pairs.csv rows REGEX "^[0-9]")
  foreach(row IN LISTS rows)
    string(REGEX MATCH "^([0-9]+),([0-9]+)$" ignored "${row}")
    list(APPEND expected "${CMAKE_MATCH_1},${CMAKE_MATCH_2}")
  endforeach()
endforeach()
file(STRINGS ${study}/pairs/own/A-B/A.csv a)
file(STRINGS ${study}/pairs/own/A-B/B.csv b)
foreach(row_a row_b IN ZIP_LISTS a b)
  string(REGEX REPLACE ",.*" "" row_a "${row_a}")
  string(REGEX REPLACE ",.*" "" row_b "${row_b}")
  list(APPEND found "${row_a},${row_b}")
endforeach()
list(REMOVE_AT found 0)
list(SORT expected)
list(SORT found)
if(NOT found STREQUAL expected)
  message(SEND_ERROR "gpuimg agree pairs the areas ${expected}, the study ${found}")
endif()

# refuses(<error> <argument>...)
function(refuses error)
  execute_process(COMMAND ${SCRIPT} --bin ${BIN} ${ARGN} RESULT_VARIABLE result OUTPUT_QUIET
                  ERROR_VARIABLE errors)
  if(result EQUAL 0 OR NOT errors MATCHES "error: [^\n]*${error}")
    message(SEND_ERROR "${ARGN}: ${result}, ${errors}")
  endif()
endfunction()
refuses("no NAME_img.tif with NAME_mask.tif is in " --images ${study} --out ${WORK}/none)
refuses("holds something else" --images ${WORK}/images --out ${WORK}/images)
refuses("unknown option '--image'" --image ${WORK}/images)
