# Where things lie, the same in the build tree and installed, so that netc finds
# what it needs relative to its own executable:
#
#   bin/netc
#   lib/netc/libnetc_codegen.so   ../lib/netc from the executable
#   share/netc/stdlib/*.np        ../share/netc/stdlib
#   share/netc/explain/*.md       ../share/netc/explain
#   share/netc/explain/c/*        examples with C
set(NETC_DATA_DIR share/netc)

# netc_data(FOLDER PATTERN…): a folder of the source tree that netc reads when it
# runs. The build tree links to it, so that a new file is there at once.
function(netc_data folder)
  file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/${NETC_DATA_DIR}")
  file(CREATE_LINK "${CMAKE_SOURCE_DIR}/${folder}" "${CMAKE_BINARY_DIR}/${NETC_DATA_DIR}/${folder}"
    SYMBOLIC)
  foreach(pattern ${ARGN})
    install(DIRECTORY "${CMAKE_SOURCE_DIR}/${folder}/" DESTINATION ${NETC_DATA_DIR}/${folder}
      FILES_MATCHING PATTERN "${pattern}")
  endforeach()
endfunction()
