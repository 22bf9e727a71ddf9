# cmake -DDIST=dir -DOUT=dir -P embed.cmake: turns a built console into assets.S, which takes in its bytes, and assets.cpp,
# the table of console/assets.hpp. DIST/manifest.tsv has a line for each file: path, type, SHA-256, 1 when another content
# would have another name else 0, with a tab between. FILE.br and FILE.gz stand beside each FILE.
cmake_minimum_required(VERSION 3.25)

# A ; would end the element of a list.
file(READ ${DIST}/manifest.tsv text)
string(REPLACE ";" "@semicolon@" text "${text}")
string(REGEX REPLACE "\n+$" "" text "${text}")
string(REPLACE "\n" ";" lines "${text}")
list(SORT lines COMPARE STRING)

set(bytes "")
set(names "")
set(rows "")
set(count 0)

# Takes a file in; `span` becomes the expression of its bytes in the table.
macro(take file)
  file(SIZE ${file} size)
  set(name evidenced_console_${count})
  math(EXPR count "${count} + 1")
  string(APPEND bytes "  .global ${name}\n  .hidden ${name}\n  .balign 16\n${name}:\n  .incbin \"${file}\"\n")
  string(APPEND names "extern const std::byte ${name}[${size}];\n")
  set(span "{${name}, ${size}}")
endmacro()

foreach(line ${lines})
  if(NOT line MATCHES "^([A-Za-z0-9._/-]+)\t([^\t\"\\]+)\t([0-9a-f]+)\t([01])$")
    message(FATAL_ERROR "${DIST}/manifest.tsv: this is no line of it: ${line}")
  endif()
  set(path ${CMAKE_MATCH_1})
  set(digest ${CMAKE_MATCH_3})
  string(REPLACE "@semicolon@" ";" type "${CMAKE_MATCH_2}")
  set(immutable false)
  if(CMAKE_MATCH_4)
    set(immutable true)
  endif()
  file(SHA256 ${DIST}/${path} found)
  if(NOT found STREQUAL digest)
    message(FATAL_ERROR "${DIST}/${path} is not what the manifest says: build the console again")
  endif()
  take(${DIST}/${path})
  set(whole ${size})
  set(row "    {\"${path}\", \"${type}\", \"${digest}\", ${immutable}, ${span}")
  foreach(ending br gz)
    if(NOT EXISTS ${DIST}/${path}.${ending})
      message(FATAL_ERROR "${DIST}/${path}.${ending} is missing: build the console again")
    endif()
    file(SIZE ${DIST}/${path}.${ending} packed)
    set(span "{}")
    if(packed LESS whole)
      take(${DIST}/${path}.${ending})
    endif()
    string(APPEND row ", ${span}")
  endforeach()
  string(APPEND rows "${row}},\n")
endforeach()

# The last section: nothing of this is code, and the stack is not either.
file(WRITE ${OUT}/assets.S "  .section .rodata\n${bytes}  .section .note.GNU-stack,\"\",%progbits\n")
file(WRITE ${OUT}/assets.cpp "#include \"console/assets.hpp\"

#include <algorithm>

extern \"C\" {
${names}}

namespace evidenced::console {
namespace {

constexpr Asset table[] = {
${rows}};
static_assert(std::ranges::is_sorted(table, {}, &Asset::path));

}  // namespace

std::span<const Asset> assets() {
  return table;
}

}  // namespace evidenced::console
")
