# The two functions with which every floor declares itself, and the flags they share.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(THREADS_PREFER_PTHREAD_FLAG ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

if(APITOOLKIT_STATIC)
  # The prefix that tools/static_libraries.sh fills comes first, by CMAKE_PREFIX_PATH.
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
  set(PKG_CONFIG_ARGN --static)
endif()

# What more than one floor links; what only one needs, it finds itself.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)

add_library(apitoolkit_flags INTERFACE)
target_include_directories(apitoolkit_flags INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR})
target_compile_options(apitoolkit_flags INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor
                                                  -Woverloaded-virtual -fno-omit-frame-pointer)
target_compile_definitions(apitoolkit_flags INTERFACE APITOOLKIT_VERSION="${PROJECT_VERSION}")
if(APITOOLKIT_WERROR)
  target_compile_options(apitoolkit_flags INTERFACE -Werror)
endif()
if(APITOOLKIT_SANITIZE)
  target_compile_options(apitoolkit_flags INTERFACE -fsanitize=${APITOOLKIT_SANITIZE}
                                                    -fno-sanitize-recover=all)
  target_link_options(apitoolkit_flags INTERFACE -fsanitize=${APITOOLKIT_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The instrumentation hides from GCC 12 that an optional which is read was written, and how long
    # strings are that are put together.
    target_compile_options(apitoolkit_flags INTERFACE -Wno-maybe-uninitialized -Wno-restrict)
  endif()
endif()
if(APITOOLKIT_FUZZ)
  target_compile_options(apitoolkit_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# apitoolkit_library(<floor> SOURCES a.cc… [DEPS target…]): the static library apitoolkit_<floor>.
function(apitoolkit_library floor)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(apitoolkit_${floor} STATIC ${ARG_SOURCES})
  target_link_libraries(apitoolkit_${floor} PUBLIC apitoolkit_flags ${ARG_DEPS})
endfunction()

# apitoolkit_test(<floor> SOURCES a_test.cc… [DEPS target…]): one GoogleTest binary a floor. ctest
# runs it as one test that may run beside the others: a test uses its own ports and directories.
function(apitoolkit_test floor)
  if(NOT APITOOLKIT_TESTS)
    return()
  endif()
  find_package(GTest REQUIRED)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${floor}_test ${ARG_SOURCES})
  target_link_libraries(${floor}_test PRIVATE apitoolkit_${floor} ${ARG_DEPS} GTest::gmock
                                              GTest::gtest_main)
  target_compile_definitions(${floor}_test PRIVATE
                             APITOOLKIT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${floor} COMMAND ${floor}_test WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${floor} PROPERTIES TIMEOUT 300)  # for one that hangs, not for one that is slow
endfunction()

if(APITOOLKIT_TESTS)
  enable_testing()
endif()
