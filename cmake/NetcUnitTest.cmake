# netc_unit_test(NAME SOURCES... LIBRARIES...): a GoogleTest binary in
# build/unit/, where the lit suite finds and runs it.
function(netc_unit_test name)
  if(NOT NETC_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/unit")
  target_link_libraries(${name} PRIVATE netc_flags ${ARG_LIBRARIES} GTest::gtest GTest::gtest_main)
endfunction()
