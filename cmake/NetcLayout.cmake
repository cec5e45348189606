# Where things lie, the same in the build tree and installed, so that netc finds
# what it needs relative to its own executable:
#
#   bin/netc
#   lib/netc/libnetc_codegen.so   ../lib/netc from the executable
#   share/netc/stdlib/*.np        ../share/netc/stdlib
#   share/netc/explain/*.md       ../share/netc/explain
set(NETC_PLUGIN_DIR lib/netc)
set(NETC_DATA_DIR share/netc)

# netc_executable(TARGET): what stands in bin/.
function(netc_executable target)
  install(TARGETS ${target} RUNTIME DESTINATION bin)
endfunction()

# netc_plugin(TARGET): a MODULE library that netc opens when it needs it. What it
# is linked from stays inside: only its own entry points are to be seen.
function(netc_plugin target)
  set_target_properties(${target} PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/${NETC_PLUGIN_DIR}" PREFIX lib SUFFIX .so)
  install(TARGETS ${target} LIBRARY DESTINATION ${NETC_PLUGIN_DIR})
endfunction()

# netc_data(FOLDER PATTERN): a folder of the source tree that netc reads when it
# runs. The build tree links to it, so that a new file is there at once.
function(netc_data folder pattern)
  file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/${NETC_DATA_DIR}")
  file(CREATE_LINK "${CMAKE_SOURCE_DIR}/${folder}" "${CMAKE_BINARY_DIR}/${NETC_DATA_DIR}/${folder}"
    SYMBOLIC)
  install(DIRECTORY "${CMAKE_SOURCE_DIR}/${folder}/" DESTINATION ${NETC_DATA_DIR}/${folder}
    FILES_MATCHING PATTERN "${pattern}")
endfunction()
